"""`python -m studio render --photo`, on a tiny random model."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from psd_tools import PSDImage

import studio
from studio.commands.cli import main
from studio.files.mask_file import mask_bytes
from studio.files.photo_file import photo_bytes, read_photo
from studio.files.picture_file import read_recipe
from studio.files.scene_file import write_scene
from studio.scene.mask import Mask
from studio.scene.region import Region
from studio.scene.scene import Scene
from tests.commands.test_render import QUICK
from tests.photo_builders import blank_png, deep, noise, saved

SIZE = (48, 64)


@pytest.fixture
def mask() -> Mask:
    pixels = np.zeros(SIZE, bool)
    pixels[10:30, 20:44] = True
    return Mask(pixels)


@pytest.fixture
def scene(tmp_path: Path, mask: Mask) -> Path:
    path = tmp_path / "ball.json"
    write_scene(Scene(64, 48, None, [Region(mask, "a red ball")]), path, seed=4)
    return path


def edit(scene: Path, photo: Path, out: Path, *more: str) -> int:
    return main(["render", str(scene), "--photo", str(photo), "--out", str(out), *more, *QUICK])


def content(kind: str) -> bytes:
    if kind == "16-bit.png":
        return deep(noise("RGB", np.uint16, SIZE), ".png")
    if kind == "16-bit.tif":
        return deep(noise("RGBA", np.uint16, SIZE), ".tiff")
    format = {"png": "PNG", "jpg": "JPEG", "tif": "TIFF"}[kind.rpartition(".")[2]]
    exif = Image.Exif()
    exif[271] = "Maker"
    mode = "L" if kind.startswith("grey") else "RGB"
    return saved(Image.fromarray(noise(mode, size=SIZE)), format, exif=exif, dpi=(300, 300))


@pytest.mark.parametrize(
    "kind", ["a.png", "grey.png", "16-bit.png", "a.jpg", "a.tif", "16-bit.tif"]
)
def test_a_photo_changes_where_the_scene_says_and_nowhere_else(
    kind: str, scene: Path, mask: Mask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo, out = tmp_path / kind, tmp_path / f"out{Path(kind).suffix}"
    photo.write_bytes(content(kind))
    assert edit(scene, photo, out) == 0
    before, after = read_photo(photo), read_photo(out)
    assert (after.format, after.mode, after.dpi) == (before.format, before.mode, before.dpi)
    differs = before.photo.pixels != after.photo.pixels
    differs = differs if differs.ndim == 2 else differs.any(axis=2)
    told = capsys.readouterr().out
    most = 65535 if "16" in kind else 255
    if kind != "a.jpg":
        assert not differs[~mask.pixels].any()
        assert f"outside: 0 of {most} in 0 of {(~mask.pixels).sum():,} pixels" in told
    assert differs[mask.pixels].any()
    recipe = read_recipe(out)
    assert recipe["edit"]["photo"] == before.photo.digest
    request = studio.read_request(out)
    assert request.scene.regions[0].caption == "a red ball"


def test_a_jpeg_tells_what_moved_beside_the_regions(
    scene: Path, mask: Mask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo, out = tmp_path / "a.jpg", tmp_path / "out.jpg"
    photo.write_bytes(content("a.jpg"))
    assert edit(scene, photo, out) == 0
    gap = abs(read_photo(photo).photo.pixels.astype(int) - read_photo(out).photo.pixels)
    worst = gap.max(axis=2) * ~mask.pixels
    told = capsys.readouterr()
    expected = f"outside: {worst.max()} of 255 in {np.count_nonzero(worst):,} of "
    assert expected in told.out
    assert "JPEG stores blocks of pixels" in told.err


@pytest.mark.parametrize(
    ("matching", "share"), [("--match-colours 0.5", 0.5), ("--no-match-colours", False)]
)
def test_every_option_reaches_the_recipe(
    scene: Path, tmp_path: Path, matching: str, share: float
) -> None:
    photo, out = tmp_path / "a.png", tmp_path / "out.png"
    photo.write_bytes(content("a.png"))
    words = f"--strength 0.7 --feather 3 --context 0,0,64,48 {matching}"
    assert edit(scene, photo, out, *words.split()) == 0
    expected = {
        "photo": read_photo(photo).photo.digest,
        "strength": 0.7,
        "feather": 3.0,
        "context": [0, 0, 64, 48],
        "match_colours": share,
        "keep_subject": False,
        "contact_shadow": False,
    }
    assert read_recipe(out)["edit"] == expected


@pytest.mark.slow
def test_a_kept_subject_keeps_its_pixels(
    tmp_path: Path, mask: Mask, capsys: pytest.CaptureFixture[str]
) -> None:
    scene, photo, out = tmp_path / "s.json", tmp_path / "a.png", tmp_path / "out.png"
    write_scene(Scene(64, 48, "a meadow", [Region(mask, "a cup")]), scene)
    photo.write_bytes(content("a.png"))
    assert edit(scene, photo, out, "--keep-subject") == 0
    same = (read_photo(photo).photo.pixels == read_photo(out).photo.pixels).all(axis=2)
    assert same[mask.pixels].all()
    assert not same[~mask.pixels].all()
    assert f"outside: 0 of 255 in 0 of {mask.area:,} pixels" in capsys.readouterr().out


def test_the_recipe_of_an_edit_makes_it_again_with_its_photo(
    scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo, first, second = tmp_path / "a.png", tmp_path / "b.png", tmp_path / "c.png"
    photo.write_bytes(content("a.png"))
    assert edit(scene, photo, first, "--strength", "0.8") == 0
    assert edit(first, photo, second) == 0
    assert first.read_bytes() == second.read_bytes()
    capsys.readouterr()
    assert main(["render", str(first), "--out", str(tmp_path / "d.png"), *QUICK]) == 2
    assert "name it with --photo" in capsys.readouterr().err


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".ora", ".psd"])
def test_what_is_finished_is_skipped(
    suffix: str, scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo, out = tmp_path / "a.png", tmp_path / f"out{suffix}"
    photo.write_bytes(content("a.png"))
    for expected in ("rendered", "skipped"):
        assert edit(scene, photo, out, "--format", "jsonl") == 0
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert lines[-2]["event"] == expected


def test_layers_are_named_by_their_captions(scene: Path, tmp_path: Path) -> None:
    photo = tmp_path / "a.png"
    photo.write_bytes(content("a.png"))
    assert edit(scene, photo, tmp_path / "out.psd") == 0
    assert edit(scene, photo, tmp_path / "out.ora") == 0
    read = PSDImage.open(tmp_path / "out.psd")
    assert [layer.name for layer in read] == ["photo", "a red ball"]
    with zipfile.ZipFile(tmp_path / "out.ora") as archive:
        assert b'name="a red ball"' in archive.read("stack.xml")
        base = read_photo(archive.read("data/photo.png"))
    assert np.array_equal(base.photo.pixels, read_photo(photo).photo.pixels)


def test_a_folder_of_photos_goes_with_a_folder_of_masks(
    tmp_path: Path, mask: Mask, capsys: pytest.CaptureFixture[str]
) -> None:
    photos, masks, out = tmp_path / "photos", tmp_path / "masks", tmp_path / "out"
    photos.mkdir()
    masks.mkdir()
    (photos / "one.tif").write_bytes(content("a.tif"))
    (photos / "two.png").write_bytes(content("16-bit.png"))
    (photos / "bad.jpg").write_bytes(content("a.jpg")[:400])
    (photos / "clear.png").write_bytes(content("a.png"))
    for name in ("one", "two", "bad"):
        (masks / f"{name}.png").write_bytes(mask_bytes(mask))
    assert edit(masks, photos, out, "--caption", "fields from above") == 2
    told = capsys.readouterr()
    assert sorted(path.name for path in out.iterdir()) == ["one.tif", "two.png"]
    assert "No scene or mask of its name, so left alone: clear.png" in told.err
    assert "bad.jpg is damaged or cut short" in told.err
    assert told.out.count("outside: 0 of") == 2
    assert studio.read_request(out / "one.tif").scene.regions[0].caption == "fields from above"


BAD: dict[str, Any] = {
    "an empty file": (b"", "photo.png is an empty file."),
    "no photo": (b"hello" * 99, "photo.png is not a picture"),
    "cut short": (content("a.png")[:2000], "photo.png is damaged or cut short"),
    "a bomb": (blank_png(16_000, 16_000, rows=0), "photo.png has over 67 megapixels"),
    "100 megapixels": (blank_png(10_000, 10_000), "photo.png has over 67 megapixels"),
    "CMYK": (saved(Image.new("CMYK", (64, 48)), "JPEG"), "photo.png is in CMYK"),
    "animated": (
        saved(
            Image.new("RGB", (64, 48)),
            "GIF",
            save_all=True,
            append_images=[Image.new("RGB", (64, 48), "red")],
        ),
        "photo.png is animated, with 2 frames",
    ),
    "another size": (saved(Image.new("RGB", (65, 48)), "PNG"), "64 x 48"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_photo_that_cannot_be_edited_is_one_sentence_and_nothing_is_written(
    name: str, scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo, out = tmp_path / "photo.png", tmp_path / "new" / "out.png"
    data, sentence = BAD[name]
    photo.write_bytes(data)
    assert edit(scene, photo, out) == 2
    told = [line for line in capsys.readouterr().err.splitlines() if not is_progress(line)]
    assert len(told) == 1, told
    assert sentence in told[0]
    assert not out.parent.exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--strength", "0"], "Strength is 0.0; it must be above 0 and at most 1"),
        (["--strength", "1.5"], "Strength is 1.5"),
        (["--feather", "-1"], "The feather is -1.0"),
        (["--context", "0,0,10,10"], "leaves out a part of what changes"),
        (["--size", "64x64"], "an edited photo keeps its own size"),
        (["--caption", "clouds"], "has colours; a mask is black and white only"),
    ],
)
def test_an_option_that_cannot_be_is_one_sentence(
    words: list[str],
    sentence: str,
    scene: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    photo, out = tmp_path / "photo.png", tmp_path / "out.png"
    photo.write_bytes(content("a.png"))
    source = scene.with_suffix(".png") if "--caption" in words else scene
    assert edit(source, photo, out, *words) == 2
    assert sentence in capsys.readouterr().err
    assert not out.exists()


def test_a_region_outside_the_photo_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outline = {"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[70, 5, 90, 5, 90, 30]]}
    coco = {
        "images": [{"id": 1, "width": 64, "height": 48, "file_name": "a.png"}],
        "categories": [{"id": 1, "name": "ball"}],
        "annotations": [outline],
    }
    (tmp_path / "a.coco.json").write_text(json.dumps(coco))
    (tmp_path / "a.png").write_bytes(content("a.png"))
    assert edit(tmp_path / "a.coco.json", tmp_path / "a.png", tmp_path / "out.png") == 0
    assert "Annotation 1 was skipped: it covers no pixel" in capsys.readouterr().err
    assert (tmp_path / "out.png").read_bytes() == content("a.png")


def test_a_photo_that_may_not_be_written_there_is_one_sentence(
    scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(content("a.png"))
    assert edit(scene, photo, photo / "out.png") == 1
    assert "was not written" in capsys.readouterr().err
    assert photo.read_bytes() == content("a.png")


@pytest.mark.parametrize("words", [["--strength", "0.5"], ["--keep-subject"], ["--caption", "a"]])
def test_an_option_of_photos_needs_one(
    words: list[str], scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["render", str(scene), "--out", str(tmp_path / "o.png"), *words, *QUICK]) == 2
    assert "is about an edited photo; name it with --photo" in capsys.readouterr().err


def test_a_sketch_may_be_saved_as_jpeg_and_tiff(scene: Path, tmp_path: Path) -> None:
    square = tmp_path / "square.json"
    write_scene(Scene(32, 32, None, [Region(Mask(np.eye(32, dtype=bool)), "a line")]), square)
    for suffix in (".jpg", ".tif"):
        out = tmp_path / f"out{suffix}"
        assert main(["render", str(square), "--out", str(out), *QUICK]) == 0
        assert studio.read_request(out).scene == studio.read_scene(square)
        assert Image.open(io.BytesIO(out.read_bytes())).size == (32, 32)


def is_progress(line: str) -> bool:
    return line.startswith("Loading ")


def test_the_original_can_be_made_again_from_its_own_file() -> None:
    photo = read_photo(content("a.jpg"))
    assert photo_bytes(photo, photo.photo.pixels) == photo.original


def test_a_coco_scene_may_be_as_wide_as_a_photo(tmp_path: Path) -> None:
    box = [[8500, 5, 8600, 5, 8600, 12, 8500, 12]]
    coco = {
        "images": [{"id": 1, "width": 9000, "height": 20, "file_name": "a.png"}],
        "categories": [{"id": 1, "name": "ball"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "segmentation": box}],
    }
    (tmp_path / "a.coco.json").write_text(json.dumps(coco))
    assert studio.read_scene(tmp_path / "a.coco.json").extent == (9000, 20)
