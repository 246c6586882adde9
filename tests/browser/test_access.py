"""For everyone: axe-core finds nothing serious on the page; keys do what designers know."""

from __future__ import annotations

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from tests.browser.hands import Hands, Open

GRAVE = ("serious", "critical")


def grave_faults(person: Hands, face: str, scheme: str = "light") -> list[str]:
    """In the dark only the colours are others, so only what depends on them is looked at again."""
    rules = "{}" if scheme == "light" else "{runOnly: ['color-contrast', 'link-in-text-block']}"
    if not person.ask("'axe' in window"):
        person.ask(AXE_SCRIPT)
    found = person.ask(f"axe.run({{resultTypes: ['violations'], ...{rules}}})")["violations"]
    return [
        f"{face}: {fault['id']}: {node['target']} {node['failureSummary']}"
        for fault in found
        if fault["impact"] in GRAVE
        for node in fault["nodes"]
    ]


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit: Open, scheme: str) -> None:
    """The start page, the editor with everything open, each drawer, sheet and menu."""
    person = visit(color_scheme=scheme)
    faults = grave_faults(person, "start", scheme)
    person.example("gamma")
    region = "seg2any.document.scene.regions[1].id"
    person.ask(f"seg2any.edits.setRegion({region}, {{caption: 'green zzyx', gamma: 0.5}})")
    person.ask("seg2any.view.setQuality('draft')")
    person.generate().see(
        "seg2any.document.scene.regions.some((each) => seg2any.fidelity.scoreOf(each.id))",
        60,
    )
    person.key("2").page.click("summary")
    faults += grave_faults(person, "editor", scheme)
    for face in (
        "Settings: models, device, memory",
        "Keyboard shortcuts (?)",
        "New region by numbers",
    ):
        person.page.click(f"[aria-label='{face}']")
        person.see("seg2any.above.isOpen && !document.querySelector('.drawer p.looking')")
        faults += grave_faults(person, face, scheme)
        person.key("Escape")
    person.page.click("[aria-label=Menu]")
    person.page.click("text=Canvas size")
    faults += grave_faults(person, "Canvas size", scheme)
    person.key("Escape")
    for label in ("Menu", "Language"):
        person.page.click(f"[aria-label={label}]")
        faults += grave_faults(person, label, scheme)
        person.key("Escape")
    person.page.locator(".badge:visible").first.click()
    faults += grave_faults(person, "fidelity", scheme)
    person.key("Escape")
    person.page.click("[data-view=wipe]")
    faults += grave_faults(person, "wipe", scheme)
    assert faults == []


def test_a_tool_is_lent_while_its_key_is_held(person: Hands) -> None:
    person.blank().key("r").ask("seg2any.keys.hold = 350")
    keys = person.page.keyboard
    keys.down("e")
    assert person.ask("seg2any.toolbox.tool.id") == "eraser"
    person.page.wait_for_timeout(400)
    keys.up("e")
    assert person.ask("seg2any.toolbox.tool.id") == "rectangle"
    person.ask("seg2any.keys.hold = 5000")
    person.key("b")
    assert person.ask("seg2any.toolbox.tool.id") == "brush"  # a tap changes it


def test_a_lent_tool_goes_back_after_the_stroke_that_outlasts_its_key(person: Hands) -> None:
    person.blank().key("b").ask("seg2any.keys.hold = 350")
    page = person.page
    page.keyboard.down("r")
    page.mouse.move(*person.at(40, 40))
    page.mouse.down()
    page.mouse.move(*person.at(90, 90))
    page.wait_for_timeout(400)
    page.keyboard.up("r")
    assert person.ask("seg2any.toolbox.tool.id") == "rectangle"
    page.mouse.move(*person.at(120, 100))
    page.mouse.up()
    person.name("lent").settle()
    assert person.ask("seg2any.toolbox.tool.id") == "brush"
    assert person.ask("seg2any.document.confirmed.regions[0].box") == [40, 40, 120, 100]


def test_the_shortcuts_that_designers_know(person: Hands) -> None:
    person.blank().key("r").drag((40, 40), (90, 90), (140, 140)).name("one").settle()
    tool = "seg2any.toolbox.tool.id"
    keys = {"v": "move", "w": "rectangle", "l": "lasso", "Shift+L": "polygon", "g": "fill"}
    for key, wanted in {**keys, "r": "rectangle", "h": "hand", "z": "zoom"}.items():
        assert person.key("r").key(key).ask(tool) == wanted, key
    assert person.key("b").key("x").ask(tool) == "eraser"
    assert person.key("x").ask(tool) == "brush"
    person.key("Escape").key("1")
    assert person.ask("seg2any.document.numberOf(seg2any.document.selected)") == 1
    size = person.ask("seg2any.view.options.size")
    assert person.key("]").ask("seg2any.view.options.size") > size
    assert person.key("[").ask("seg2any.view.options.size") == pytest.approx(size, abs=2)
    person.key("Control+d").see("seg2any.document.scene.regions.length === 2").settle()
    person.key("Delete").see("seg2any.document.scene.regions.length === 1").settle()
    person.key("Control+1")
    assert person.ask("seg2any.lens.view.scale") == 1
    person.key("Control+0").see("seg2any.lens.isFitted")
    person.page.keyboard.down("\\")
    assert person.ask("seg2any.view.holdsOriginal") is True
    person.page.keyboard.up("\\")
    assert person.ask("seg2any.view.holdsOriginal") is False
    person.key("f").see("document.fullscreenElement === seg2any.root")
    person.key("f").see("!document.fullscreenElement")
    person.page.keyboard.press("Shift+Slash")
    person.page.wait_for_selector(".sheet .keys")
    person.key("Escape").see("!seg2any.above.isOpen")


def test_the_right_button_erases_with_the_brush(person: Hands) -> None:
    person.blank().key("r").drag((40, 40), (90, 90), (200, 200)).name("wall").key("1").key("b")
    person.settle()
    area = person.ask("seg2any.document.confirmed.regions[0].area")
    person.drag((60, 120), (120, 120), (180, 120), button="right").settle()
    assert person.ask("seg2any.document.confirmed.regions[0].area") < area - 60 * 20


def test_escape_leaves_a_field_first(person: Hands) -> None:
    person.blank()
    person.page.focus("[aria-label='Scene caption']")
    person.page.keyboard.type("a calm sea")
    person.key("Escape")
    assert person.ask("document.activeElement.tagName") != "INPUT"
    person.key("r")
    assert person.ask("seg2any.toolbox.tool.id") == "rectangle"
    assert person.settle().ask("seg2any.document.confirmed.caption") == "a calm sea"


def test_every_slider_takes_typed_numbers(person: Hands) -> None:
    person.blank().key("r").drag((40, 40), (90, 90), (200, 200)).name("wall").key("1").key("b")
    person.page.click("text=Own gamma")
    person.settle()
    assert person.page.locator("input[type=range]:visible").count() == 4
    typed = {
        "Brush size in pixels": ("60", "seg2any.view.options.size", 60),
        "Overlay opacity in percent": ("30", "seg2any.view.options.opacity", 0.3),
        "Gamma as a number": ("0.35", "seg2any.document.confirmed.sampling.gamma", 0.35),
        "Gamma of this region, as a number": (
            "0.8",
            "seg2any.document.confirmed.regions[0].gamma",
            0.8,
        ),
    }
    for label, (text, where, wanted) in typed.items():
        person.page.fill(f"[aria-label='{label}']", text)
        assert person.key("Tab").settle().ask(where) == wanted
