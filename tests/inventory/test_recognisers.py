"""What recognises things is told by its own config, whatever its folder is called."""

from __future__ import annotations

import json
from pathlib import Path

from studio.inventory.known import KNOWN
from studio.inventory.recognisers import find_recogniser, recogniser_in
from studio.inventory.stock import take_stock


def folder(weights: Path, name: str, model_type: str, *, has_weights: bool = True) -> Path:
    made = weights / name
    made.mkdir()
    (made / "config.json").write_text(json.dumps({"model_type": model_type}))
    if has_weights:
        (made / "model-00001-of-00002.safetensors").touch()
    return made


def test_a_model_is_known_by_its_config(tmp_path: Path) -> None:
    own = folder(tmp_path, "my-own-words", "clipseg")
    folder(tmp_path, "sam2.1-hiera-tiny", "sam2")

    stock = [found for found in take_stock(tmp_path) if found.path == own]

    assert [(found.kind, found.name, found.is_ready) for found in stock] == [
        ("finder", "my-own-words", True)
    ]
    assert recogniser_in(tmp_path / "sam2.1-hiera-tiny") is None


def test_a_folder_of_the_video_model_holds_the_finder(tmp_path: Path) -> None:
    assert recogniser_in(folder(tmp_path, "sam3", "sam3_video")) == "sam3"


def test_a_config_that_cannot_be_read_is_no_recogniser(tmp_path: Path) -> None:
    own = folder(tmp_path, "broken", "clipseg")
    for text in ("[1, 2]", "{", ""):
        (own / "config.json").write_text(text)
        assert recogniser_in(own) is None


def test_the_best_that_has_its_weights_is_taken(tmp_path: Path) -> None:
    folder(tmp_path, "a", "sam3", has_weights=False)
    wanted = folder(tmp_path, "b", "grounding-dino")
    folder(tmp_path, "c", "clipseg")

    assert find_recogniser(tmp_path, "finder") == wanted
    assert find_recogniser(tmp_path, "captioner") is None


def test_a_licence_stands_beside_every_known_name() -> None:
    assert all(known.licence and known.gigabytes > 0 for known in KNOWN)
