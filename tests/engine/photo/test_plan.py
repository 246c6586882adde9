"""Which crops the model sees of a photo."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from studio.engine.photo.plan import MOST_TILES, Crop, plan, plan_boxes
from studio.scene.geometry import Bounds, Extent
from studio.scene.photo_edit import PhotoEdit
from studio.scene.region import Region
from studio.scene.request import ResolvedRequest, Sampling
from studio.scene.scene import Scene
from tests.builders import box_mask


def asked(
    width: int, height: int, *boxes: tuple[int, int, int, int], own: int = 256, **edit: Any
) -> ResolvedRequest:
    regions = [Region(box_mask(width, height, *box), "a ball") for box in boxes]
    scene = Scene(width, height, "a field", regions)
    photo = np.zeros((height, width), np.uint8)
    return ResolvedRequest(
        scene,
        Sampling(steps=2),
        PhotoEdit(photo, **edit),
        rendered=scene,
        token_pixels=16,
        model="tiny",
        model_size=Extent(own, own),
    )


def holds(crop: Crop, box: tuple[int, int, int, int]) -> bool:
    left, top, right, bottom = box
    mine = crop.box
    is_high = mine.top <= top and bottom <= mine.bottom
    return is_high and mine.left <= left and right <= mine.right


def test_a_region_is_seen_at_the_photos_own_scale_with_enough_around_it() -> None:
    box = (300, 200, 500, 360)
    (crop,) = plan(asked(1200, 900, box))
    assert crop.extent == crop.box.extent
    assert holds(crop, (220, 120, 580, 440))
    assert crop.extent.is_multiple_of(16)


def test_a_small_region_is_enlarged_at_most_twice() -> None:
    (crop,) = plan(asked(1200, 900, (300, 200, 330, 240)))
    assert crop.extent == (256, 256)
    assert crop.box.extent == (128, 128)


def test_a_crop_stays_within_the_photo_where_what_changes_does() -> None:
    (crop,) = plan(asked(640, 480, (1, 1, 100, 100)))
    assert (crop.box.left, crop.box.top) == (0, 0)
    assert crop.extent == (256, 256)


def test_a_crop_goes_a_token_beyond_the_border_that_what_changes_meets() -> None:
    (crop,) = plan(asked(640, 480, (0, 380, 100, 480)))
    assert -16 <= crop.box.left < -8
    assert 488 < crop.box.bottom <= 496
    assert crop.box.right < 640


@pytest.mark.parametrize("size", [(17, 17), (17, 300), (301, 33), (255, 257)])
def test_odd_and_tiny_photos_are_seen_whole(size: tuple[int, int]) -> None:
    width, height = size
    (crop,) = plan(asked(width, height, (0, 0, width, height - 1)))
    assert crop.extent.is_multiple_of(16)
    assert holds(crop, (0, 0, width, height))
    assert crop.box.extent.width < width + 3 * 16
    assert crop.box.extent.height < height + 3 * 16


def test_distant_regions_have_crops_of_their_own_and_near_ones_share_one() -> None:
    far = plan(asked(4000, 3000, (100, 100, 300, 300), (3500, 2500, 3700, 2700)))
    assert [crop.changes for crop in far] == [(0,), (1,)]
    near = plan(asked(4000, 3000, (100, 100, 200, 200), (220, 100, 300, 200)))
    assert [crop.changes for crop in near] == [(0, 1)]


def test_a_third_region_between_two_joins_them() -> None:
    boxes = [(200, 200, 300, 300), (500, 200, 600, 300), (350, 200, 450, 300)]
    (crop,) = plan(asked(2000, 1000, *boxes))
    assert crop.changes == (0, 1, 2)


def test_what_is_larger_than_the_model_is_made_whole_and_then_in_tiles() -> None:
    box = (0, 0, 3000, 1400)
    first, *tiles = plan(asked(3000, 2000, box))
    assert holds(first, box)
    assert first.scale < 0.3
    assert 2 <= len(tiles) <= MOST_TILES
    assert all(tile.strength < 1 for tile in tiles)
    assert [tile.tile for tile in tiles] == list(range(1, len(tiles) + 1))
    assert {tile.extent for tile in tiles} == {Extent(512, 512)}
    covered = np.zeros((2000, 3000), np.bool_)
    for tile in tiles:
        top, left = max(0, tile.box.top), max(0, tile.box.left)
        covered[top : tile.box.bottom, left : tile.box.right] = True
    assert covered[:1400].all()


def test_flux_sees_two_megapixels() -> None:
    (crop,) = plan(asked(2600, 2000, (500, 400, 1200, 1100), own=1024))
    assert crop.extent == crop.box.extent
    assert crop.extent.width * crop.extent.height <= 2 * 2**20
    first, *_ = plan(asked(6000, 4000, (0, 0, 6000, 4000), own=1024))
    assert first.extent.width * first.extent.height <= 2 * 2**20


def test_the_context_can_be_chosen() -> None:
    box = (300, 200, 500, 360)
    (near,) = plan(asked(1200, 900, box, context="region"))
    (usual,) = plan(asked(1200, 900, box))
    (whole, *_) = plan(asked(1200, 900, box, context="whole"))
    (own, *_) = plan(asked(1200, 900, box, context=(250, 150, 600, 500)))
    assert near.box.extent.width < usual.box.extent.width
    assert holds(whole, (0, 0, 1200, 900))
    assert holds(own, (250, 150, 600, 500))
    assert own.box.extent.width < 350 + 16


def test_a_kept_subject_has_its_world_seen_whole() -> None:
    first, *_ = plan(asked(1200, 900, (300, 200, 500, 360), keep_subject=True))
    assert holds(first, (0, 0, 1200, 900))


def test_the_boxes_that_are_shown_lie_in_the_photo() -> None:
    assert plan_boxes(asked(17, 19, (3, 3, 9, 9))) == (Bounds(0, 0, 17, 19),)
    boxes = plan_boxes(asked(3000, 2000, (0, 0, 3000, 1400)))
    assert len(boxes) == 1
    assert plan_boxes(asked(64, 64)) == ()
