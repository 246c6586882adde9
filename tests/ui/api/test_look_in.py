"""Another tool's models, found and loaded from the page."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from studio.config import Settings
from studio.engine.engine import Engine
from studio.service.studio import Builders, Studio
from studio.ui.api.client import Client
from studio.wiring import build_engine
from tests.scripted_engine import FlatSegmenter
from tests.service.conftest import finished
from tests.single_files import comfyui_folder
from tests.tiny_models import tiny_base
from tests.ui.conftest import Page


@pytest.fixture(scope="module")
def comfyui(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("other")
    comfyui_folder(tiny_base(folder / "base"), folder / "ComfyUI")
    return folder / "ComfyUI"


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    made = Studio(
        Settings(projects=tmp_path / "projects", device="cpu"),
        Builders(build_engine, lambda _: FlatSegmenter()),
    )
    assert finished(made.start(), 60).state == "done"
    yield made
    made.close()


@pytest.fixture
def page(studio: Studio) -> Page:
    return Page(Client(studio))


def bases(answer: dict) -> dict[str, dict]:
    return {each["id"]: each for each in answer["found"]["bases"]}


def test_a_transformer_of_another_tool_becomes_a_base(page: Page, comfyui: Path) -> None:
    before = page.ask("settings")
    assert "flux1-dev" not in bases(before)
    assert (before["current"]["base"], before["may_look"]) == ("mini", True)
    after = page.ask("look_in", comfyui=str(comfyui))
    assert bases(after)["flux1-dev"]["ready"]
    assert after["current"]["comfyui"] == str(comfyui / "models")
    assert after["current"]["base"] == "mini"
    assert page.ask("model")["model"]["mini"]  # what is loaded stays
    job = page.finish(page.ask("use_model", base="flux1-dev"), 60)
    assert job["state"] == "done", job["error"]
    loaded = page.ask("model")["model"]
    assert (loaded["name"], loaded["mini"]) == ("FLUX.1-dev", False)
    assert page.ask("settings")["current"]["base"] == "flux1-dev"
    page.ask("look_in", comfyui=None)  # the file is still the base
    assert page.ask("settings")["current"]["base"] == "flux1-dev"
    assert page.finish(page.ask("use_model", base="mini"), 60)["state"] == "done"
    assert page.ask("model")["model"]["mini"]


def test_a_base_that_lacks_something_says_what(page: Page, comfyui: Path, tmp_path: Path) -> None:
    alone = tmp_path / "models" / "unet"
    alone.mkdir(parents=True)
    file = comfyui / "models" / "diffusion_models" / "flux1-dev.safetensors"
    (alone / "mine.safetensors").write_bytes(file.read_bytes())
    found = bases(page.ask("look_in", comfyui=str(tmp_path)))["mine"]
    assert not found["ready"]
    assert "also needs the VAE" in found["missing"]
    assert "also needs the VAE" in page.refused("use_model", base="mine")["error"]


def test_a_folder_that_is_none_changes_nothing(page: Page, tmp_path: Path) -> None:
    told = page.refused("look_in", comfyui=str(tmp_path / "absent"))
    assert "which is not a folder here" in told["error"]
    assert page.ask("settings")["current"]["comfyui"] is None


def test_looking_while_the_first_model_loads_does_not_change_which(
    tmp_path: Path, comfyui: Path
) -> None:
    may_go_on = threading.Event()

    def slow(settings: Settings) -> Engine:
        assert may_go_on.wait(20)
        return build_engine(settings)

    studio = Studio(
        Settings(projects=tmp_path / "projects", device="cpu"),
        Builders(slow, lambda _: FlatSegmenter()),
    )
    with closing(studio):
        job = studio.start()
        studio.look_in(comfyui)
        may_go_on.set()
        assert finished(job, 60).state == "done"
        assert studio.settings.is_mini
        assert studio.settings.comfyui == comfyui / "models"


@pytest.mark.parametrize(
    "reached", [{"host": "0.0.0.0"}, {"names": "studio.lan"}, {"trusted_proxy": "10.0.0.1"}]
)
def test_who_comes_from_elsewhere_may_not_look_into_folders(
    reached: dict[str, str], page: Page, studio: Studio, comfyui: Path
) -> None:
    studio.settings = replace(studio.settings, **reached)
    assert page.ask("settings")["may_look"] is False
    assert "--comfyui FOLDER" in page.refused("look_in", comfyui=str(comfyui))["error"]
