"""What lies in the weights folder is found in one place, for every door."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.inventory.hub import find_folder
from studio.inventory.sam2 import SAM2_FILES, find_sam2, sam2_folder
from studio.inventory.stock import locate, take_stock
from studio.scene.errors import MissingWeights


def test_a_half_finished_download_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "sam2.1-hiera-tiny"
    (folder / ".cache" / "huggingface" / "download").mkdir(parents=True)
    (folder / "config.json").touch()
    (folder / "model.safetensors").touch()
    part = folder / ".cache" / "huggingface" / "download" / "abc.incomplete"
    part.touch()
    stock = {found.name: found for found in take_stock(tmp_path)}
    assert "did not finish" in (stock[folder.name].missing or "")
    part.unlink()
    stock = {found.name: found for found in take_stock(tmp_path)}
    assert stock[folder.name].is_ready


def test_adapters_are_found_wherever_they_were_unpacked(tmp_path: Path) -> None:
    folder = tmp_path / "seg2any" / "sacap_1m" / "checkpoint-20000" / "default"
    folder.mkdir(parents=True)
    (folder / "pytorch_lora_weights.safetensors").touch()
    (found,) = (found for found in take_stock(tmp_path) if found.kind == "adapters")
    assert found.path == folder.parent
    assert "without contour branch" in found.note
    assert locate(found.name, tmp_path, "adapters") == str(folder.parent)


def test_a_name_that_is_known_but_not_there_tells_the_command(tmp_path: Path) -> None:
    with pytest.raises(MissingWeights, match="hf download black-forest-labs"):
        locate("flux.1-dev", tmp_path, "base")
    assert locate("owner/model", tmp_path, "base") == "owner/model"
    assert locate(str(tmp_path), tmp_path, "base") == str(tmp_path)


@pytest.mark.parametrize("name", ["./nothing-here", "nothing", "a/b/c"])
def test_a_folder_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(MissingWeights, match="not a folder"):
        find_folder(name, "The base")


def test_the_largest_sam2_that_is_wholly_there_is_preferred(tmp_path: Path) -> None:
    for size in ("tiny", "small", "large"):
        sam2_folder(tmp_path, size).mkdir()
        for file in SAM2_FILES if size != "large" else SAM2_FILES[:1]:
            (sam2_folder(tmp_path, size) / file).touch()

    assert find_sam2(tmp_path) == tmp_path / "sam2.1-hiera-small"
