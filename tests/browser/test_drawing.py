"""Drawing, naming and undoing, with mouse and keyboard."""

from __future__ import annotations

import math

import pytest

from tests.browser.hands import Hands, Open


@pytest.mark.slow
def test_each_shape_tool_makes_a_region_that_is_named_on_the_canvas(person: Hands) -> None:
    person.blank()
    person.key("r").drag((0, 160), (120, 200), (256, 256)).name("green meadow")
    person.key("o").drag((150, 20), (200, 60), (215, 85)).name("yellow sun")
    person.key("l").drag((30, 200), (40, 120), (80, 90), (120, 130), (130, 205)).name("red house")
    person.key("b").drag((150, 150), (190, 140), (230, 150)).name("white cloud")
    person.key("p").click(20, 20).click(90, 30).click(60, 70).key("Enter").name("blue bird")
    person.settle()
    assert person.captions == [
        "green meadow",
        "yellow sun",
        "red house",
        "white cloud",
        "blue bird",
    ]
    assert person.server_labels() == person.shown_labels()


def test_the_server_has_the_very_pixels_that_are_shown(person: Hands) -> None:
    """After every way of changing a mask: what is sent is what is seen."""
    person.blank()
    person.key("r").drag((20, 20), (100, 100), (180, 200)).name("wall")
    person.key("o").drag((100, 90), (200, 200), (240, 230)).name("ball")
    person.key("1").key("b").drag((10, 210), (120, 230), (250, 220))
    person.key("e").drag((60, 10), (60, 120), (60, 240))
    person.key("v").drag((150, 150), (160, 170), (171, 183)).key("Shift+ArrowLeft")
    person.key("1").key("g").click(250, 5)
    person.drag((200, 120), (200, 120), button="right").settle()
    assert person.server_labels() == person.shown_labels()
    assert len(person.captions) == 2


def test_shift_adds_alt_takes_away_and_both_intersect(person: Hands) -> None:
    person.blank()
    area = "seg2any.document.confirmed.regions[0].area"
    person.key("r").drag((50, 50), (60, 60), (150, 150)).name("a").key("1").settle()
    assert person.ask(area) == 100 * 100
    for keys, box, expected in [
        (["Shift"], (150, 50, 170, 150), 120 * 100),
        (["Alt"], (50, 50, 60, 150), 110 * 100),
        (["Shift", "Alt"], (0, 0, 256, 100), 110 * 50),
    ]:
        for key in keys:
            person.page.keyboard.down(key)
        left, top, right, bottom = box
        person.drag((left, top), (left + 9, top + 9), (right, bottom))
        for key in keys:
            person.page.keyboard.up(key)
        person.settle()
        assert person.ask(area) == expected


def test_a_stroke_may_leave_the_canvas_and_comes_back_in_one_piece(person: Hands) -> None:
    person.blank()
    x, y = person.at(200, 100)
    person.key("b")
    mouse = person.page.mouse
    mouse.move(x, y)
    mouse.down()
    for point in [(1430, 300), (1430, 895), (300, 895), (20, 30)]:  # over the panels and bars
        mouse.move(*point)
    mouse.move(*person.at(100, 100))
    mouse.up()
    person.name("loop").settle()
    assert person.captions == ["loop"]
    assert person.server_labels() == person.shown_labels()


@pytest.mark.slow
def test_changing_the_tool_keeps_the_strokes(person: Hands) -> None:
    person.blank().key("b").drag((40, 40), (120, 60)).name("one").settle()
    before = person.masks
    for tool in "velrogphzb":
        person.key(tool)
    person.page.click("[data-view=wipe]")
    person.page.click("[data-view=split]")
    person.settle()
    assert person.masks == before
    assert person.server_labels() == person.shown_labels()


MOVES = """async (trail) => {
    const {panes: [{live: canvas}], pointer} = seg2any.stage;
    for (const [index, [clientX, clientY]] of trail.entries()) {
        const at = {clientX, clientY, pointerId: pointer.id, pointerType: "mouse", buttons: 1};
        canvas.dispatchEvent(new PointerEvent("pointermove", at));
        if (index % 20 === 0) await new Promise(requestAnimationFrame);
    }
}"""


