from __future__ import annotations

import base64
import json
import struct
from pathlib import Path

import pytest
from PIL import Image

from studio.files.style_file import find_style, keep_style, list_styles, style_picture
from studio.scene.errors import RequestError
from studio.scene.style import style_digest


def safetensors(metadata: dict[str, str] | None = None, key: str = "a.lora_A.weight") -> bytes:
    """A file with one tensor of two numbers."""
    header = {key: {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]}}
    text = json.dumps({**header, **({"__metadata__": metadata} if metadata else {})}).encode()
    return struct.pack("<Q", len(text)) + text + bytes(8)


def picture(path: Path) -> bytes:
    Image.new("RGB", (4, 4), (200, 160, 90)).save(path)
    return path.read_bytes()


def test_styles_are_listed_with_words_licence_and_digest(tmp_path: Path) -> None:
    tags = {"10_ink": {"ink wash": 40, "paper": 12}, "5_more": {"paper": 60}}
    files = {
        "a": {"modelspec.title": "Sepia", "modelspec.trigger_phrase": "sepia photo, old"},
        "b": {"ss_tag_frequency": json.dumps(tags), "modelspec.license": "CC0-1.0"},
        "c": {"ss_tag_frequency": "[" * 5000},
    }
    for name, metadata in files.items():
        (tmp_path / f"{name}.safetensors").write_bytes(safetensors(metadata))
    (tmp_path / "note.txt").write_text("no style")
    found = list_styles(tmp_path)
    assert [(each.name, each.words) for each in found] == [
        ("Sepia", ("sepia photo", "old")),
        ("b", ("paper", "ink wash")),
        ("c", ()),
    ]
    assert found[1].licence == "CC0-1.0"
    assert find_style(tmp_path, found[1].digest) == tmp_path / "b.safetensors"
    assert find_style(tmp_path, "0" * 32) is None
    assert list_styles(tmp_path / "absent") == []


def test_a_file_that_has_changed_is_another_style(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(safetensors())
    before = list_styles(tmp_path)[0].digest
    path.write_bytes(safetensors({"x": "y"}))
    assert list_styles(tmp_path)[0].digest == style_digest(path) != before


def test_what_is_no_style_is_listed_with_its_fault(tmp_path: Path) -> None:
    whole = safetensors()
    faults = {
        "cut": (whole[:-4], "cut.safetensors is not whole: it announces 8 bytes and holds 4"),
        "empty": (b"", "empty.safetensors is cut or is not safetensors"),
        "huge": (struct.pack("<Q", 2**60), "its header has no possible length"),
        "model": (safetensors(key="blocks.0.weight"), "model.safetensors is no LoRA"),
        "text": (struct.pack("<Q", 4) + b"<htm", "is cut or is not safetensors"),
    }
    for name, (content, _) in faults.items():
        (tmp_path / f"{name}.safetensors").write_bytes(content)
    found = {each.name: each.fault for each in list_styles(tmp_path)}
    for name, (_, reason) in faults.items():
        assert reason in (found[name] or "")


def test_its_picture_lies_beside_a_style_or_inside_it(tmp_path: Path) -> None:
    content = picture(tmp_path / "a.preview.png")
    inside = "data:image/png;base64," + base64.b64encode(content).decode()
    (tmp_path / "a.safetensors").write_bytes(safetensors())
    (tmp_path / "b.safetensors").write_bytes(safetensors({"modelspec.thumbnail": inside}))
    (tmp_path / "c.safetensors").write_bytes(safetensors({"modelspec.thumbnail": "<svg onload>"}))
    (tmp_path / "d.safetensors").write_bytes(safetensors())
    beside, within, odd, none = list_styles(tmp_path)
    assert style_picture(beside) == style_picture(within) == (content, "image/png")
    assert style_picture(odd) is style_picture(none) is None
    assert [each.has_picture for each in (beside, within, none)] == [True, True, False]


def test_an_uploaded_style_is_kept_under_a_harmless_name(tmp_path: Path) -> None:
    kept = keep_style(tmp_path / "styles", "../../My <style>?.safetensors", safetensors())
    assert kept.path == tmp_path / "styles" / "My _style__.safetensors"
    again = keep_style(tmp_path / "styles", "My <style>?.safetensors", safetensors())
    assert again.digest == kept.digest
    assert len(list_styles(tmp_path / "styles")) == 1


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.safetensors", safetensors()[:-1], "a.safetensors is not whole"),
        ("a.safetensors", safetensors(key="x.weight"), "a.safetensors is no LoRA"),
        ("a.safetensors", b"<html>not found</html>", "is cut or is not safetensors"),
        ("a.pt", safetensors(), "is no name for a style"),
        (".safetensors", safetensors(), "is no name for a style"),
        ("taken.safetensors", safetensors(), "There is another style called taken already"),
    ],
)
def test_an_upload_that_is_no_style_is_refused(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    taken = tmp_path / "taken.safetensors"
    taken.write_bytes(safetensors({"mine": "yes"}))
    before = taken.read_bytes()
    with pytest.raises(RequestError, match=reason):
        keep_style(tmp_path, name, content)
    assert [file.name for file in tmp_path.iterdir()] == ["taken.safetensors"]
    assert taken.read_bytes() == before


def test_an_upload_that_is_too_large_says_where_to_put_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.files.style_file.LARGEST_UPLOAD", 10)
    with pytest.raises(RequestError, match="put it into weights/styles"):
        keep_style(tmp_path, "a.safetensors", safetensors())
