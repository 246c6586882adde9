"""Whether the click segmenter's scores are honest, on painted scenes it has not learnt from."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.segment import Thing, error_centre, iou, visible_pieces
from studio.scene.geometry import Extent
from studio.segmentation.click.click_segmenter import ClickSegmenter
from studio.workshop.painting.painter import paint_scene

SEEDS = range(80_000, 80_006)
THINGS_A_SCENE = 5
CLICKS = 3


@pytest.fixture(scope="module")
def told_and_true() -> np.ndarray:
    """(things, CLICKS, 2): the score and the IoU after each click."""
    segmenter = ClickSegmenter()
    rows: list[list[tuple[float, float]]] = []
    for seed in SEEDS:
        scene = paint_scene(np.random.default_rng(seed), Extent(512, 512))
        pixels = (np.clip(scene.image, 0, 1) * 255 + 0.5).astype(np.uint8)
        embedding = segmenter.embed(pixels)
        pieces = [piece.mask for piece in visible_pieces(scene) if not piece.has_a_twin]
        for truth in pieces[:THINGS_A_SCENE]:
            thing = Thing(str(seed), pixels, truth)
            mask, row = np.zeros_like(truth), []
            for _ in range(CLICKS):
                place = error_centre(mask != truth)
                assert place is not None
                thing.clicks.append((*place, int(truth[place[1], place[0]])))
                first = segmenter.segment(
                    embedding,
                    points=[(x, y) for x, y, _ in thing.clicks],
                    labels=[label for _, _, label in thing.clicks],
                )[0]
                mask = first.mask
                row.append((first.score, iou(mask, truth)))
            rows.append(row)
    return np.array(rows)


@pytest.mark.slow
@pytest.mark.parametrize("clicks", range(1, CLICKS + 1))
def test_scores_tell_on_average_what_the_masks_are_worth(
    told_and_true: np.ndarray, clicks: int
) -> None:
    told, true = told_and_true[:, clicks - 1].T

    # two dozen things, whose IoUs scatter by 0.15: their mean is known to 0.03
    assert told.mean() == pytest.approx(true.mean(), abs=0.08)


@pytest.mark.slow
def test_a_low_score_warns_of_a_bad_mask(told_and_true: np.ndarray) -> None:
    told, true = told_and_true[:, 0].T

    assert np.abs(told - true).mean() < 0.15
