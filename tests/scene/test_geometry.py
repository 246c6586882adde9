"""Boxes: what lies around one, and what two have in common."""

from __future__ import annotations

from studio.scene.geometry import Bounds, Extent

PICTURE = Extent(100, 50)


def test_a_box_grows_as_far_as_its_picture_goes() -> None:
    assert Bounds(10, 20, 30, 40).grown(5, PICTURE) == (5, 15, 35, 45)
    assert Bounds(10, 20, 30, 40).grown(15, PICTURE) == (0, 5, 45, 50)
    assert Bounds(90, 0, 100, 50).grown(4, PICTURE) == (86, 0, 100, 50)


def test_two_boxes_overlap_where_both_lie() -> None:
    assert Bounds(0, 0, 20, 20).overlap(Bounds(10, 5, 30, 40)) == (10, 5, 20, 20)
    apart = Bounds(0, 0, 10, 10).overlap(Bounds(15, 0, 20, 10))
    assert apart.right <= apart.left
