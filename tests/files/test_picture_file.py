"""Saving a picture with its recipe, and reading the request back."""

from __future__ import annotations

import io
import json
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from studio.files.photo_file import open_photo
from studio.files.picture_file import (
    has_recipe,
    picture_bytes,
    read_recipe,
    read_request,
    save_picture,
)
from studio.files.recipe import (
    request_from_json,
    request_to_json,
    scene_from_json,
    scene_to_json,
)
from studio.files.storage import write_atomic
from studio.scene.errors import BadInput, PictureFileError, RequestError, StorageError
from studio.scene.mask import Mask
from studio.scene.photo_edit import PhotoEdit
from studio.scene.region import Click, Region
from studio.scene.request import RenderRequest, Sampling
from studio.scene.scene import MOST_REGIONS, Scene
from tests.builders import small_picture, two_region_scene


def test_the_request_comes_back_out_of_the_picture(tmp_path: Path) -> None:
    picture = small_picture(
        gamma=0.3, seed=7, steps=5, isolation_blocks=(1, 3), sigmas=(1.0, 0.5), count=2
    )
    save_picture(picture, tmp_path / "new folder" / "a.png", index=1)
    assert read_request(tmp_path / "new folder" / "a.png") == picture.request
    recipe = read_recipe(tmp_path / "new folder" / "a.png")
    assert recipe["index"] == 1
    assert recipe["made_with"] == {"model": "none", "weights": "0f"}


def test_the_same_recipe_gives_the_same_bytes() -> None:
    assert picture_bytes(small_picture(seed=3)) == picture_bytes(small_picture(seed=3))
    assert picture_bytes(small_picture(seed=3)) != picture_bytes(small_picture(seed=4))


def test_everything_about_a_region_survives() -> None:
    region = Region(
        two_region_scene().regions[0].mask,
        caption="<b>grün</b> 漢字 \ud800 \0",
        name="n",
        gamma=0.25,
        is_visible=False,
        is_locked=True,
        clicks=(Click(1.5, 2, 1), Click(3, 4, 0)),
    )
    scene = Scene(32, 24, caption=None, regions=[region])
    picture = small_picture(scene)
    again = request_from_json(request_to_json(picture.request)).scene
    assert again == scene
    kept = scene_from_json(scene_to_json(scene, with_identities=True))
    assert kept.regions[0].identity == region.identity


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2**16 - 1).filter(bool), st.text(max_size=8)), max_size=6),
    st.none() | st.text(max_size=8),
)
def test_any_scene_survives(shapes: list[tuple[int, str]], caption: str | None) -> None:
    regions = [
        Region(Mask(np.array([bits >> i & 1 for i in range(16)], np.bool_).reshape(4, 4)), text)
        for bits, text in shapes
    ]
    scene = Scene(4, 4, caption, regions)
    assert scene_from_json(scene_to_json(scene)) == scene


def test_as_many_regions_as_there_may_be_share_a_layer_until_they_overlap() -> None:
    cells = np.arange(300).reshape(15, 20) // 3
    regions = [Region(Mask(cells == cell), str(cell)) for cell in range(MOST_REGIONS)]
    content = scene_to_json(Scene(20, 15, None, regions))
    assert len(content["layers"]) == 1
    assert scene_from_json(content) == Scene(20, 15, None, regions)
    regions[-1] = Region(Mask(cells >= 0), "fog")
    content = scene_to_json(Scene(20, 15, None, regions))
    assert len(content["layers"]) == 2
    assert scene_from_json(content) == Scene(20, 15, None, regions)


def test_a_long_recipe_stays_readable_by_other_programs(tmp_path: Path) -> None:
    scene = Scene(32, 24, "x" * 1_200_000, two_region_scene().regions)
    save_picture(small_picture(scene), tmp_path / "long.png")
    assert read_request(tmp_path / "long.png").scene == scene
    Image.open(tmp_path / "long.png").load()