def test_a_lasso_of_a_thousand_points(person: Hands) -> None:
    """Between its two ends the moves are told to the canvas in the page, some each frame."""
    person.blank().key("l")
    points = [
        (
            128 + (90 + 9 * math.sin(a * 8)) * math.cos(a),
            128 + (90 + 9 * math.sin(a * 8)) * math.sin(a),
        )
        for a in (i * 2 * math.pi / 1000 for i in range(1000))
    ]
    place = person.ask("seg2any.lens.view")
    corner = person.at(0, 0)
    mouse = person.page.mouse
    mouse.move(corner[0] + points[0][0] * place["scale"], corner[1] + points[0][1] * place["scale"])
    mouse.down()
    trail = [(corner[0] + x * place["scale"], corner[1] + y * place["scale"]) for x, y in points]
    person.ask(f"({MOVES})({[list(at) for at in trail[1:-1]]})")
    mouse.move(*trail[-1])
    mouse.up()
    person.name("flower").settle()
    wanted = math.pi * (90**2 + 9**2 / 2)
    assert person.ask("seg2any.document.confirmed.regions[0].area") == pytest.approx(
        wanted, rel=0.01
    )


@pytest.mark.slow
def test_thirty_mixed_edits_are_undone_to_equal_scenes_and_redone(person: Hands) -> None:
    person.blank()
    scene = """() => {
        const { caption, sampling, regions } = seg2any.document.confirmed;
        return JSON.stringify([caption, sampling.gamma,
            regions.map((r) => [r.caption, r.mask, r.gamma, r.visible, r.locked])]);
    }"""
    states = [person.settle().ask(scene)]

    def done() -> None:
        state = person.settle().ask(scene)
        assert state != states[-1]
        states.append(state)

    for i in range(6):
        person.key("r").drag((10 + 30 * i, 20), (30 + 30 * i, 40), (50 + 30 * i, 120 + 9 * i))
        done()
        person.name(f"thing {i}")
        done()
    for i in range(6):
        person.key(str(i + 1)).key("b").drag((20 + 30 * i, 160), (40 + 30 * i, 170))
        done()
        person.ask(f"(seg2any.typing.setGamma({0.3 + i / 10}), seg2any.typing.settleGamma())")
        done()
    person.key("3").key("e").drag((80, 20), (90, 120))
    done()
    person.ask("seg2any.edits.setRegion(seg2any.document.selected, {gamma: 0.25})")
    done()
    person.ask("seg2any.edits.setRegion(seg2any.document.selected, {visible: false})")
    done()
    person.ask("seg2any.edits.moveInOrder(seg2any.document.selected, 2)")
    done()
    person.key("ArrowRight")
    done()
    person.key("Delete")
    done()
    assert len(states) == 31
    for state in reversed(states[:-1]):
        person.key("Control+z")
        person.see(f"({scene})() === {state!r}")
    assert person.server_labels() == person.shown_labels()
    for state in states[1:]:
        person.key("Control+Shift+z")
        person.see(f"({scene})() === {state!r}")
    assert person.server_labels() == person.shown_labels()


@pytest.mark.slow
def test_pixels_hit_what_is_under_the_pointer_on_a_dense_screen_and_zoomed_in(visit: Open) -> None:
    person = visit(device_scale_factor=2)
    person.blank().key("r").drag((64, 64), (80, 80), (128, 96)).name("bar").settle()
    assert person.ask("seg2any.document.confirmed.regions[0].box") == [64, 64, 128, 96]
    person.key("n").page.mouse.move(*person.at(100, 80))
    for _ in range(6):
        person.page.mouse.wheel(0, -240)
    person.see("seg2any.lens.view.scale > 4")
    person.key("r").drag((90, 70), (95, 75), (110, 90)).name("small").settle()
    assert person.ask("seg2any.document.confirmed.regions[1].box") == [90, 70, 110, 90]
    ratio = person.ask(
        "seg2any.stage.panes[0].base.width / seg2any.stage.panes[0].base.clientWidth"
    )
    assert ratio == pytest.approx(2, abs=0.01)


