"""What the page says and where: it stays put, names what is wrong, shows what is going on."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Route

from tests.browser.hands import Hands
from tests.browser.test_photo import disc, photo, upload

DRAFT = "seg2any.view.setQuality('draft')"


def test_the_canvas_stays_where_it_is_while_hints_come_and_go(person: Hands) -> None:
    """A stroke may bring hints; the canvas must not move under the pen."""
    person.blank()
    places = [person.at(0, 0)]
    person.key("r").drag((10, 10), (50, 50), (120, 120)).name("red wall").settle()
    places.append(person.at(0, 0))
    for i in range(5):
        person.key("r").drag((130 + 9 * i, 200), (131 + 9 * i, 201), (133 + 9 * i, 204))
        person.name("zzyx").settle()
    person.see("seg2any.document.hints.length > 4")
    places.append(person.at(0, 0))
    assert places == [places[0]] * 3
    person.page.click(".lint >> text=more")
    assert person.page.locator(".menu [role=menuitem]").count() >= 3


def test_the_list_shows_own_gammas_and_what_is_wrong(person: Hands) -> None:
    person.blank().key("r").drag((10, 10), (50, 50), (120, 120)).name("red zzyx").key("1").settle()
    row = person.page.locator(".region")
    assert row.locator(".warn").is_visible()
    assert "zzyx" in (row.locator(".warn").get_attribute("title") or "")
    assert not row.locator(".own").is_visible()
    person.page.click("text=Own gamma")
    person.page.fill("[aria-label='Gamma of this region, as a number']", "0.4")
    person.key("Tab").settle()
    assert row.locator(".own").inner_text().endswith(" 0.40")
    person.page.click("text=Own gamma")
    person.settle().see("seg2any.document.confirmed.regions[0].gamma === null")
    row.locator(".warn").click()
    person.page.click(".menu >> text=Change the caption")
    person.see("document.activeElement?.closest('.bubble')")
    person.key("Control+a").name("red wall").settle()
    assert not row.locator(".warn").is_visible()


def test_a_region_under_the_pointer_is_marked_on_both_sides(person: Hands) -> None:
    person.blank().key("r").drag((50, 50), (60, 60), (150, 150)).name("wall").settle()
    wall = person.ask("seg2any.document.scene.regions[0].id")
    for pane in (1, 0):  # with any tool over the result, with the move tool over the layout
        person.key("b" if pane else "v").page.mouse.move(*person.at(20, 20, pane))
        assert person.ask("seg2any.document.hovered") is None
        person.page.mouse.move(*person.at(100, 100, pane))
        assert person.ask("seg2any.document.hovered") == wall
        assert person.page.locator(".region.hover").count() == 1
    person.page.locator(".region").hover()
    assert person.ask("seg2any.document.hovered") == wall


def test_how_far_a_shape_grows_is_typed(person: Hands) -> None:
    person.blank().key("r").drag((50, 50), (60, 60), (150, 150)).name("wall").key("1").settle()
    person.page.fill("[aria-label^='How far']", "10")
    person.page.click("[aria-label=Grow]")
    person.see("seg2any.document.confirmed.regions[0].box[0] === 40")


@pytest.mark.slow
def test_two_pictures_show_their_difference_and_sort_by_shape(person: Hands) -> None:
    person.blank().key("r").drag((0, 140), (120, 200), (256, 256)).name("green grass")
    person.key("o").drag((60, 40), (100, 90), (160, 140)).name("red ball").settle()
    person.ask(DRAFT)
    person.page.click("[data-view=diff]")
    person.generate()
    assert "second picture" in person.page.inner_text(".pane .empty")
    person.ask("seg2any.edits.setSampling({seed: 77})")
    person.settle().generate().page.click("[data-view=split]")
    person.page.click("[data-view=diff]")
    person.see("seg2any.comparison.difference?.image", 20)
    assert "seed 0 → 77" in person.page.inner_text(".pane .tag")
    assert person.page.locator(".pane .empty").count() == 0
    person.see("seg2any.pictures.history.every((node) => node.iou !== null)", 60)
    person.ask("(seg2any.pictures.history[0].iou = 0.99, seg2any.pictures.history[1].iou = 0.1)")
    person.page.click("[aria-label='Best shapes first']")
    ids = person.ask("seg2any.pictures.history.map((node) => node.id)")
    shown = person.ask("[...document.querySelectorAll('.node')].map((e) => e.dataset.id)")
    assert shown == ids
    person.ask("(seg2any.pictures.history[0].iou = 0.1, seg2any.pictures.history[1].iou = 0.99)")
    person.ask("seg2any.bus.emit('history')")
    shown = person.ask("[...document.querySelectorAll('.node')].map((e) => e.dataset.id)")
    assert shown == ids[::-1]


def test_a_photo_opens_without_interruption_and_the_next_one_is_read_too(
    person: Hands, tmp_path: Path
) -> None:
    upload(person, photo(tmp_path / "photo.jpg"), "Make it anew in this layout")
    person.see("seg2any.toolbox.tool.id === 'smart' && seg2any.toolbox.tool.prepared")
    assert "needs a photo" not in person.page.inner_text(".toasts")
    first = person.ask("seg2any.toolbox.tool.prepared")
    person.page.click("[aria-label=Menu]")
    person.page.click("text=Remove the photo")
    person.see("!seg2any.photo.image && !seg2any.document.confirmed.photo")
    person.key("Control+z").see("seg2any.photo.image && seg2any.document.confirmed.photo")
    person.page.click("[aria-label=Menu]")
    person.page.click("text=Start page")
    upload(person, photo(tmp_path / "turned.jpg", orientation=6))
    person.see(f"seg2any.toolbox.tool.prepared && seg2any.toolbox.tool.prepared !== {first!r}")


@pytest.mark.slow
def test_what_was_found_is_outlined_and_forgotten_with_its_scene(
    person: Hands, tmp_path: Path
) -> None:
    upload(person, photo(tmp_path / "photo.jpg"))
    person.page.click("[aria-label='Find everything in the picture']")
    person.page.wait_for_selector(".toast.offer", timeout=60_000)
    assert person.ask("seg2any.proposals.outlines.length") >= 1
    assert person.ask("seg2any.document.scene.regions.length") == 0
    person.page.click("[aria-label=Menu]")
    person.page.click("text=Start page")
    person.blank()
    assert person.ask("seg2any.proposals.outlines.length") == 0
    assert person.page.locator(".toast.offer").count() == 0


@pytest.mark.slow
def test_on_a_blank_canvas_the_smart_click_gives_a_shape_tool(
    person: Hands, tmp_path: Path
) -> None:
    person.blank().key("v").key("w")
    assert person.ask("seg2any.toolbox.tool.id") == "lasso"
    assert "needs a photo or a result" in person.page.inner_text(".toasts")
    person.page.click("[aria-label=Menu]")
    person.page.click("text=Start page")
    upload(person, photo(tmp_path / "photo.jpg"))
    x, y = disc(person)
    person.key("w").click(x, y).see("seg2any.toolbox.tool.candidates.length > 0", 20).key("Escape")


@pytest.mark.slow
def test_the_bars_say_what_is_going_on(person: Hands, tmp_path: Path) -> None:
    person.blank().key("r").drag((10, 10), (50, 50), (120, 120)).name("red wall").settle()
    person.ask(DRAFT)
    person.generate().see("document.querySelector('.cost').textContent.includes('tokens')", 20)
    status = person.page.inner_text(".status")
    for part in ("cpu", "queue", "cache hits", "saved", "autosave", "edit"):
        assert part in status

    def slowly(route: Route) -> None:
        person.page.wait_for_selector(".progress-line:not([hidden])")
        route.continue_()

    person.page.route("**/send/*", slowly)
    person.page.click("[aria-label=Menu]")
    person.page.click("text=Start page")
    upload(person, photo(tmp_path / "photo.jpg"))
    person.see("!seg2any.status.pending && document.querySelector('.progress-line').hidden", 30)


@pytest.mark.slow
def test_the_canvas_takes_another_size_and_undo_brings_it_back(person: Hands) -> None:
    person.blank().key("r").drag((0, 0), (50, 50), (128, 256)).name("left half").settle()
    sizes = person.ask(
        "seg2any.machine.sizes(seg2any.document.scene).map((one) => [one.width, one.height])"
    )
    width, height = sizes[1]
    person.page.click("[aria-label=Menu]")
    person.page.click("text=Canvas size")
    person.page.select_option(".sheet select", f"{width}x{height}")
    person.page.click("text=Change the size")
    person.see(
        f"seg2any.document.scene.width === {width} && seg2any.document.scene.height === {height}"
    ).settle()
    assert person.server_labels() == person.shown_labels()
    person.key("Control+z").see("seg2any.document.scene.width === 256").settle()
    assert person.server_labels() == person.shown_labels()


@pytest.mark.slow
@pytest.mark.painted
def test_the_demo_is_gamma_and_nothing_else(person: Hands) -> None:
    """Flow C: cards, a sweep by itself, dragging shows the drafts; the next visitor starts anew."""
    person.page.click("text=Demo: just gamma")
    person.see("seg2any.view.isDemo && seg2any.document.scene.regions.length > 0")
    assert person.page.locator(".demo-card").count() == 4
    assert person.page.locator(".region:visible, .tools:visible, .generate:visible").count() == 0
    person.see("seg2any.strips.isPlaying && seg2any.pictures.scrubbed", 90)
    initial = person.ask("seg2any.document.confirmed.sampling.gamma")
    person.ask("seg2any.server.ask('demo', {on: true, minutes: 0.05})")
    slider = person.page.locator(".gamma input[type=range]")
    box = slider.bounding_box()
    assert box is not None
    mouse = person.page.mouse
    mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] / 2)
    mouse.down()
    mouse.move(box["x"] + box["width"] * 0.05, box["y"] + box["height"] / 2, steps=3)
    person.see("!seg2any.strips.isPlaying && seg2any.pictures.scrubbed?.gamma < 0.2")
    mouse.up()
    person.see("seg2any.jobs.current")
    person.key("Escape").see("!seg2any.jobs.current", 30)
    person.see(
        f"seg2any.document.confirmed.sampling.gamma === {initial} && seg2any.strips.isPlaying",
        40,
    )
    person.page.click("text=Leave the demo")
    assert person.page.locator(".generate:visible").count() == 1


def test_the_start_page_stays_closed_when_the_model_arrives_meanwhile(person: Hands) -> None:
    person.ask("""(() => {
        const ask = seg2any.server.ask.bind(seg2any.server);
        seg2any.server.ask = async (action, payload) => {
            const answer = await ask(action, payload);
            if (action === "projects") await new Promise((resolve) => setTimeout(resolve, 1000));
            return answer;
        };
    })()""")
    person.ask("void seg2any.projects.modelArrived()")
    person.blank().page.wait_for_timeout(1500)
    assert not person.ask("seg2any.above.isOpen")


UNKNOWN = """
    seg2any.machine.opened({ready: false, sizes: [[1024, 1024, ''], [1152, 896, '']]},
                           {ready: false}),
    seg2any.start.isOpen && seg2any.start.draw()
