"""Stamping shapes and turning them, as the page and scripts do."""

from __future__ import annotations

from tests.ui.conftest import Page


def test_a_stamp_becomes_a_region_with_its_caption_and_is_undone(page: Page) -> None:
    page.ask("new_scene", width=64, height=48)
    known = page.ask("stamps")["stamps"]
    assert {"caption", "names", "chinese", "size", "loops"} == set(known[0])
    made = page.ask("add_stamp", name="bunny", x=20, y=24, width=30)
    (region,) = made["document"]["regions"]
    assert region["caption"] == "rabbit face"
    left, _, right, _ = region["box"]
    assert abs((right - left) - 30) <= 1
    assert abs((left + right) / 2 - 20) <= 1
    assert page.ask("undo")["document"]["regions"] == []


def test_a_stamp_without_a_place_fits_into_the_middle(page: Page) -> None:
    page.ask("new_scene", width=64, height=48)
    made = page.ask("add_stamp", name="castle", caption="a stone castle", id="0123456789ab")
    (region,) = made["document"]["regions"]
    left, top, right, bottom = region["box"]
    assert (region["id"], region["caption"]) == ("0123456789ab", "a stone castle")
    assert abs(max(right - left, bottom - top) - 0.4 * 48) <= 1
    assert abs((left + right) / 2 - 32) <= 1
    assert abs((top + bottom) / 2 - 24) <= 1


def test_a_region_is_turned_and_mirrored_but_not_while_it_is_locked(page: Page) -> None:
    page.ask("new_scene", width=64, height=48)
    (region,) = page.ask("add_stamp", name="umbrella", width=24)["document"]["regions"]
    left, top, right, bottom = region["box"]
    turned = page.ask("turn_region", region=region["id"], degrees=90, mirrored=True)
    (after,) = turned["document"]["regions"]
    assert abs((after["box"][2] - after["box"][0]) - (bottom - top)) <= 1
    assert abs((after["box"][3] - after["box"][1]) - (right - left)) <= 1
    page.ask("set_region", region=region["id"], locked=True)
    refused = page.refused("turn_region", region=region["id"], degrees=5)
    assert "locked" in refused["error"]


def test_unknown_and_far_stamps_are_refused(page: Page) -> None:
    page.ask("new_scene", width=64, height=48)
    assert "no stamp 'unicycle'" in page.refused("add_stamp", name="unicycle")["error"]
    far = page.refused("add_stamp", name="castle", x=-60, y=0, width=10)
    assert far["error"].startswith("Nothing of the stamp")
    page.refused("add_stamp", name="castle", width=0)
    page.refused("add_stamp", name="castle", degrees=1000)
