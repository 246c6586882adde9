"""Editing a photo: what should change is clicked and named, all else stays as it was."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.browser.hands import HOME, Hands

COFFEE = HOME / "assets" / "examples" / "coffee.jpg"
TEA = (0.5, 0.42)  # of the photo's sides: on the coffee in the cup
WOOD = (0.93, 0.1)  # on the table


def upload(person: Hands, *paths: Path) -> Hands:
    with person.page.expect_file_chooser() as chooser:
        person.page.click("text=Upload a photo")
    chooser.value.set_files(list(paths))
    return person.see("seg2any.editing.isOn && seg2any.photo.image && !seg2any.above.isOpen", 30)


def spot(person: Hands, at: tuple[float, float]) -> tuple[float, float]:
    """A part of the photo's sides in scene pixels."""
    width, height = person.ask("[seg2any.document.scene.width, seg2any.document.scene.height]")
    return width * at[0], height * at[1]


def click_on(person: Hands, at: tuple[float, float], caption: str) -> Hands:
    person.see("seg2any.toolbox.tool.id === 'smart'")
    person.click(*spot(person, at)).see("seg2any.toolbox.tool.candidates.length > 0", 30)
    return person.key("Enter").name(caption).settle()


def draw(person: Hands, start: tuple[float, float], end: tuple[float, float]) -> Hands:
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    return person.key("r").drag(*(spot(person, at) for at in (start, middle, end)))


def change(person: Hands) -> Hands:
    """Let what is to do be done, and wait until the photo shows it."""
    person.generate()
    return person.see("!seg2any.editing.toDo.length && seg2any.editing.isChanged", 20)


def layers(person: Hands) -> dict[str, str]:
    """The references of what was made, by caption."""
    return person.ask(
        "Object.fromEntries(seg2any.document.scene.regions.map((region) =>"
        " [region.caption, seg2any.editing.layerOf(region.id)?.ref ?? null]))"
    )


def shown(person: Hands, what: str = "composite") -> np.ndarray:
    """What the photo looks like now, or the photo itself, at the size of the scene."""
    encoded = person.ask(f"""() => {{
      const {{ width, height }} = seg2any.document.scene;
      const canvas = Object.assign(document.createElement("canvas"), {{ width, height }});
      canvas.getContext("2d").drawImage(seg2any.{what}.image, 0, 0, width, height);
      return canvas.toDataURL();
    }}""")
    return picture(base64.b64decode(encoded.partition(",")[2]))


def picture(content: bytes | Path) -> np.ndarray:
    source = content if isinstance(content, Path) else io.BytesIO(content)
    with Image.open(source) as opened:
        return np.asarray(opened.convert("RGB")).astype(int)


def drop(person: Hands, path: Path) -> Hands:
    person.page.evaluate(
        """([data, name]) => {
          const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
          const transfer = new DataTransfer();
          transfer.items.add(new File([bytes], name, { type: `image/${name.split(".")[1]}` }));
          const what = { dataTransfer: transfer, bubbles: true, cancelable: true };
          document.querySelector(".s2a").dispatchEvent(new DragEvent("drop", what));
        }""",
        [base64.b64encode(path.read_bytes()).decode(), path.name],
    )
    return person


@pytest.mark.slow
def test_what_is_clicked_and_named_is_changed_and_nothing_else(
    person: Hands, tmp_path: Path
) -> None:
    upload(person, COFFEE)
    assert person.ask("seg2any.view.mode") == "layout"
    assert person.page.is_disabled(".generate")
    click_on(person, TEA, "green ball")
    assert person.ask("seg2any.document.confirmed.regions[0].gamma") == 1
    assert "Edit 1 region" in person.page.inner_text(".generate")
    change(person)
    assert "Edit again" in person.page.inner_text(".generate")
    assert re.search(r"outside: 0 of 255 in 0 of [\d,]+ pixels", person.page.inner_text(".status"))
    before, after = shown(person, "photo"), shown(person)
    box = person.ask("seg2any.document.confirmed.regions[0].box")
    differs = np.argwhere((before != after).any(axis=2))
    assert len(differs) > 100
    assert (differs.min(axis=0) >= [box[1], box[0]]).all()
    assert (differs.max(axis=0) < [box[3], box[2]]).all()

    with person.page.expect_download() as saved:
        person.page.click(".export")
        person.page.click("text=Export as PNG")
    path = tmp_path / "edited.png"
    saved.value.save_as(path)
    same = picture(path) == picture(COFFEE)
    mask = np.asarray(person.ask("Array.from(seg2any.document.layers.labels)"))
    assert same.shape[:2] == tuple(
        person.ask("[seg2any.editing.work.height, seg2any.editing.work.width]")
    )
    assert same.all(axis=2)[mask.reshape(same.shape[:2]) == 0].all()


