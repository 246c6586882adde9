"""Scenes on disk: each format out and back in, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from studio.files.coco_file import pack_counts, unpack_counts
from studio.files.picture_file import save_picture
from studio.files.scene_file import list_scenes, read_scene, write_scene
from studio.scene.coverage import label_map
from studio.scene.errors import SceneFileError
from studio.scene.mask import Mask
from studio.scene.region import Region
from studio.scene.run_lengths import encode_runs
from studio.scene.scene import Scene
from tests.builders import box_mask, small_picture, two_region_scene


def side_by_side() -> Scene:
    """Regions that do not overlap, so that a label map keeps all of them."""
    left = Region(Mask(box_mask(20, 10, 0, 0, 8, 10)), "ein Löwe \u2603", name="lion", gamma=0.2)
    right = Region(Mask(box_mask(20, 10, 12, 2, 20, 9)), "a penguin")
    return Scene(20, 10, "two animals", [left, right])


def write_published(folder: Path, content: Any, colours: dict[str, tuple[int, int, int]]) -> Path:
    """A 4 x 2 label map, one letter a pixel of "aabb/aabb", and its JSON."""
    picture = np.array([[colours[letter] for letter in "aabb"]] * 2, np.uint8)
    folder.mkdir(exist_ok=True)
    Image.fromarray(picture).save(folder / "s.png")
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / "s.json").write_text(text)
    return folder / "s.json"


POLYGONS = Path(__file__).parent.parent / "data" / "coco" / "polygons.json"
RED, BLUE = (255, 0, 0), (0, 0, 255)
COLOURS = {"a": RED, "b": BLUE}


@pytest.mark.parametrize("target", ["scene.json", "scene.png", "scene.coco.json", "folder"])
def test_what_is_written_is_read_back(tmp_path: Path, target: str) -> None:
    lost = write_scene(side_by_side(), tmp_path / target)
    assert lost == ()
    assert read_scene(tmp_path / target) == side_by_side()


@pytest.mark.parametrize("target", ["scene.coco.json", "folder"])
def test_overlaps_survive_where_the_format_can_hold_them(tmp_path: Path, target: str) -> None:
    write_scene(two_region_scene(), tmp_path / target)
    assert read_scene(tmp_path / target) == two_region_scene()


def test_a_label_map_keeps_what_is_seen(tmp_path: Path) -> None:
    scene = two_region_scene()
    write_scene(scene, tmp_path / "a.json")
    assert np.array_equal(label_map(read_scene(tmp_path / "a.png")), label_map(scene))


def test_a_region_covered_by_others_is_told_when_written(tmp_path: Path) -> None:
    scene = side_by_side()
    scene = scene.with_region(Region(Mask(np.ones((10, 20), np.bool_)), "fog"))
    lost = write_scene(scene, tmp_path / "a.json")
    assert len(lost) == 2
    assert "a penguin" in lost[1]
    assert [region.caption for region in read_scene(tmp_path / "a.json").regions] == ["fog"]


def test_the_published_format(tmp_path: Path) -> None:
    content = {
        "caption": "animals",
        "seed": 23443,
        "segments_info": [
            {"color": [0, 0, 255], "text": "a lion"},
            {"color": [9, 9, 9], "text": "nowhere"},
        ],
    }
    path = write_published(tmp_path, content, COLOURS)
    (entry,) = list_scenes(path)
    loaded = entry.load()
    assert loaded.request.sampling.seed == 23443
    assert [region.caption for region in loaded.request.scene.regions] == ["a lion"]
    assert loaded.request.scene.regions[0].mask.pixels.tolist() == [[False, False, True, True]] * 2
    assert loaded.notices == ("'nowhere' was skipped: no pixel has [9, 9, 9].",)


def test_a_caption_may_be_absent(tmp_path: Path) -> None:
    content = {"segments_info": [{"color": [255, 0, 0], "text": "a"}]}
    assert read_scene(write_published(tmp_path, content, COLOURS)).caption is None


SEGMENT = {"color": [255, 0, 0], "text": "a"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("not json", "is not JSON"),
        ("", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "one JSON object"),
        ({}, "lacks the list 'segments_info'"),
        ({"segments_info": {}}, "lacks the list 'segments_info'"),
        ({"segments_info": [7]}, "is not an object"),
        ({"segments_info": [{"text": "a"}]}, "lacks 'color'"),
        ({"segments_info": [{"color": [255, 0, 0]}]}, "lacks 'text'"),
        ({"segments_info": [{"color": "red", "text": "a"}]}, "must be"),
        ({"segments_info": [{"color": [256, 0, 0], "text": "a"}]}, "must be"),
        ({"segments_info": [{"color": [255, 0, 0], "text": 3}]}, "must be text"),
        ({"segments_info": [SEGMENT, SEGMENT]}, "twice"),
        ({"segments_info": [{**SEGMENT, "gamma": 2}]}, "Gamma is 2"),
        ({"segments_info": [SEGMENT], "caption": 3}, "must be text"),
        ({"segments_info": [SEGMENT], "seed": "x"}, "whole number"),
        ({"segments_info": [SEGMENT], "seed": -4}, "seed is -4"),
    ],
)
def test_a_damaged_scene_file_is_named(tmp_path: Path, content: Any, words: str) -> None:
    path = write_published(tmp_path, content, COLOURS)
    with pytest.raises(SceneFileError, match=words) as refusal:
        list_scenes(path)[0].load()
    assert "s.json" in str(refusal.value) or "s:" in str(refusal.value)


def test_a_json_without_its_label_map(tmp_path: Path) -> None:
    path = write_published(tmp_path, {"segments_info": [SEGMENT]}, COLOURS)
    path.with_suffix(".png").unlink()
    with pytest.raises(SceneFileError, match=r"s\.png does not exist"):
        read_scene(path)
    path.with_suffix(".png").write_bytes(b"")
    with pytest.raises(SceneFileError, match="empty file"):
        read_scene(path)


def test_a_text_file_in_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SceneFileError, match="not UTF-8"):
        read_scene(tmp_path / "a.json")


def test_a_mask_folder_with_the_short_captions(tmp_path: Path) -> None:
    Image.fromarray(box_mask(8, 4, 0, 0, 4, 4)).save(tmp_path / "01.png")
    Image.fromarray(box_mask(8, 4, 2, 0, 8, 4)).convert("RGB").save(tmp_path / "02.png")
    Image.new("L", (8, 4)).save(tmp_path / "other.png")
    captions = {"01.png": "left", "02.png": "right", "caption": "both", "seed": 3}
    (tmp_path / "captions.json").write_text(json.dumps(captions))
    loaded = list_scenes(tmp_path)[0].load()
    assert [region.caption for region in loaded.request.scene.regions] == ["left", "right"]
    assert loaded.request.scene.caption == "both"
    assert loaded.request.sampling.seed == 3
    assert loaded.notices == ("other.png was skipped: captions.json does not name it.",)


@pytest.mark.parametrize(
    ("captions", "words"),
    [
        ({"../01.png": "a"}, "not a file name"),
        ({"..\\01.png": "a"}, "not a file name"),
        ({"no.png": "a"}, "does not exist"),
        ({"caption": "a"}, "names no mask"),
        ({"01.png": 3}, "must be text"),
        ({"01.png": "a", "small.png": "b"}, "is 4 x 4 pixels; the scene is 8 x 4"),
        ({"black.png": "a"}, "no white pixel"),
        ({"colour.png": "a"}, "black and white only"),
        ({"regions": [{"caption": "a"}]}, "lacks 'mask'"),
    ],
)
def test_a_damaged_mask_folder_is_named(tmp_path: Path, captions: Any, words: str) -> None:
    Image.fromarray(box_mask(8, 4, 0, 0, 4, 4)).save(tmp_path / "01.png")
    Image.new("L", (4, 4), 255).save(tmp_path / "small.png")
    Image.new("L", (8, 4)).save(tmp_path / "black.png")
    Image.new("RGB", (8, 4), "red").save(tmp_path / "colour.png")
    (tmp_path / "captions.json").write_text(json.dumps(captions))
    with pytest.raises(SceneFileError, match=words):
        read_scene(tmp_path)


def test_a_mask_may_be_a_transparent_drawing(tmp_path: Path) -> None:
    drawing = np.zeros((4, 8, 4), np.uint8)
    drawing[:, :3, 3] = 255  # black on nothing
    Image.fromarray(drawing).save(tmp_path / "01.png")
    (tmp_path / "captions.json").write_text('{"01.png": "a"}')
    assert read_scene(tmp_path).regions[0].mask.area == 12


def coco(segmentation: Any, **more: Any) -> dict[str, Any]:
    return {
        "images": [{"id": 7, "width": 4, "height": 3, "file_name": "street.jpg"}],
        "categories": [{"id": 18, "name": "dog"}],
        "annotations": [
            {"id": 1, "image_id": 7, "category_id": 18, "segmentation": segmentation},
            {"id": 2, "image_id": 7, "caption": "a dog in the street"},
            {"id": 3, "image_id": 8, "category_id": 18, "segmentation": []},
        ],
        **more,
    }


def test_run_lengths_by_hand(tmp_path: Path) -> None:
    """Columns 1 and 2 of a 4 x 3 picture: 3 off, 6 on, 3 off, counted down the columns."""
    for counts in ([3, 6, 3], "363"):
        (tmp_path / "a.json").write_text(json.dumps(coco({"size": [3, 4], "counts": counts})))
        scene = read_scene(tmp_path / "a.json")
        assert scene.regions[0].mask.pixels.tolist() == [[False, True, True, False]] * 3
        assert scene.regions[0].caption == "dog"
        assert scene.caption == "a dog in the street"


def test_compressed_counts_as_cocos_own_library_writes_them() -> None:
    """By hand from maskApi.c. 47 = 1 01111 in bits: 15 with the go-on bit 32, then 1.

    20 = 10100 has its top bit set, so a 0 must follow lest it reads as negative. The fourth is
    stored as its change from the second: 13 - 20 = -7 = 11001.
    """
    assert pack_counts([47]) == chr(48 + 15 + 32) + chr(48 + 1)
    assert pack_counts([1, 20, 3, 13]) == "1" + chr(48 + 20 + 32) + "0" + "3" + chr(48 + 0b11001)
    assert unpack_counts("1d03I") == [1, 20, 3, 13]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 70_000), max_size=30))
def test_any_counts_and_back(counts: list[int]) -> None:
    assert unpack_counts(pack_counts(counts)) == counts


def test_a_polygon_covers_the_pixels_inside_it_and_no_more(tmp_path: Path) -> None:
    """A square of 2 x 2 and a line, which covers nothing."""
    content = coco([[0, 0, 2, 0, 2, 2, 0, 2], [3, 0, 3, 2, 3, 1]])
    (tmp_path / "a.json").write_text(json.dumps(content))
    mask = read_scene(tmp_path / "a.json").regions[0].mask
    assert mask.pixels.tolist() == [[True, True, False, False]] * 2 + [[False] * 4]


def test_polygons_side_by_side_share_no_pixel_and_leave_none_out(tmp_path: Path) -> None:
    squares = [(5, 5), (15, 5), (5, 15), (15, 15)]
    annotations = [
        {
            "id": number,
            "image_id": 7,
            "segmentation": [[x, y, x + 10, y, x + 10, y + 10, x, y + 10]],
        }
        for number, (x, y) in enumerate(squares)
    ]
    images = [{"id": 7, "width": 30, "height": 30}]
    (tmp_path / "a.json").write_text(json.dumps(coco([], images=images, annotations=annotations)))
    masks = [region.mask for region in read_scene(tmp_path / "a.json").regions]
    assert [mask.area for mask in masks] == [100] * 4
    assert np.array_equal(
        np.sum([mask.pixels for mask in masks], axis=0), box_mask(30, 30, 5, 5, 25, 25)
    )


def test_polygons_are_drawn_as_by_cocos_own_library(tmp_path: Path) -> None:
    """`counts` is what pycocotools 2.0.11 gave for them: merge(frPyObjects(polygons, ...))."""
    for case in json.loads(POLYGONS.read_text()):
        images = [{"id": 7, "width": case["width"], "height": case["height"]}]
        (tmp_path / "a.json").write_text(json.dumps(coco(case["polygons"], images=images)))
        expected = unpack_counts(case["counts"])
        found = read_scene(tmp_path / "a.json").regions
        pixels = found[0].mask.pixels if found else np.zeros((1, sum(expected)), np.bool_)
        assert encode_runs(np.transpose(pixels)) == expected, case["polygons"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (coco("rubbish"), "annotation 1: the segmentation is"),
        (coco([[0, 0, 1]]), "flat list"),
        (coco([[0, 0, 1, 1]]), "three or more"),
        (coco([[0, 0, 1, 1, float("nan"), 2]]), "NaN is no number"),
        (coco([[0, 0, 1, 1, 1e6, 2]]), "three or more"),
        (coco([[0, 0, 9e4, 9e4] * 80]), "outline is longer than 200000 pixels"),
        (coco({"size": [3, 4], "counts": [3, 1e300]}), "do not fit 4 x 3"),
        (coco([["a", 0, 1, 1, 2, 2]]), "flat list"),
        (coco({"size": [3, 4], "counts": [3, 6]}), "do not fit 4 x 3"),
        (coco({"size": [3, 4], "counts": [-3, 6, 9]}), "do not fit 4 x 3"),
        (coco({"size": [4, 3], "counts": [12]}), "the mask's size"),
        (coco({"size": [3, 4], "counts": "\u00e4\u00f6"}), "damaged"),
        (coco({"size": [3, 4], "counts": None}), "damaged"),
        (coco([], images=[{"id": 7, "width": 10**9, "height": 3}]), "1000000000 x 3"),
        (coco([], images=[{"id": 7}]), "'width' is None"),
    ],
)
def test_damaged_coco_is_named(tmp_path: Path, content: Any, words: str) -> None:
    (tmp_path / "a.json").write_text(json.dumps(content))
    with pytest.raises(SceneFileError, match=words):
        read_scene(tmp_path / "a.json")


def test_a_coco_file_holds_as_many_scenes_as_images(tmp_path: Path) -> None:
    images = [{"id": n, "width": 4, "height": 3, "file_name": f"{n}.jpg"} for n in (7, 9)]
    (tmp_path / "a.json").write_text(json.dumps(coco([[0, 0, 3, 0, 3, 2]], images=images)))
    assert [entry.name for entry in list_scenes(tmp_path / "a.json")] == ["7", "9"]
    with pytest.raises(SceneFileError, match="holds 2 scenes"):
        read_scene(tmp_path / "a.json")


def test_a_picture_of_ours_is_a_scene_with_its_settings(tmp_path: Path) -> None:
    picture = small_picture(gamma=0.4, seed=9)
    save_picture(picture, tmp_path / "ours.png")
    assert read_scene(tmp_path / "ours.png") == picture.request.scene
    assert list_scenes(tmp_path / "ours.png")[0].load().request == picture.request


def test_a_folder_of_scenes_in_every_format(tmp_path: Path) -> None:
    write_scene(side_by_side(), tmp_path / "b.json")
    write_scene(side_by_side(), tmp_path / "c.coco.json")
    write_scene(side_by_side(), tmp_path / "d")
    save_picture(small_picture(side_by_side()), tmp_path / "a.png")
    Image.new("RGB", (20, 20)).save(tmp_path / "photo.png")
    found = list_scenes(tmp_path)
    assert [entry.name for entry in found] == ["a", "b", "c", "d"]
    assert all(entry.load().request.scene == side_by_side() for entry in found)


def test_a_broken_file_of_a_folder_stands_for_itself_alone(tmp_path: Path) -> None:
    write_scene(side_by_side(), tmp_path / "whole.json")
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "index.json").write_text("[1, 2]")  # a list is no scene of any format
    broken, whole = list_scenes(tmp_path)
    assert whole.load().request.scene == side_by_side()
    with pytest.raises(SceneFileError, match=r"broken\.json is not JSON"):
        broken.load()


def test_a_path_without_a_scene(tmp_path: Path) -> None:
    with pytest.raises(SceneFileError, match="does not exist"):
        read_scene(tmp_path / "no.json")
    with pytest.raises(SceneFileError, match="holds no scene"):
        read_scene(tmp_path)
    Image.new("RGB", (20, 20)).save(tmp_path / "photo.png")
    with pytest.raises(SceneFileError, match="holds no recipe"):
        read_scene(tmp_path / "photo.png")
    with pytest.raises(SceneFileError, match="written as"):
        write_scene(side_by_side(), tmp_path / "a.txt")
