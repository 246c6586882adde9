"""Over-growth of a kept subject, and the rounds that avoid it."""

import numpy as np
import pytest
from PIL import Image

import studio
from studio.project.growth import MOST_GROWTH, best_world, draw_world, growth, seeds_tried
from studio.scene.request import Picture, RenderRequest
from studio.segmentation.click.click_segmenter import ClickSegmenter
from tests.builders import box_mask
from tests.scripted_engine import FlatSegmenter

SIDE = 128
SUBJECT = box_mask(SIDE, SIDE, 40, 40, 88, 88)


def world(grown_by: int) -> np.ndarray:
    """A red square on green, `grown_by` pixels larger to the right than the subject."""
    picture = np.full((SIDE, SIDE, 3), (60, 140, 70), np.uint8)
    picture[40:88, 40 : 88 + grown_by] = (190, 40, 40)
    return picture


SEGMENTERS = [
    pytest.param(FlatSegmenter(), id="flat"),
    pytest.param(ClickSegmenter(), id="click", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("segmenter", SEGMENTERS)
def test_growth_is_the_new_area_outside_the_old_one(segmenter):
    assert growth(segmenter, world(0), SUBJECT) <= MOST_GROWTH
    found = growth(segmenter, world(22), SUBJECT)
    assert found == pytest.approx(48 * 20 / 48**2, abs=0.08), "two pixels of edge do not count"


def test_a_large_photo_is_measured_as_a_small_one_is():
    large = np.kron(world(22), np.ones((6, 6, 1), np.uint8))
    subject = np.kron(SUBJECT, np.ones((6, 6), bool))
    assert growth(FlatSegmenter(), large, subject) == pytest.approx(0.44, abs=0.05)


def request() -> RenderRequest:
    subject = studio.Region(box_mask(8, 8, 2, 2, 6, 6), "a cat")
    scene = studio.Scene(8, 8, "a lawn", [subject])
    edit = studio.PhotoEdit(np.zeros((8, 8, 3), np.uint8), keep_subject=True)
    return RenderRequest(scene, studio.Sampling(seed=7), edit)


def drawn(asked: list[RenderRequest]):
    def render(draft: RenderRequest) -> Picture:
        asked.append(draft)
        return Picture([Image.new("RGB", (8, 8))], None, draft, 0.0)

    return render


def test_the_first_world_that_leaves_the_subject_alone_is_taken():
    asked: list[RenderRequest] = []
    grown = iter([0.2, 0.01, 0.0])
    rounds = best_world(drawn(asked), request(), lambda picture: next(grown))
    assert [each.sampling.seed for each in asked] == [7, 8]
    assert all(each.sampling.draft for each in asked)
    assert (rounds[0].seed, rounds[0].growth) == (8, 0.01)


def test_after_three_rounds_the_best_of_them_is_kept():
    asked: list[RenderRequest] = []
    grown = iter([0.2, 0.05, 0.4])
    rounds = best_world(drawn(asked), request(), lambda picture: next(grown))
    assert len(asked) == 3
    assert [each.seed for each in rounds] == [8, 7, 9]


def test_a_draft_and_an_edit_without_a_subject_have_one_seed_alone():
    asked = request()
    assert [each.sampling.seed for each in seeds_tried(asked)] == [7, 8, 9]
    assert seeds_tried(asked.with_sampling(draft=True))[0].sampling.seed == 7
    assert len(seeds_tried(asked.with_sampling(draft=True))) == 1
    assert seeds_tried(RenderRequest(asked.scene, asked.sampling)) == (
        RenderRequest(asked.scene, asked.sampling),
    )


def test_the_finished_world_tells_how_much_the_subject_grew():
    asked: list[RenderRequest] = []

    def render(draft: RenderRequest) -> Picture:
        asked.append(draft)
        return Picture([Image.fromarray(world(30 if len(asked) == 1 else 0))], None, draft, 0.0)

    subject = studio.Region(SUBJECT, "a red square")
    scene = studio.Scene(SIDE, SIDE, "a lawn", [subject])
    edit = studio.PhotoEdit(world(0), keep_subject=True)
    wanted = RenderRequest(scene, studio.Sampling(seed=3, count=2), edit)
    picture = draw_world(render, FlatSegmenter(), wanted)
    assert [each.sampling.seed for each in asked] == [3, 4, 4]
    assert [each.sampling.draft for each in asked] == [True, True, False]
    assert asked[-1].sampling.count == 2
    assert "grew by 0.0 %" in picture.notices[-1]
    assert "seed 4" in picture.notices[-1]
