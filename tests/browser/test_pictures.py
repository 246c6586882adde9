"""From a scene to the final PNG: rendering, cancelling, history, gamma strip, live drafts."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.files.picture_file import read_request
from tests.browser.hands import Hands


def sketch(person: Hands) -> Hands:
    person.blank()
    person.key("r").drag((0, 140), (120, 200), (256, 256)).name("green grass")
    person.key("o").drag((60, 40), (100, 90), (160, 140)).name("red ball")
    return person


@pytest.mark.slow
@pytest.mark.painted
def test_from_the_first_click_to_the_final_png(person: Hands, tmp_path: Path) -> None:
    sketch(person)
    person.page.fill("[aria-label='Scene caption']", "a ball on a meadow")
    person.page.fill("[aria-label='Gamma as a number']", "0.6")
    person.page.locator("[aria-label=Seed], [aria-label=seed]").first.fill("42")
    person.ask("seg2any.edits.setSampling({steps: 6})")
    person.generate()
    with person.page.expect_download() as saved:
        person.page.click("[aria-label=Menu]")
        person.page.click("text=Save PNG with its recipe")
    path = tmp_path / saved.value.suggested_filename
    saved.value.save_as(path)
    assert path.suffix == ".png"
    request = read_request(path)
    assert request.scene.caption == "a ball on a meadow"
    assert [region.caption for region in request.scene.regions] == ["green grass", "red ball"]
    assert request.sampling.gamma == 0.6
    assert request.sampling.seed == 42
    with Image.open(path) as picture:
        assert picture.size == (256, 256)


@pytest.mark.slow
def test_the_png_dragged_back_is_the_whole_scene(person: Hands, tmp_path: Path) -> None:
    sketch(person).generate()
    masks = person.masks
    with person.page.expect_download() as saved:
        person.page.click("[aria-label=Menu]")
        person.page.click("text=Save PNG with its recipe")
    path = tmp_path / "mine.png"
    saved.value.save_as(path)
    person.page.click("[aria-label=Menu]")
    person.page.click("text=Start page")
    with person.page.expect_file_chooser() as chooser:
        person.page.click(".card >> text=Open a file")
    chooser.value.set_files(path)
    person.see("!seg2any.above.isOpen && seg2any.document.scene.regions.length === 2").settle()
    assert person.captions == ["green grass", "red ball"]
    assert person.masks == masks


@pytest.mark.slow
def test_an_example_is_rendered_measured_and_compared(person: Hands) -> None:
    person.example("table").generate()
    person.see(
        "seg2any.document.scene.regions.some((region) => seg2any.fidelity.scoreOf(region.id))",
        60,
    )
    assert person.page.locator(".badge:visible").count() >= 1
    person.page.fill("[aria-label='Gamma as a number']", "0.3")
    person.key("Tab").settle().generate()
    assert person.ask("seg2any.pictures.history.length") == 2
    assert "gamma" in person.ask("seg2any.pictures.history[1].what").lower()
    first = person.page.locator(".node").nth(0)
    first.hover()
    first.locator("[aria-label='Compare with the shown result']").click()
    person.see("seg2any.view.mode === 'wipe' && seg2any.comparison.image")
    person.page.click("[data-view=diff]")
    person.page.click("[data-view=split]")
    first.hover()
    first.locator("[aria-label='Restore this scene']").click()
    person.see("Math.abs(seg2any.document.confirmed.sampling.gamma - 0.3) > 0.01")


@pytest.mark.slow
def test_cancel_stops_and_leaves_everything_ready(person: Hands) -> None:
    sketch(person).settle()
    person.ask("seg2any.edits.setSampling({steps: 400})")
    person.key("Control+Enter").see(
        "seg2any.jobs.current?.state === 'running' && seg2any.jobs.current.step > 0",
        60,
    )
    person.key("Escape").see("!seg2any.jobs.current")
    assert person.ask("seg2any.pictures.history.length") == 0
    person.ask("seg2any.edits.setSampling({steps: null})")
    person.settle().generate()
    assert person.ask("seg2any.pictures.history.length") == 1


@pytest.mark.slow
def test_the_same_picture_is_not_made_twice_but_another_seed_is(person: Hands) -> None:
    sketch(person).generate()
    person.key("Control+Enter").see("!seg2any.jobs.current && !seg2any.jobs.startingAt").settle()
    assert person.ask("seg2any.pictures.history.length") == 1
    person.page.click("[aria-label='Roll a new seed']")
    person.settle().generate()
    assert person.ask("seg2any.pictures.history.length") == 2


@pytest.mark.slow
def test_several_pictures_at_once_can_be_picked(person: Hands) -> None:
    sketch(person).page.fill("[aria-label=count]", "2")
    person.key("Tab").settle().generate()
    assert person.page.locator(".picks button").count() == 2
    first = person.ask("seg2any.pictures.resultImage.src")
    person.page.locator(".picks button").nth(1).click()
    person.see(f"seg2any.pictures.resultImage.src !== {first!r}")


@pytest.mark.slow
def test_the_gamma_strip_fills_scrubs_plays_and_is_exported(person: Hands, tmp_path: Path) -> None:
    sketch(person).page.click("text=Gamma strip")
    person.see("seg2any.strips.strip?.done && seg2any.strips.strip.shots.length >= 5", 90)
    person.see("seg2any.strips.strip.shots.every((shot) => shot.picture)")
    slider = person.page.locator(".gamma input[type=range]")
    box = slider.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    mouse = person.page.mouse
    mouse.move(box["x"] + box["width"] * 0.68, middle)
    mouse.down()
    mouse.move(box["x"] + box["width"] * 0.1, middle, steps=4)
    person.see("seg2any.pictures.scrubbed && seg2any.pictures.scrubbed.gamma < 0.3")
    mouse.up()
    person.see("seg2any.pictures.history.length === 1 && !seg2any.jobs.current", 90)
    person.page.click("[aria-label='Play sweep']")
    person.see("seg2any.strips.isPlaying && seg2any.pictures.scrubbed")
    person.page.click("[aria-label='Play sweep']")
    for label, kind in [("PNG grid", "png"), ("Animated GIF", "gif"), ("Web page", "html")]:
        person.page.click("[aria-label='Export the strip']")
        with person.page.expect_download() as saved:
            person.page.click(f".menu >> text={label}")
        assert saved.value.suggested_filename.endswith(kind)


def test_live_draws_again_after_each_stroke(person: Hands) -> None:
    sketch(person).page.click("button[role=switch]")
    person.see("seg2any.pictures.resultImage && !seg2any.jobs.current", 60)
    before = person.ask("seg2any.pictures.resultImage.src")
    person.key("2").key("b").drag((170, 60), (200, 80))
    person.see(f"seg2any.pictures.resultImage?.src !== {before!r} && !seg2any.jobs.current", 60)
    assert person.ask("seg2any.jobs.current") is None


def test_what_the_model_sees_is_the_label_map_on_its_grid(person: Hands) -> None:
    person.blank().key("r").drag((0, 128), (99, 200), (256, 256)).name("green grass").settle()
    person.page.click("text=Model sees")
    person.see("seg2any.modelSees.grid && seg2any.view.showsModel")
    view = person.ask("seg2any.modelSees.grid")
    cells = np.array(view["labels"]).reshape(view["rows"], view["columns"])
    assert (cells[: view["rows"] // 2] == 0).all()
    assert (cells[view["rows"] // 2 :] == 1).all()
    assert view["uncovered"] == pytest.approx(0.5)
    assert len(view["contour"]) > 0


def test_the_layout_pane_shows_each_region_in_its_own_colour(person: Hands) -> None:
    sketch(person).settle()
    person.ask("seg2any.view.setOption('opacity', 1), seg2any.view.setOption('labels', false)")
    person.key("n")
    shot = Image.open(io.BytesIO(person.page.screenshot())).convert("RGB")
    for x, y, name in [(20, 250, "green grass"), (110, 60, "red ball")]:
        wanted = person.ask(
            "seg2any.document.lookOf(seg2any.document.scene.regions"
            f".find((r) => r.caption === {name!r}).id).colour"
        )
        rgb = np.array([int(wanted[i : i + 2], 16) for i in (1, 3, 5)])
        px, py = (round(value) for value in person.at(x, y))
        patch = np.array(shot.crop((px - 8, py - 8, px + 8, py + 8))).reshape(-1, 3)
        assert np.abs(patch.astype(int) - rgb).sum(axis=1).min() < 12


def test_hints_say_what_is_wrong_before_the_render_and_lead_there(person: Hands) -> None:
    person.blank().key("r").drag((10, 10), (50, 50), (200, 200)).name("red wall")
    person.key("r").drag((50, 60), (52, 61), (54, 63)).name("speck").settle()
    person.see(
        "seg2any.document.hints.some((hint) => hint.kind === 'vanishing' || hint.kind === 'thin')"
    )
    assert "Region 2" in person.page.locator(".hint-item:not(.fine)").all_inner_texts()[0]
    fix = person.page.locator(".hint-item .btn:not(:text('Show'))").first
    area = person.ask("seg2any.document.confirmed.regions[1].area")
    fix.click()
    person.see(
        "seg2any.document.confirmed.regions.length < 2 || "
        f"seg2any.document.confirmed.regions[1].area > {area}"
    )