"""


def arrive_slowly(person: Hands, act: str) -> None:
    """The model is loaded, as the next news tells; what it can do is heard only after an act."""
    person.ask(f"addEventListener({act!r}, () => (window.hasActed = true))")

    def slowly(route: Route) -> None:
        if '"action":"open"' in (route.request.post_data or ""):
            answer = route.fetch()  # the studio has answered; the answer is on its way
            person.see("window.hasActed")
            person.page.wait_for_timeout(100)
            route.fulfill(response=answer)
        else:
            route.continue_()

    person.page.route("**/component_server/", slowly)
    person.ask(UNKNOWN)
    person.ask("seg2any.bus.emit('wake')")
    person.see("seg2any.machine.status.ready")


def test_a_canvas_begun_while_the_model_arrives_has_the_models_own_size(person: Hands) -> None:
    arrive_slowly(person, "click")
    person.blank().see("!seg2any.machine.isLoading")
    assert person.ask("[seg2any.document.scene.width, seg2any.document.scene.height]") == [256, 256]


def test_the_start_page_offers_the_models_own_size_first(person: Hands) -> None:
    size = person.page.locator("[aria-label='Canvas size']")
    assert size.input_value() == "256x256"
    person.ask(UNKNOWN)
    assert size.input_value() == "1024x1024"
    person.ask("seg2any.bus.emit('wake')")
    person.see("!seg2any.machine.isLoading")
    assert size.input_value() == "256x256"


def test_a_size_chosen_by_hand_holds_as_long_as_the_model_takes_it(person: Hands) -> None:
    size = person.page.locator("[aria-label='Canvas size']")
    other = person.ask("seg2any.machine.sizes(seg2any.document.scene)[1]")
    wanted = f"{other['width']}x{other['height']}"
    size.select_option(wanted)
    person.ask("seg2any.bus.emit('device')")
    assert size.input_value() == wanted
    person.ask(UNKNOWN)
    assert size.input_value() == "1024x1024"
    size.select_option("1152x896")
    person.ask("seg2any.bus.emit('wake')")
    person.see("!seg2any.machine.isLoading")
    assert size.input_value() == "256x256"
    size.select_option(wanted)
    person.blank()
    size = person.ask("[seg2any.document.scene.width, seg2any.document.scene.height]")
    assert size == [other["width"], other["height"]]


@pytest.mark.slow
def test_a_stroke_drawn_while_the_model_arrives_is_kept(person: Hands) -> None:
    person.blank().key("r").drag((20, 20), (60, 60), (110, 150)).name("before").settle()
    for _ in range(3):
        person.ask("seg2any.lens.zoom(1.2)")
    view = person.ask("seg2any.lens.view")
    mouse = person.page.mouse
    mouse.move(*person.at(130, 60))
    mouse.down()
    mouse.move(*person.at(150, 100))
    arrive_slowly(person, "pointerup")
    mouse.move(*person.at(170, 150))
    mouse.up()
    person.name("meanwhile").see("!seg2any.machine.isLoading").settle()
    assert person.captions == ["before", "meanwhile"]
    assert person.server_labels() == person.shown_labels()
    assert person.ask("seg2any.lens.view") == view
    assert person.ask("seg2any.document.confirmed.regions[1].box") == [130, 60, 170, 150]
