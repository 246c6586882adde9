"""Scenes, regions, masks and requests: values that cannot be wrong and never change."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from studio.scene.contour import contour_map
from studio.scene.coverage import (
    Overlap,
    coverage,
    label_map,
    owned_areas,
    owned_masks,
    owned_pixels,
)
from studio.scene.errors import BadInput, RequestError, SceneError, StudioError
from studio.scene.geometry import Bounds, Extent
from studio.scene.mask import Mask
from studio.scene.region import Region
from studio.scene.request import RenderRequest, Sampling
from studio.scene.resize import resize_scene
from studio.scene.scene import Scene
from tests.builders import box_mask, two_region_scene


def test_a_mask_keeps_its_pixels_whatever_happens_to_the_array() -> None:
    pixels = box_mask(8, 8, 1, 1, 3, 3)
    mask = Mask(pixels)
    pixels[:] = True
    assert mask.area == 4
    with pytest.raises(ValueError, match="read-only"):
        mask.pixels[0, 0] = True


def test_masks_are_equal_by_content_and_shape() -> None:
    assert Mask(box_mask(8, 4, 0, 0, 2, 2)) == Mask(box_mask(8, 4, 0, 0, 2, 2))
    assert Mask(np.ones((2, 8), np.bool_)) != Mask(np.ones((4, 4), np.bool_))
    assert len({Mask(box_mask(8, 4, 0, 0, 2, 2)), Mask(box_mask(8, 4, 0, 0, 2, 2))}) == 1


def test_a_masks_bounds_are_half_open() -> None:
    assert Mask(box_mask(9, 7, 2, 1, 5, 6)).bounds == Bounds(2, 1, 5, 6)
    assert Mask(np.zeros((3, 3), np.bool_)).bounds is None


@pytest.mark.parametrize("pixels", [np.ones((2, 2), np.uint8), np.ones((2, 2, 1), np.bool_)])
def test_only_flat_booleans_are_a_mask(pixels: np.ndarray) -> None:
    with pytest.raises(SceneError):
        Mask(pixels)


def test_an_edit_is_a_new_scene() -> None:
    scene = two_region_scene()
    ball = scene.regions[1]
    bigger = scene.with_region(replace(ball, caption="a blue ball"))
    assert [region.caption for region in bigger.regions] == ["green grass", "a blue ball"]
    assert scene.regions[1].caption == "a red ball"
    assert scene.without_region(ball.identity).regions == scene.regions[:1]
    with pytest.raises(FrozenInstanceError):
        scene.width = 3  # pyright: ignore[reportAttributeAccessIssue]


def test_a_new_region_lies_on_top() -> None:
    fog = Region(np.ones((24, 32), np.bool_), "fog")
    assert two_region_scene().with_region(fog).regions[-1] is fog


def test_scenes_are_equal_by_what_is_rendered_not_by_identity() -> None:
    assert two_region_scene() == two_region_scene()
    assert two_region_scene().with_caption(None) != two_region_scene().with_caption("")


@pytest.mark.parametrize(
    "make",
    [
        lambda: Scene(0, 8),
        lambda: Scene(8.5, 8),
        lambda: Scene(True, 8),
        lambda: Scene(8, 100_000),
        lambda: Scene(8, 8, None, [Region(np.zeros((8, 8), np.bool_), "nothing")]),
        lambda: Scene(8, 8, None, [Region(np.ones((4, 8), np.bool_), "small")]),
        lambda: Region(np.ones((4, 8), np.bool_), 3),
        lambda: Region(np.ones((4, 8), np.bool_), "a", gamma=0),
        lambda: Region(np.ones((4, 8), np.bool_), "a", gamma=float("nan")),
        lambda: Scene(8, 8).region("nobody"),
        lambda: Scene("wide", 8),
        lambda: Scene(None, 8),
        lambda: Scene(float("nan"), 8),
        lambda: Scene(8, 8, 5),
        lambda: Scene(8, 8, None, ["a region"]),
        lambda: Region(np.ones((4, 8), np.bool_), "a", gamma="x"),
        lambda: Region(np.ones((4, 8), np.bool_), "a", gamma=True),
        lambda: Region(np.ones((4, 8), np.bool_), "a", name=5),
        lambda: Region(np.ones((4, 8), np.bool_), "a", is_visible="no"),
        lambda: Region(np.ones((4, 8), np.bool_), "a", is_locked=1),
        lambda: Region(np.ones((4, 8), np.bool_), "a", identity=7),
        lambda: Region(np.ones((4, 8), np.bool_), "a", clicks=3),
        lambda: Region(np.ones((4, 8), np.bool_), "a", clicks=((1, 2),)),
        lambda: Region(np.ones((4, 8), np.bool_), "a", clicks=((float("nan"), 2, 1),)),
        lambda: Region(np.ones((4, 8), np.bool_), "a", clicks=((1, 2, 5),)),
    ],
)
def test_what_cannot_be_is_refused(make) -> None:
    with pytest.raises(SceneError) as refusal:
        make()
    assert isinstance(refusal.value, BadInput)
    assert isinstance(refusal.value, StudioError)


@pytest.mark.parametrize(
    "settings",
    [
        {"gamma": 0},
        {"gamma": 1.01},
        {"gamma": True},
        {"gamma": "1"},
        {"steps": 0},
        {"steps": 2.5},
        {"seed": -1},
        {"seed": 2**64},
        {"seed": None},
        {"count": None},
        {"steps": 10**9},
        {"count": 0},
        {"guidance": float("inf")},
        {"true_cfg": -1},
        {"mask_method": "magic"},
        {"overlap": None},
        {"isolation_blocks": 3},
        {"caption_tokens": 0},
        {"use_contour": "no"},
        {"filter_contour": 1},
        {"draft": "x"},
        {"draft": None},
        {"negative_caption": 5},
        {"sigmas": "abc"},
        {"sigmas": 0.5},
        {"sigmas": [1.0, "abc"]},
        {"sigmas": [1.0, None]},
        {"sigmas": [1.0, float("nan")]},
        {"sigmas": [True, 0.5]},
        {"isolation_blocks": "12"},
        {"isolation_blocks": (1.5, 2)},
        {"isolation_blocks": (True, 2)},
        {"isolation_blocks": (1, 2, 3)},
        {"count": float("nan")},
        {"steps": [4]},
        {"overlap": ["top"]},
    ],
)
def test_settings_out_of_range_or_of_another_type_are_refused_by_name(settings: dict) -> None:
    name = "sigma" if "sigmas" in settings else next(iter(settings))
    with pytest.raises(RequestError, match=f"(?i)^(a )?{name}.* must "):
        Sampling(**settings)


def test_isolation_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(RequestError, match="comes after the last"):
        Sampling(isolation_blocks=(5, 2))


def test_a_request_is_changed_by_replacing_what_differs() -> None:
    request = RenderRequest(two_region_scene()).with_sampling(gamma=0.5)
    assert request.sampling == Sampling(gamma=0.5)
    assert request.with_sampling(gamma=1.0) == RenderRequest(two_region_scene())


def test_the_top_region_wins_where_two_overlap() -> None:
    labels = label_map(two_region_scene())
    assert labels[20, 10] == 1
    assert labels[14, 10] == 2
    assert labels[0, 0] == 0


def test_shared_pixels_stay_with_both() -> None:
    shared = coverage(two_region_scene(), "share")
    owned = coverage(two_region_scene(), "top")
    assert shared.masks[:, 14, 10].tolist() == [True, True]
    assert owned.masks[:, 14, 10].tolist() == [False, True]


def test_a_region_under_others_is_hidden_and_an_invisible_one_is_not_there() -> None:
    scene = two_region_scene()
    covered = scene.with_region(Region(np.ones((24, 32), np.bool_), "fog"))
    assert [region.caption for region in coverage(covered).hidden] == ["green grass", "a red ball"]
    unseen = scene.with_region(replace(scene.regions[1], is_visible=False))
    assert [region.caption for region in coverage(unseen).regions] == ["green grass"]


@pytest.mark.parametrize("overlap", ["top", "share"])
def test_every_way_to_ask_who_owns_a_pixel_has_the_same_answer(overlap: Overlap) -> None:
    scene = two_region_scene()
    masks = [region.mask.pixels for region in scene.regions]
    boxes = [region.mask.bounds for region in scene.regions]
    owned = coverage(scene, overlap).masks
    areas = {number: int(mask.sum()) for number, mask in enumerate(owned)}
    assert np.array_equal(np.stack(list(owned_masks(scene, overlap))), owned)
    assert all(np.array_equal(owned_pixels(masks, overlap, n), owned[n]) for n in areas)
    assert owned_areas(masks, overlap, areas) == areas
    assert owned_areas(masks, overlap, areas, boxes) == areas
    assert owned_areas(masks, overlap, [1]) == {1: areas[1]}
    assert owned_areas([], overlap, []) == {}


def test_the_contour_of_a_box_is_its_border() -> None:
    drawn = contour_map([box_mask(6, 6, 1, 1, 5, 5)], Extent(6, 6))
    border = box_mask(6, 6, 1, 1, 5, 5) & ~box_mask(6, 6, 2, 2, 4, 4)
    assert np.array_equal(drawn[..., 0] == 255, border)
    assert drawn.shape == (6, 6, 3)


def test_a_ring_has_two_outlines() -> None:
    ring = box_mask(9, 9, 0, 0, 9, 9) & ~box_mask(9, 9, 3, 3, 6, 6)
    drawn = contour_map([ring], Extent(9, 9))[..., 0]
    assert drawn[0, 4] == 255
    assert drawn[2, 4] == 255
    assert drawn[4, 4] == 0


def test_a_scaled_scene_keeps_sharp_masks_and_tells_what_vanishes() -> None:
    scene = two_region_scene().with_region(Region(box_mask(32, 24, 30, 1, 31, 2), "a bird"))
    doubled, lost = resize_scene(scene, Extent(64, 48))
    assert lost == ()
    assert doubled.regions[1].mask == Mask(box_mask(64, 48, 8, 8, 32, 40))
    halved, lost = resize_scene(scene, Extent(8, 6))
    assert [region.caption for region in halved.regions] == ["green grass", "a red ball"]
    assert "a bird" in lost[0]
    with pytest.raises(SceneError):
        resize_scene(scene, Extent(0, 6))
