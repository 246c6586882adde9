"""Outlines to stamp onto a canvas."""

from __future__ import annotations

import numpy as np
import pytest

from studio.files.stamps import Stamp, known_stamps, stamp_named
from studio.scene.errors import SceneError
from studio.scene.geometry import Extent

EXTENT = Extent(100, 80)
L_SHAPE = Stamp("letter", (), (), (100, 100), ((0, 0, 50, 0, 50, 50, 100, 50, 100, 100, 0, 100),))


def test_a_stamp_lies_where_it_is_put_and_as_wide_as_asked() -> None:
    mask = L_SHAPE.mask(EXTENT, (50, 40), 40)
    assert mask.bounds == (30, 20, 70, 60)
    assert not mask.pixels[22:38, 54:68].any()
    assert mask.pixels[22:38, 32:48].all()
    assert abs(mask.area - 1200) < 70


def test_it_is_mirrored_and_then_turned_clockwise() -> None:
    mirrored = L_SHAPE.mask(EXTENT, (50, 40), 40, mirrored=True).pixels
    assert not mirrored[22:38, 32:48].any()
    turned = L_SHAPE.mask(EXTENT, (50, 40), 40, degrees=90).pixels
    assert not turned[42:58, 54:68].any()  # what was missing above right is missing below right
    both = L_SHAPE.mask(EXTENT, (50, 40), 40, degrees=90, mirrored=True).pixels
    assert not both[22:38, 54:68].any()


def test_what_leaves_the_scene_is_cut_and_nothing_at_all_is_refused() -> None:
    assert L_SHAPE.mask(EXTENT, (100, 80), 40).bounds == (80, 60, 100, 80)
    with pytest.raises(SceneError, match="Nothing of the stamp"):
        L_SHAPE.mask(EXTENT, (-80, 40), 40)


def test_every_stamp_is_one_shape_in_its_own_box() -> None:
    stamps = known_stamps()
    assert len(stamps) > 200
    for stamp in stamps.values():
        points = np.concatenate([np.reshape(loop, (-1, 2)) for loop in stamp.loops])
        assert (points >= 0).all()
        assert (points <= stamp.size).all()
        mask = stamp.mask(Extent(128, 128), (64, 64), 90 * stamp.size[0] / max(stamp.size))
        assert 0.02 < mask.pixels.mean() < 0.6, stamp.caption
        assert stamp.chinese, stamp.caption


def test_a_stamp_is_found_by_each_of_its_words() -> None:
    assert stamp_named(" Teddy  Bear").caption == "teddy bear"
    assert stamp_named("ladybug").caption == "ladybird"
    assert stamp_named("城堡").caption == "castle"
    with pytest.raises(SceneError, match="There is no stamp 'unicycle'"):
        stamp_named("unicycle")
