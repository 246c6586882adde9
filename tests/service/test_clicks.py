"""Clicks on photos and results, with the segmenter that ships."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from studio.config import Settings
from studio.project.fidelity import iou, measure_region
from studio.project.incoming import File, photo_document
from studio.project.session import Session
from studio.scene.errors import PromptError
from studio.scene.region import Click
from studio.segmentation.click.click_segmenter import ClickSegmenter
from studio.service.clicks import choose, embed
from studio.service.studio import Builders, Studio
from tests.scripted_engine import ScriptedEngine
from tests.service.conftest import finished


def ball_photo(side: int = 96) -> Image.Image:
    """A red ball on a grey, slightly uneven wall."""
    noise = np.random.default_rng(0).normal(0, 4, (side, side, 3))
    image = Image.fromarray(np.clip(150 + noise, 0, 255).astype(np.uint8))
    ImageDraw.Draw(image).ellipse((24, 30, 64, 70), fill=(190, 40, 40))
    return image


def ball_pixels(side: int = 96) -> np.ndarray:
    drawn = Image.new("L", (side, side))
    ImageDraw.Draw(drawn).ellipse((24, 30, 64, 70), fill=255)
    return np.asarray(drawn) > 0


@pytest.fixture(scope="module")
def segmenter() -> ClickSegmenter:
    return ClickSegmenter()


@pytest.fixture
def studio(tmp_path: Path, segmenter: ClickSegmenter):
    builders = Builders(lambda _: ScriptedEngine(), lambda _: segmenter)
    studio = Studio(Settings(projects=tmp_path), builders)
    finished(studio.start())
    yield studio
    studio.close()


@pytest.fixture
def session(studio: Studio) -> Session:
    file = io.BytesIO()
    ball_photo().resize((480, 480)).save(file, "PNG")
    session = studio.store.create("a" * 32)
    incoming = photo_document(File("ball.png", file.getvalue()), studio.facts, session.folder)
    session.begin_with(incoming.document)
    return session


def test_a_photo_takes_the_size_of_the_model_and_keeps_its_proportions(
    session: Session, studio: Studio
) -> None:
    extent = session.document.scene.extent
    assert extent.width == extent.height
    assert extent.is_multiple_of(studio.facts.size_step)


def test_a_click_on_the_ball_finds_the_ball(studio: Studio, session: Session) -> None:
    side = session.document.scene.width
    found = choose(studio, session, "photo", [Click(side * 0.45, side * 0.52, 1)])
    truth = np.asarray(Image.fromarray(ball_pixels()).resize((side, side)))
    assert iou(found.choices[found.best].mask.pixels, truth) > 0.8
    areas = [choice.mask.area for choice in found.choices]
    assert areas == sorted(areas)


def test_the_second_click_finds_the_picture_read(studio: Studio, session: Session) -> None:
    assert not embed(studio, session, "photo").was_cached
    assert embed(studio, session, "photo").was_cached
    assert studio.embeddings.counts.entries == 1


def test_clicks_outside_and_without_a_target_are_refused(studio: Studio, session: Session) -> None:
    for clicks in ([], [Click(-1, 5, 1)], [Click(1e6, 5, 1)]):
        with pytest.raises(PromptError):
            choose(studio, session, "photo", clicks)


@pytest.mark.slow
def test_fidelity_is_high_where_the_shape_was_obeyed_and_low_where_not(
    segmenter: ClickSegmenter,
) -> None:
    embedding = segmenter.embed(ball_photo())
    obeyed = measure_region(segmenter, embedding, ball_pixels()).fidelity.iou
    elsewhere = np.roll(ball_pixels(), (24, 26), axis=(0, 1))
    missed = measure_region(segmenter, embedding, elsewhere).fidelity.iou
    assert obeyed is not None
    assert missed is not None
    assert obeyed > 0.85 > missed
