"""The palette of stamps: with the mouse, by dragging, and without a mouse."""

from __future__ import annotations

from tests.browser.hands import Hands

BOXES = "seg2any.document.confirmed.regions.map((region) => region.box)"


def test_a_stamp_is_put_down_by_click_by_drag_and_by_key(person: Hands) -> None:
    person.blank()
    page = person.page
    person.key("t")
    search = page.get_by_role("searchbox", name="Find a shape")
    search.fill("castle")
    page.get_by_role("option", name="castle").click()
    person.click(190, 190).settle()
    assert person.captions == ["castle"]
    left, top, right, bottom = person.ask(BOXES)[0]
    assert abs((left + right) / 2 - 190) <= 2
    assert abs((top + bottom) / 2 - 190) <= 2

    search.fill("teddy")  # and dragged out of the palette
    option = page.get_by_role("option", name="teddy bear").bounding_box()
    assert option is not None
    page.mouse.move(option["x"] + 20, option["y"] + 20)
    page.mouse.down()
    page.mouse.move(*person.at(200, 80), steps=6)
    page.mouse.up()
    person.settle()
    assert person.captions == ["castle", "teddy bear"]

    page.get_by_role("button", name="Mirror").first.click()
    search.fill("umbrella")
    search.press("Enter")
    person.settle()
    assert person.captions == ["castle", "teddy bear", "umbrella"]
    assert person.server_labels() == person.shown_labels()


def test_a_region_is_turned_by_its_knob(person: Hands) -> None:
    person.blank()
    person.key("r").drag((60, 100), (100, 120), (200, 140)).name("plank").key("v")
    person.click(130, 120).settle()
    scale = person.ask("seg2any.lens.view.scale")
    knob = 100 - 24 / scale
    person.drag((130, knob), (150, 110), (130 + 20 + 24 / scale, 120)).settle()
    left, top, right, bottom = person.ask(BOXES)[0]
    assert abs((right - left) - 40) <= 2
    assert abs((bottom - top) - 140) <= 2
    assert person.server_labels() == person.shown_labels()
    person.key("Control+z").settle()
    assert person.ask(BOXES)[0] == [60, 100, 200, 140]
