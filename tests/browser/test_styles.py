"""Styles by hand: for the picture and for a region, chosen by their pictures, added, taken off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from diffusers import FluxTransformer2DModel
from PIL import Image
from playwright.sync_api import Page

from tests.browser.hands import Open, Server
from tests.style_builders import as_bfl, as_diffusers, random_style, write_style

pytestmark = pytest.mark.slow  # a studio of its own, whose styles fit its model


@pytest.fixture(scope="module")
def flux(base: str) -> FluxTransformer2DModel:
    return FluxTransformer2DModel.from_pretrained(Path(base) / "transformer")


@pytest.fixture(scope="module")
def styled(
    base: str, flux: FluxTransformer2DModel, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("styled")
    styles = folder / "weights" / "styles"
    words = {"modelspec.title": "Ink", "modelspec.trigger_phrase": "ink wash"}
    write_style(styles / "ink.safetensors", as_diffusers(random_style(flux)), words)
    Image.linear_gradient("L").convert("RGB").save(styles / "ink.png")
    (styles / "broken.safetensors").write_bytes(b"no style")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDIO_WEIGHTS", str(folder / "weights"))
        server = Server(folder, base).start()
    yield server
    server.stop()


def card(page: Page, name: str) -> str:
    return f".style-card:has-text('{name}')"


def test_styles_are_chosen_changed_taken_off_and_undone(visit: Open, styled: Server) -> None:
    person = visit(styled.address).blank()
    page = person.page
    person.key("r").drag((40, 40), (100, 100), (200, 200)).name("a castle").key("1")
    page.click(".inspector .style-fields button:has-text('Style')")
    page.wait_for_selector(f"{card(page, 'Ink')} img")
    assert page.is_disabled(card(page, "broken"))
    assert "is cut or is not safetensors" in page.inner_text(card(page, "broken"))
    page.click(card(page, "Ink"))
    person.see("seg2any.document.confirmed.regions[0].style?.name === 'ink'")
    page.fill(".inspector .style input[type=number]", "-0.5")
    page.keyboard.press("Enter")
    person.see("seg2any.document.confirmed.regions[0].style.strength === -0.5")
    page.click(".inspector .style .word")
    person.see("seg2any.document.confirmed.regions[0].caption === 'a castle, ink wash'")

    page.click(".make .style-fields button:has-text('Style')")
    page.click(card(page, "Ink"))
    person.see("seg2any.document.confirmed.sampling.styles.length === 1")
    person.generate()
    styles = "seg2any.document.confirmed.sampling.styles.length"
    page.click(".make .style button[aria-label='Take Ink off']")
    person.see(f"{styles} === 0")
    person.key("Control+z").see(f"{styles} === 1")
    page.reload()
    person.see("window.seg2any?.document.confirmed.regions[0]?.style?.strength === -0.5")
    assert person.ask(styles) == 1


def test_a_file_is_added_and_what_is_none_is_refused_in_a_sentence(
    visit: Open, styled: Server, flux: FluxTransformer2DModel, tmp_path: Path
) -> None:
    person = visit(styled.address).blank()
    page = person.page
    chalk = write_style(tmp_path / "chalk.safetensors", as_bfl(random_style(flux, seed=7)))
    half = tmp_path / "half.safetensors"
    half.write_bytes(chalk.read_bytes()[:-100])
    page.click(".make .style-fields button:has-text('Style')")
    page.wait_for_selector(card(page, "Ink"))
    with page.expect_file_chooser() as chooser:
        page.click("text=Add a file…")
    chooser.value.set_files(str(half))
    page.wait_for_selector(".toast:has-text('half.safetensors is not whole')")
    with page.expect_file_chooser() as chooser:
        page.click("text=Add a file…")
    chooser.value.set_files(str(chalk))
    page.click(card(page, "chalk"))
    person.see("seg2any.document.confirmed.sampling.styles[0]?.name === 'chalk'")
    assert (styled.folder / "weights" / "styles" / "chalk.safetensors").is_file()