def test_letters_are_text_while_a_caption_is_typed(person: Hands) -> None:
    person.blank().key("r").drag((10, 10), (40, 40), (90, 90)).name("blue zebra? loves [grass]")
    person.settle()
    assert person.captions == ["blue zebra? loves [grass]"]
    assert person.ask("seg2any.toolbox.tool.id") == "rectangle"


def test_typing_in_the_list_survives_regions_that_come_and_go(person: Hands) -> None:
    person.blank()
    for i in range(3):
        person.key("r").drag((10 + 60 * i, 10), (30, 30), (50 + 60 * i, 90)).name(f"r{i}")
    person.settle()
    person.page.click(".region:nth-child(1) .caption")
    person.key("End").page.keyboard.type(" is ty")
    person.ask("seg2any.edits.removeRegion(seg2any.document.scene.regions[0].id)")
    person.page.keyboard.type("ped")
    person.settle()
    assert person.captions == ["r1", "r2 is typed"]


@pytest.mark.slow
def test_the_list_changes_order_by_dragging_and_hides_and_locks(person: Hands) -> None:
    person.blank()
    for i in range(3):
        person.key("r").drag((10 + 60 * i, 10), (30, 30), (50 + 60 * i, 90)).name(f"r{i}")
    person.settle()
    top = person.page.locator(".region").nth(0)
    bottom = person.page.locator(".region").nth(2)
    start = top.locator(".drag").bounding_box()
    end = bottom.bounding_box()
    assert start is not None
    assert end is not None
    top.hover()
    mouse = person.page.mouse
    mouse.move(start["x"] + 6, start["y"] + 6)
    mouse.down()
    mouse.move(start["x"] + 6, end["y"] + end["height"] - 4, steps=5)
    mouse.up()
    person.settle()
    assert person.captions == ["r2", "r0", "r1"]
    person.page.locator(".region").nth(0).hover()
    person.page.locator(".region [aria-label=Hide]").nth(0).click()
    person.page.locator(".region [aria-label=Lock]").nth(1).click()
    person.settle()
    flags = person.ask("seg2any.document.confirmed.regions.map((r) => [r.visible, r.locked])")
    assert flags == [[True, False], [True, True], [False, False]]
    assert person.server_labels() == person.shown_labels()
    person.key("2").key("Delete").settle()
    assert len(person.captions) == 3


def test_a_region_is_made_by_numbers_without_a_mouse(person: Hands) -> None:
    person.blank()
    person.page.locator("[aria-label='New region by numbers']").focus()
    person.key("Enter")
    person.page.keyboard.type("red square")
    for label, value in [("Left", "32"), ("Top", "48"), ("Width", "64"), ("Height", "80")]:
        person.page.locator(f".sheet [aria-label={label}]").focus()
        person.key("Control+a").page.keyboard.type(value)
    person.key("Enter").see("seg2any.document.scene.regions.length === 1").settle()
    assert person.captions == ["red square"]
    assert person.ask("seg2any.document.confirmed.regions[0].box") == [32, 48, 96, 128]
    person.key("ArrowRight").key("Shift+ArrowDown").settle()
    assert person.ask("seg2any.document.confirmed.regions[0].box") == [33, 56, 97, 136]


def test_two_fingers_zoom_and_one_draws(visit: Open) -> None:
    person = visit(has_touch=True)
    person.blank().key("b")
    session = person.page.context.new_cdp_session(person.page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        fingers = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    scale = person.ask("seg2any.lens.view.scale")
    a, b = person.at(100, 128), person.at(150, 128)
    touch("touchStart", a)
    touch("touchStart", a, b)
    touch("touchMove", (a[0] - 60, a[1]), (b[0] + 60, b[1]))
    touch("touchEnd")
    person.see(f"seg2any.lens.view.scale > {scale * 1.3}")
    person.settle()
    assert person.captions == []
    start, end = person.at(110, 128), person.at(140, 140)
    touch("touchStart", start)
    touch("touchMove", ((start[0] + end[0]) / 2, end[1]))
    touch("touchMove", end)
    touch("touchEnd")
    person.name("finger").settle()
    assert person.captions == ["finger"]