def test_a_foreign_picture_holds_no_recipe(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    Image.new("RGB", (20, 20)).save(path)
    assert not has_recipe(path)
    with pytest.raises(PictureFileError, match="holds no recipe"):
        read_request(path)
    with pytest.raises(PictureFileError, match="cannot be read"):
        read_request(tmp_path / "no.png")
    path.write_bytes(b"")
    with pytest.raises(PictureFileError, match="is not a PNG"):
        read_request(path)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_byte_is_noticed_or_harmless(position: int, flip: int) -> None:
    content = bytearray(picture_bytes(small_picture()))
    content[position % len(content)] ^= flip
    try:
        read_recipe(bytes(content))
    except PictureFileError:
        return
    raise AssertionError("a changed byte went unnoticed")


def test_a_recipe_is_checked_like_anything_else_from_outside(tmp_path: Path) -> None:
    recipes = {
        "[]": "damaged",
        "{": "damaged",
        "[" * 100_000: "damaged",
        '{"version": 99}': "Update it",
        '{"version": 1, "scene": {}, "sampling": {"gamma": 5}}': "'width'",
        '{"version": 1, "sampling": {"__class__": 1}}': "__class__",
    }
    for text, words in recipes.items():
        info = PngImagePlugin.PngInfo()
        info.add_itxt("seg2any", text)
        file = io.BytesIO()
        Image.new("RGB", (20, 20)).save(file, "PNG", pnginfo=info)
        (tmp_path / "a.png").write_bytes(file.getvalue())
        with pytest.raises(PictureFileError, match=words):
            read_request(tmp_path / "a.png")


def test_a_recipe_bomb_is_refused(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_itxt("seg2any", "x" * (65 * 2**20), zip=True)
    Image.new("RGB", (20, 20)).save(tmp_path / "bomb.png", pnginfo=info)
    with pytest.raises(PictureFileError, match="over 64 MB"):
        read_request(tmp_path / "bomb.png")


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("scene", "width"), 0),
        (("scene", "width"), "32"),
        (("scene", "height"), 10**9),
        (("scene", "layers"), ["rubbish"]),
        (("scene", "layers"), []),
        (("scene", "regions"), [{"caption": "a", "layer": 0, "label": 200}]),
        (("scene", "regions"), [{"caption": 3, "layer": 0, "label": 1}]),
        (("scene", "regions"), [{"caption": "", "layer": 0, "label": 1, "gamma": float("nan")}]),
        (("scene", "regions"), [{"caption": "", "layer": 0, "label": 1, "clicks": [["x"]]}]),
        (("scene", "regions"), [1]),
        (("sampling", "gamma"), float("nan")),
        (("sampling", "steps"), 10**9),
        (("sampling", "seed"), 1.5),
        (("sampling", "isolation_blocks"), "all"),
        (("sampling", "sigmas"), [float("inf")]),
        (("sampling", "sigmas"), [None]),
        (("sampling", "mask_method"), ["isolate"]),
    ],
)
def test_wrong_values_are_named(where: tuple[str, str], value: object) -> None:
    content = request_to_json(small_picture().request)
    content[where[0]][where[1]] = value
    with pytest.raises(BadInput):
        request_from_json(content)


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_atomic(path, b"old")
    with pytest.raises(TypeError):
        write_atomic(path, "no bytes")  # pyright: ignore[reportArgumentType]
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    (tmp_path / "folder").mkdir()
    with pytest.raises(StorageError, match="folder was not written"):
        write_atomic(tmp_path / "folder", b"new")
    with pytest.raises(StorageError):
        write_atomic(path / "below a file.txt", b"new")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.txt", "folder"]


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit on the size of files")
def test_a_full_disk_is_told_and_leaves_no_half_file(tmp_path: Path) -> None:
    script = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from studio.files.storage import write_atomic\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "write_atomic(Path(sys.argv[1]), bytes(5000))\n"
    )
    target = tmp_path / "a.bin"
    answer = subprocess.run(
        [sys.executable, "-c", script, str(target)], capture_output=True, text=True, check=False
    )
    assert "StorageError" in answer.stderr
    assert "was not written" in answer.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_written_file_has_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    write_atomic(tmp_path / "ours", b"")
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("usual", "ours")}
    assert len(modes) == 1


def test_sigmas_are_checked() -> None:
    with pytest.raises(RequestError, match="sigma"):
        RenderRequest(two_region_scene(), Sampling(sigmas=(1.0, float("nan"))))


def test_a_recipe_from_before_thin_regions_is_made_the_published_way() -> None:
    request = RenderRequest(two_region_scene(), Sampling())
    assert request.sampling.thin_regions == "share"
    written = request_to_json(request)
    assert request_from_json(written) == request
    del written["sampling"]["thin_regions"]
    assert request_from_json(written) == request.with_sampling(thin_regions="published")


def test_a_way_with_thin_regions_that_is_not_known_is_refused() -> None:
    with pytest.raises(RequestError, match=r"thin_regions is 'some'; .* share, published"):
        Sampling(thin_regions="some")  # type: ignore[arg-type]


def test_an_edit_travels_in_the_recipe_and_names_its_photo() -> None:
    scene = two_region_scene()
    ball = replace(scene.regions[1], seed=7, strength=0.6, feather=2.5)
    photo = np.zeros((scene.height, scene.width, 3), np.uint8)
    edit = PhotoEdit(photo, strength=0.8, feather=4, context=(0, 1, 9, 9), keep_subject=True)
    request = RenderRequest(scene.with_region(ball), Sampling(seed=3), edit)
    content = json.loads(json.dumps(request_to_json(request)))
    assert content["edit"]["photo"] == edit.digest
    back = request_from_json(content)
    assert back == request
    assert (back.scene.regions[1].seed, back.scene.regions[1].feather) == (7, 2.5)
    assert back.edit is not None
    assert np.array_equal(open_photo(back.edit.of_photo(photo)).photo.pixels, photo)
    with pytest.raises(RequestError, match=edit.digest):
        open_photo(back.edit)


def test_what_edits_nothing_is_written_as_before_there_were_edits() -> None:
    content = request_to_json(RenderRequest(two_region_scene()))
    assert "edit" not in content
    assert not {"seed", "strength", "feather"} & set(content["scene"]["regions"][0])


@pytest.mark.parametrize(
    "damage", [{"photo": 3}, {"strength": 0}, {"context": "near"}, {"mood": "calm"}]
)
def test_a_damaged_edit_in_a_recipe_is_refused(damage: dict[str, object]) -> None:
    scene = two_region_scene()
    edit = PhotoEdit(np.zeros((scene.height, scene.width), np.uint8))
    content = request_to_json(RenderRequest(scene, edit=edit))
    content["edit"] |= damage
    with pytest.raises(BadInput):
        request_from_json(content)