@pytest.mark.slow
def test_a_photo_is_compared_with_its_original(person: Hands) -> None:
    upload(person, COFFEE)
    draw(person, (0.3, 0.3), (0.6, 0.6)).name("red ball").settle()
    change(person)
    person.page.click("[data-view=wipe]")
    assert "Original" in person.page.inner_text(".pane .tag:not(.other)")
    assert "outside: 0 of 255" in person.page.inner_text(".pane .tag.other")
    person.page.click("[data-view=diff]")
    assert "outside: 0 of 255" in person.page.inner_text(".pane .tag")
    person.page.click("[data-view=layout]")
    person.ask("seg2any.stage.focus()")
    person.page.keyboard.down("\\")
    person.see("document.querySelector('.pane .tag').textContent.includes('Original')")
    person.page.keyboard.up("\\")
    person.see("document.querySelector('.pane .tag').textContent.includes('Edited')")


@pytest.mark.slow
def test_one_region_is_rolled_again_and_the_other_keeps_its_pixels(person: Hands) -> None:
    upload(person, COFFEE)
    draw(person, (0.1, 0.1), (0.3, 0.3)).name("red ball").settle()
    draw(person, (0.6, 0.6), (0.9, 0.9)).name("blue box").settle()
    assert "Edit 2 regions" in person.page.inner_text(".generate")
    change(person)
    before = layers(person)
    row = person.page.locator(".region", has=person.page.locator("[aria-label*='region 1']")).first
    row.hover()
    row.locator("[aria-label^='Roll this region again']").click()
    person.see("!seg2any.jobs.current", 60)
    known = list(before.values())
    person.see(
        "Object.values(seg2any.editing.work.layers)"
        f".some(({{ ref }}) => ref && !{known}.includes(ref))"
    )
    after = layers(person)
    assert after["blue box"] == before["blue box"]
    assert after["red ball"] != before["red ball"]


@pytest.mark.slow
def test_undo_brings_the_original_back_and_redo_the_change(person: Hands) -> None:
    upload(person, COFFEE)
    draw(person, (0.3, 0.3), (0.6, 0.6)).name("red ball").settle()
    change(person)
    changed = shown(person)
    person.ask("seg2any.stage.focus()")
    person.key("Control+z").see("!seg2any.editing.isChanged && seg2any.editing.toDo.length === 1")
    person.see("seg2any.composite.image === seg2any.photo.image")
    person.key("Control+Shift+z").see("seg2any.editing.isChanged")
    person.see("seg2any.composite.image !== seg2any.photo.image")
    assert (shown(person) == changed).all()


@pytest.mark.slow
def test_a_layer_is_hidden_shown_faded_and_deleted(person: Hands) -> None:
    upload(person, COFFEE)
    draw(person, (0.3, 0.3), (0.6, 0.6)).name("red ball").settle()
    change(person)
    whole = np.abs(shown(person) - shown(person, "photo")).sum()
    person.page.click(".region [aria-label=Hide]")
    person.settle().see("seg2any.composite.image === seg2any.photo.image")
    person.page.click(".region [aria-label=Show]")
    person.settle().see("seg2any.composite.image !== seg2any.photo.image")
    person.page.click(".region .thumb")
    person.page.fill("[aria-label='Opacity of what was made, %']", "50")
    person.key("Tab").settle()
    person.see("seg2any.editing.work.layers[seg2any.document.selected].opacity === 0.5")
    half = np.abs(shown(person) - shown(person, "photo")).sum()
    assert 0.3 < half / whole < 0.7
    person.ask("seg2any.stage.focus()")
    person.key("Delete").settle().see("seg2any.composite.image === seg2any.photo.image")


