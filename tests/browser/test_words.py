"""Find by word and by likeness, captions that Tab accepts, a layout from a sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.alike import alike_scenes
from tests.browser.hands import HOME, Hands
from tests.browser.test_edit_photo import upload as edit
from tests.browser.test_photo import upload

COFFEE = HOME / "assets" / "examples" / "coffee.jpg"
FIELD = "[aria-label='Find by word']"
LAYOUT = "Make it anew in this layout"


@pytest.fixture(scope="module")
def balloons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A painted scene of several balloons of one colour among other things."""
    (scene,) = alike_scenes("balloons", 1, 70_002)
    path = tmp_path_factory.mktemp("painted") / "balloons.png"
    Image.fromarray(scene.pixels).save(path)
    return path


def found(person: Hands) -> Hands:
    person.see("seg2any.findings.list.length > 0 && !seg2any.findings.isLooking", 60)
    return person


def test_a_word_finds_things_of_which_the_chosen_become_regions(
    person: Hands, balloons: Path
) -> None:
    upload(person, balloons, LAYOUT)
    person.page.fill(FIELD, "red")
    person.page.press(FIELD, "Enter")
    found(person)
    count = person.ask("seg2any.findings.list.length")
    assert count >= 3
    assert person.captions == []
    person.page.click(".chips button >> nth=0")
    assert person.ask("seg2any.findings.outlines.length") >= count - 1
    person.page.click(f"text=Make {count - 1} regions")
    person.settle()
    assert person.captions == ["red"] * (count - 1)
    person.key("Control+z").settle()
    assert person.captions == []


def test_a_word_that_is_not_known_offers_the_nearest(person: Hands, balloons: Path) -> None:
    upload(person, balloons, LAYOUT)
    person.page.fill(FIELD, "yelow")
    person.page.press(FIELD, "Enter")
    person.page.wait_for_selector("text=Did you mean 'yellow'?", timeout=60_000)
    assert person.captions == []


def test_without_a_picture_there_is_nothing_to_find(person: Hands) -> None:
    person.blank()
    assert person.page.is_disabled(FIELD)
    assert person.page.is_disabled("[aria-label^='Select similar']")


@pytest.mark.slow
def test_one_balloon_finds_the_others(person: Hands, balloons: Path) -> None:
    upload(person, balloons, LAYOUT)
    (scene,) = alike_scenes("balloons", 1, 70_002)
    rows, columns = np.nonzero(scene.things[0])
    width = person.ask("seg2any.document.scene.width") / scene.pixels.shape[1]
    height = person.ask("seg2any.document.scene.height") / scene.pixels.shape[0]
    left, right = (float(side) * width for side in (columns.min(), columns.max()))
    top, bottom = (float(side) * height for side in (rows.min(), rows.max()))
    person.key("o").drag((left, top), (right, bottom)).name("a balloon")
    person.page.click(".region .chip")
    person.page.click("[aria-label^='Select similar']")
    found(person)
    assert person.ask("seg2any.findings.list.length") >= 0.8 * (len(scene.things) - 1)
    person.page.click(".findings >> text=/Make .* region/")
    person.settle()
    assert set(person.captions) == {"a balloon"}


def test_a_suggested_caption_is_a_ghost_that_tab_accepts(person: Hands) -> None:
    edit(person, COFFEE)
    width, height = person.ask("[seg2any.document.scene.width, seg2any.document.scene.height]")
    person.key("r").drag((width * 0.4, height * 0.3), (width * 0.6, height * 0.5)).key("Escape")
    person.page.click("[aria-label='Suggest captions']")
    field = person.page.locator(".region input.caption")
    person.page.wait_for_selector(".region input.caption.ghosted", timeout=60_000)
    assert person.captions == [""]
    assert "⇥ Tab" in field.get_attribute("placeholder")
    note = field.get_attribute("aria-describedby")
    told = person.page.locator(f"#{note}").text_content()
    assert told.startswith("Suggested: ")
    assert told.endswith("Tab accepts it.")
    field.focus()
    person.key("Tab").settle()
    assert person.captions == [told.removeprefix("Suggested: ").removesuffix(". Tab accepts it.")]
    assert field.get_attribute("aria-describedby") is None
    assert person.ask("document.activeElement.classList.contains('caption')")
    person.key("Tab")
    assert not person.ask("document.activeElement.classList.contains('caption')")


def test_what_is_typed_hides_the_suggestion(person: Hands) -> None:
    edit(person, COFFEE)
    width, height = person.ask("[seg2any.document.scene.width, seg2any.document.scene.height]")
    person.key("r").drag((width * 0.4, height * 0.3), (width * 0.6, height * 0.5))
    person.see("document.activeElement?.closest('.bubble')").key("Escape").settle()
    person.page.click("[aria-label='Suggest captions']")
    person.page.wait_for_selector(".region input.caption.ghosted", timeout=60_000)
    field = person.page.locator(".region input.caption")
    field.type("tea")
    person.key("Tab").settle()
    assert person.captions == ["tea"]


def test_a_world_is_suggested_for_a_kept_subject(person: Hands) -> None:
    edit(person, COFFEE)
    width, height = person.ask("[seg2any.document.scene.width, seg2any.document.scene.height]")
    person.key("r").drag((width * 0.4, height * 0.3), (width * 0.6, height * 0.5)).name("a cup")
    person.page.click(".region .chip")
    person.page.click(".layer-fields >> text=Keep")
    person.page.click("text=Suggest a world")
    person.page.wait_for_selector("[role=menuitem]", timeout=60_000)
    assert person.page.locator("[role=menuitem]").all_inner_texts() == [
        "wooden table",
        "grey marble",
        "green leaves and moss",
    ]
    person.page.click("[role=menuitem] >> nth=1")
    person.settle()
    assert person.ask("seg2any.document.confirmed.caption") == "grey marble"


def test_a_sentence_becomes_a_layout_in_one_step(person: Hands) -> None:
    person.blank()
    person.page.click("[aria-label='Layout from a sentence']")
    person.page.fill(".sheet textarea", "two red balloons above a house on green grass")
    person.page.click(".sheet >> text=Lay out")
    person.see("seg2any.document.scene.regions.length === 4 && !seg2any.above.isOpen", 30).settle()
    assert person.captions == ["green grass", "red balloon", "red balloon", "house"]
    person.key("Control+z").settle()
    assert person.captions == []
