"""Styles in the page: listed, added, chosen for the picture and for a region, and missing."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from studio.config import Settings
from studio.engine.flux_engine import FluxEngine
from studio.engine.styles.library import StyleLibrary
from studio.service.studio import Builders, Studio
from studio.ui.api.client import Client
from tests.scripted_engine import FlatSegmenter
from tests.service.conftest import finished
from tests.style_builders import as_diffusers, random_style, write_style
from tests.ui.conftest import Page, content


@pytest.fixture
def folder(tmp_path: Path, tiny: FluxEngine) -> Path:
    found = tmp_path / "weights" / "styles"
    words = {"modelspec.title": "Ink", "modelspec.trigger_phrase": "ink wash"}
    write_style(found / "ink.safetensors", as_diffusers(random_style(tiny._parts.flux)), words)
    Image.new("RGB", (400, 200), (20, 20, 90)).save(found / "ink.png")
    return found


@pytest.fixture
def page(tmp_path: Path, tiny: FluxEngine, folder: Path) -> Iterator[Page]:
    builders = Builders(lambda _: tiny, lambda _: FlatSegmenter())
    settings = Settings(projects=tmp_path / "projects", weights=tmp_path / "weights")
    studio = Studio(settings, builders)
    tiny.styles.folder = folder
    assert finished(studio.start()).state == "done"
    try:
        yield Page(Client(studio))
    finally:
        tiny.styles.folder = None
        studio.close()


def listed(page: Page) -> dict[str, Any]:
    return {each["name"]: each for each in page.ask("styles")["styles"]}


def scene(page: Page) -> str:
    page.ask("set_scene", caption="a b c")
    page.draw(0, 32, 64, 64, "a b")
    return page.draw(16, 16, 48, 48, "c")


def test_styles_are_listed_with_a_small_picture(page: Page) -> None:
    ink = listed(page)["ink"]
    assert (ink["title"], ink["words"], ink["fault"]) == ("Ink", ["ink wash"], None)
    served = page.ask("file", ref=ink["picture"])
    assert served["mime"] == "image/jpeg"
    assert base64.b64decode(served["data"])[:2] == b"\xff\xd8"
    assert "no picture" in page.refused("file", ref="style/" + "0" * 32)["error"]


def test_styles_of_picture_and_region_are_edits_that_undo_and_last(page: Page) -> None:
    region, ink = scene(page), listed(page)["ink"]["digest"]
    before = content(page.ask("document"))
    page.ask("set_sampling", styles=[{"digest": ink, "strength": 0.8}])
    page.ask("set_region", region=region, style={"digest": ink, "strength": -1.5})
    own = {"name": "ink", "digest": ink}
    assert page.document["sampling"]["styles"] == [{**own, "strength": 0.8}]
    assert page.document["regions"][1]["style"] == {**own, "strength": -1.5}
    assert page.document["undo"] == "style of region 2"
    again = Page(page.client, project=page.project, owner=page.owner)
    assert again.document["sampling"]["styles"] == page.document["sampling"]["styles"]
    page.ask("undo", steps=2)
    assert content(page.ask("document")) == before
    page.ask("redo", steps=2)
    page.ask("set_region", region=region, style=None)
    assert page.document["regions"][1]["style"] is None


def test_each_style_is_a_picture_of_its_own_and_comes_back_from_the_history(page: Page) -> None:
    region, ink = scene(page), listed(page)["ink"]["digest"]
    plain = page.render()
    page.ask("set_region", region=region, style={"digest": ink})
    styled = page.render()
    page.ask("set_region", region=region, style={"digest": ink, "strength": 0.5})
    weaker = page.render()
    assert len({plain, styled, weaker}) == 3
    page.ask("set_region", region=region, style={"digest": ink})
    assert page.ask("render", quality="final")["node"] == styled
    page.ask("restore", node=weaker)
    assert page.document["regions"][1]["style"]["strength"] == 0.5
    assert page.render("live") not in (styled, weaker)


def test_a_styled_picture_opens_without_its_style_and_says_what_is_missing(
    page: Page, folder: Path, tiny: FluxEngine
) -> None:
    region, ink = scene(page), listed(page)["ink"]["digest"]
    page.ask("set_region", region=region, style={"digest": ink})
    node = page.render()
    saved = page.ask("file", ref=page.ask("save_picture", node=node)["file"])
    tiny.styles = StyleLibrary(tiny._parts.flux, folder)  # as after a restart
    (folder / "ink.safetensors").rename(folder.parent / "elsewhere.safetensors")
    file = {"name": saved["name"], "data": saved["data"]}
    opened = page.ask("open_files", files=[file])
    told = "The style ink is not in weights/styles, so this scene opens but does not render with it"
    assert any(notice.startswith(told) for notice in opened["notices"])
    assert page.document["missing_styles"] == [ink]
    assert page.document["regions"][1]["style"]["name"] == "ink"
    number = page.document["regions"][1]["id"]
    page.ask("set_region", region=number, style={"digest": ink, "strength": 0.4})
    assert any("The style ink (digest" in told for told in page.ask("preflight")["notices"])


def test_an_added_style_can_be_used_at_once_and_a_bad_one_changes_nothing(
    page: Page, folder: Path, tiny: FluxEngine, tmp_path: Path
) -> None:
    path = write_style(
        tmp_path / "chalk.safetensors", as_diffusers(random_style(tiny._parts.flux, seed=5))
    )
    data = base64.b64encode(path.read_bytes()).decode()
    answer = page.ask("add_style", file=data, name="chalk.safetensors")
    assert [each["name"] for each in answer["styles"]] == ["chalk", "ink"]
    scene(page)
    page.ask("set_sampling", styles=[{"digest": answer["added"]}])
    page.render()
    broken = base64.b64encode(path.read_bytes()[:-10]).decode()
    refused = page.refused("add_style", file=broken, name="broken.safetensors")
    assert "broken.safetensors is not whole" in refused["error"]
    assert not (folder / "broken.safetensors").exists()


@pytest.mark.parametrize(
    "styles",
    [
        [{"digest": "0" * 32}],
        [{"digest": "../ink"}],
        [{"digest": "0" * 32, "strength": 2.5}],
        [{"path": "/etc/passwd"}],
        "ink",
        [{"digest": "0" * 32}] * 9,
    ],
)
def test_only_what_is_listed_can_be_chosen(page: Page, styles: Any) -> None:
    before = page.document["revision"]
    page.refused("set_sampling", styles=styles)
    assert page.ask("document")["document"]["revision"] == before


def test_the_same_style_twice_is_refused(page: Page) -> None:
    ink = listed(page)["ink"]["digest"]
    refused = page.refused("set_sampling", styles=[{"digest": ink}, {"digest": ink}])
    assert "is given twice" in refused["error"]