@pytest.mark.slow
def test_a_result_is_edited_like_a_photo(person: Hands) -> None:
    person.blank().key("r").drag((0, 140), (120, 200), (256, 256)).name("green grass")
    person.key("o").drag((60, 40), (100, 90), (160, 130)).name("red ball")
    person.generate()
    person.page.click(".edit-result")
    person.see("seg2any.editing.isOn && seg2any.photo.image")
    assert person.captions == ["green grass", "red ball"]
    assert person.ask("seg2any.editing.toDo.length") == 0
    person.page.fill("[aria-label='Caption of region 2']", "blue ball")
    person.key("Enter").settle().see("seg2any.editing.toDo.length === 1")
    change(person)
    differs = (shown(person) != shown(person, "photo")).any(axis=2)
    assert not differs[140:].any()
    assert "outside: 0 of 255" in person.page.inner_text(".status")
    person.ask("seg2any.stage.focus()")
    for _ in range(3):
        person.key("Control+z").settle()
    person.see("!seg2any.editing.isOn && seg2any.view.mode === 'split'")


def test_the_box_that_the_model_sees_is_moved_and_let_go_of(person: Hands) -> None:
    upload(person, COFFEE)
    draw(person, (0.4, 0.4), (0.5, 0.5)).name("red ball").settle()
    person.page.wait_for_selector(".context-box button.tab")
    before = person.ask("seg2any.context.boxes[0]")
    corner = person.page.locator(".context-box [data-corner='2']").bounding_box()
    assert corner is not None
    mouse = person.page.mouse
    mouse.move(corner["x"] + 10, corner["y"] + 10)
    mouse.down()
    mouse.move(corner["x"] + 50, corner["y"] + 40, steps=3)
    mouse.up()
    person.settle().see("Array.isArray(seg2any.editing.work.context)")
    larger = person.ask("seg2any.context.boxes[0]")
    assert larger[:2] == before[:2]
    assert larger[2] > before[2]
    assert larger[3] > before[3]
    person.page.focus(".context-box button.tab")
    person.key("ArrowLeft").settle()
    person.see(f"seg2any.editing.work.context[0] === {larger[0]} - 8")
    person.page.click("[aria-label='Choose it automatically again']")
    person.settle().see("seg2any.editing.work.context === null")
    person.see(f"String(seg2any.context.boxes[0]) === '{','.join(map(str, before))}'")


def test_a_photo_larger_than_the_page_shows_is_sharp_where_it_is_zoomed_in(
    person: Hands, tmp_path: Path
) -> None:
    large = tmp_path / "large.png"
    y, x = np.mgrid[:1500, :3000]
    checks = np.where((x + y) % 2, 255, 0).astype(
        np.uint8
    )  # nothing of this survives a smaller copy
    Image.fromarray(np.stack([checks, checks, checks], axis=2)).save(large)
    upload(person, large)
    assert person.ask("seg2any.document.scene.width") == 2048
    person.key("Control+1").see("seg2any.sharp.tile('now')", 20)
    assert person.page.inner_text(".zoomer") == "100 %"
    colours = person.ask("""() => {
      const { base } = seg2any.stage.panes[0];
      const data = base.getContext("2d").getImageData(base.width / 2, base.height / 2, 8, 8).data;
      return [...data].filter((_, i) => i % 4 === 0);
    }""")
    assert max(colours) > 200
    assert min(colours) < 55


def test_several_photos_are_gone_through_with_the_arrows(person: Hands, tmp_path: Path) -> None:
    second = tmp_path / "second.jpg"
    Image.new("RGB", (96, 64), (20, 90, 160)).save(second)
    upload(person, COFFEE, second)
    assert "1 of 2" in person.page.inner_text(".album")
    draw(person, (0.4, 0.4), (0.5, 0.5)).name("red ball").settle()
    person.ask("seg2any.stage.focus()")
    person.key("ArrowRight").see("seg2any.document.scene.width === 96")
    assert person.captions == []
    person.ask("seg2any.stage.focus()")
    person.key("ArrowLeft").see("seg2any.document.scene.regions.length === 1")
    assert person.captions == ["red ball"]


def test_a_photo_that_is_dropped_on_work_is_asked_about_and_undo_leads_back(
    person: Hands,
) -> None:
    person.blank().key("r").drag((10, 10), (60, 60), (100, 100)).name("stays").settle()
    drop(person, COFFEE).page.wait_for_selector(".ways")
    person.page.click(".way >> text=Edit this photo")
    person.see("seg2any.editing.isOn && !seg2any.above.isOpen", 30)
    person.ask("seg2any.stage.focus()")
    person.key("Control+z").see("!seg2any.editing.isOn && seg2any.document.scene.regions.length")
    assert person.captions == ["stays"]


