"""Getting a model in the settings: downloaded, paused, gone on with, gated, refused."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.hands import Hands, Open, Server
from tests.hub_server import TOKEN, LoopbackHub, running

TINY, LARGE, FLUX = "sam2.1-hiera-tiny", "sam2.1-hiera-large", "FLUX.1-schnell"
WEIGHTS = random.Random(1).randbytes(4_000_000)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def hub() -> Iterator[LoopbackHub]:
    files = {"config.json": b"{}", "model.safetensors": WEIGHTS}
    models = {f"facebook/{name}": files for name in (TINY, LARGE)}
    models[f"black-forest-labs/{FLUX}"] = {"model_index.json": b"{}"}
    with running(LoopbackHub(models, gated={f"black-forest-labs/{FLUX}": {TOKEN}})) as hub:
        yield hub


@pytest.fixture(scope="module")
def library(
    hub: LoopbackHub, base: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A studio whose hub is on loopback, and whose weights folder is empty."""
    folder = tmp_path_factory.mktemp("library")
    variables = {"HF_ENDPOINT": hub.address, "HF_HOME": str(folder / "hub"), "HF_TOKEN": ""}
    variables["STUDIO_WEIGHTS"] = str(folder / "weights")
    server = Server(folder, base, variables=variables)
    yield server.start()
    server.stop()


@pytest.fixture
def person(visit: Open, library: Server) -> Hands:
    return settings(visit(library.address))


def settings(person: Hands) -> Hands:
    if person.ask("seg2any.above.isOpen"):
        person.blank()
    person.page.click("[aria-label='Settings: models, device, memory']")
    return person.see("document.querySelector('.getting [data-model]')")


def row(person: Hands, name: str) -> Locator:
    return person.page.locator(f"[data-model='{name}']")


def picture(person: Hands, name: str) -> None:
    """STUDIO_TEST_PICTURES names a folder for those who want to look."""
    if folder := os.environ.get("STUDIO_TEST_PICTURES"):
        person.page.screenshot(path=str(Path(folder) / f"{name}.png"))


def test_a_model_is_downloaded_paused_and_gone_on_with(
    person: Hands, hub: LoopbackHub, library: Server
) -> None:
    hub.piece, hub.pace = 40_000, 0.05
    tiny = row(person, TINY)
    expect(tiny).to_contain_text("160 MB · Apache-2.0")
    tiny.get_by_role("button", name="Download").click()
    expect(tiny.get_by_role("status")).to_contain_text("of 4.0 MB,")
    expect(tiny.get_by_role("status")).to_contain_text("left")
    tiny.scroll_into_view_if_needed()
    picture(person, "downloading")

    tiny.get_by_role("button", name="Pause").click()
    expect(tiny.get_by_role("status")).to_contain_text("paused")
    share = tiny.get_by_role("progressbar").evaluate("bar => bar.value")
    assert 0 < share < 1
    hub.pace = 0
    tiny.get_by_role("button", name="Go on").click()

    expect(person.page.locator(".drawer .ready")).to_contain_text(TINY)
    weights = Path(library.variables["STUDIO_WEIGHTS"]) / TINY / "model.safetensors"
    assert weights.read_bytes() == WEIGHTS
    assert any(asked for _, asked, _ in hub.sent), "it began anew"


def test_a_download_goes_on_while_the_settings_are_closed(person: Hands, hub: LoopbackHub) -> None:
    hub.piece, hub.pace = 100_000, 0.05
    row(person, LARGE).get_by_role("button", name="Download").click()
    expect(row(person, LARGE).get_by_role("button", name="Pause")).to_be_visible()
    person.key("Escape").see("!seg2any.above.isOpen")
    settings(person)

    expect(row(person, LARGE).get_by_role("button", name="Pause")).to_be_visible()
    hub.pace = 0
    expect(person.page.locator(".drawer .ready")).to_contain_text(LARGE)


def test_gated_weights_explain_themselves_and_take_a_token_once(
    person: Hands, library: Server, hub: LoopbackHub
) -> None:
    flux = row(person, FLUX)
    flux.get_by_role("button", name="Download").click()
    expect(flux).to_contain_text("accept its terms (Apache-2.0)")
    terms = flux.get_by_role("link", name="Accept its terms")
    assert terms.get_attribute("href") == f"{hub.address}/black-forest-labs/{FLUX}"
    flux.scroll_into_view_if_needed()
    picture(person, "gated")

    field = flux.get_by_label("Token of the hub")
    field.fill("hf_wrong")
    field.press("Enter")
    expect(person.page.locator(".toast.bad")).to_contain_text("does not know this token")
    assert field.input_value() == ""
    field.fill(TOKEN)
    field.press("Enter")

    expect(flux).to_have_count(0)  # it is no longer among what is missing
    assert (library.folder / "hub" / "token").read_text() == TOKEN
    assert TOKEN not in (library.folder / "server.log").read_text()


def test_what_the_hub_refuses_is_said_in_the_row(
    visit: Open, library: Server, hub: LoopbackHub
) -> None:
    person = settings(visit(library.address, viewport={"width": 720, "height": 800}))
    dino = row(person, "dinov2-small")
    dino.get_by_role("button", name="Download").click()

    expect(dino).to_contain_text("is not there any more; look for dinov2-small on the hub.")
    expect(dino.get_by_role("button", name="Try again")).to_be_visible()
    dino.scroll_into_view_if_needed()
    picture(person, "narrow")
    drawer = person.page.locator(".drawer")
    assert drawer.evaluate("drawer => drawer.scrollWidth <= drawer.clientWidth")