def test_a_photo_that_is_dropped_on_nothing_is_edited_and_a_mask_on_it_is_a_region(
    person: Hands, tmp_path: Path
) -> None:
    person.blank()
    drop(person, COFFEE).see("seg2any.editing.isOn && seg2any.photo.image", 30)
    with Image.open(COFFEE) as photo:
        mask = Image.new("L", photo.size)
    ImageDraw.Draw(mask).ellipse((50, 50, 150, 150), fill=255)
    mask.save(tmp_path / "mask.png")
    drop(person, tmp_path / "mask.png").name("a moon").settle()
    assert person.captions == ["a moon"]
    assert person.ask("seg2any.document.confirmed.regions[0].gamma") == 1
    person.key("Control+z").settle().key("Control+z")
    person.see("seg2any.document.scene.regions.length === 0")


def test_the_overlay_is_hidden_with_a_key(person: Hands) -> None:
    upload(person, COFFEE)
    draw(person, (0.3, 0.3), (0.6, 0.6)).name("red ball").settle()
    person.ask("seg2any.stage.focus()")
    person.key("m").see("!seg2any.view.options.overlay")
    person.see("!document.querySelector('.context-box')")
    assert person.page.get_attribute(".options [aria-pressed]", "aria-pressed") == "false"
    person.key("m").see("document.querySelector('.context-box')")


def test_the_photo_becomes_a_layout_and_is_edited_again(person: Hands) -> None:
    upload(person, COFFEE)
    draw(person, (0.3, 0.3), (0.6, 0.6)).name("red ball").settle()
    person.page.click("[aria-label=Menu]")
    person.page.click(".menu >> text=Make it anew in this layout")
    person.see("!seg2any.editing.isOn && seg2any.view.mode === 'split'")
    assert "Generate" in person.page.inner_text(".generate")
    person.page.click("[aria-label=Menu]")
    person.page.click(".menu >> text=Edit this photo")
    person.see("seg2any.editing.isOn && seg2any.view.mode === 'layout'")
    assert person.captions == ["red ball"]


def menu_of_the_region(person: Hands, item: str) -> Hands:
    person.page.hover(".region")
    person.page.click(".region [aria-label='More for this region']")
    person.page.click(f".menu >> text={item}")
    return person.settle()


@pytest.mark.slow
def test_a_subject_is_kept_while_everything_else_changes(person: Hands) -> None:
    upload(person, COFFEE)
    draw(person, (0.3, 0.2), (0.8, 0.7)).name("a cup").settle()
    person.page.fill("[aria-label='Scene caption']", "a meadow")
    person.key("Tab").settle()
    menu_of_the_region(person, "Keep it, change everything else")
    person.see("seg2any.editing.work.subject === seg2any.document.scene.regions[0].id")
    assert "Change everything else" in person.page.inner_text(".generate")
    person.generate().see("seg2any.editing.isChanged", 20)
    before, after = shown(person, "photo"), shown(person)
    left, top, right, bottom = person.ask("seg2any.document.confirmed.regions[0].box")
    assert (before[top:bottom, left:right] == after[top:bottom, left:right]).all()
    assert (before != after).any()


@pytest.mark.slow
def test_a_thing_is_removed(person: Hands) -> None:
    upload(person, COFFEE)
    draw(person, (0.55, 0.6), (0.75, 0.8)).name("a spoon").settle()
    menu_of_the_region(person, "Remove it from the photo")
    person.see("!seg2any.jobs.current && seg2any.editing.isChanged", 90)
    assert person.captions == [""]
    person.ask("seg2any.stage.focus()")
    person.key("Control+z").see("!seg2any.editing.isChanged")


@pytest.mark.slow
def test_of_several_drafts_the_best_two_are_made_and_all_stay(person: Hands) -> None:
    upload(person, COFFEE)
    draw(person, (0.3, 0.3), (0.6, 0.6)).name("red ball").settle()
    person.page.click("text=Find a good one")
    person.see("seg2any.editing.isChanged && !seg2any.jobs.current", 120)
    kinds = person.ask("seg2any.pictures.history.map((node) => node.kind)")
    assert kinds.count("draft") == 4
    assert kinds.count("final") == 2
    assert "as a whole" in (person.page.get_attribute(".node >> nth=-1", "title") or "")
