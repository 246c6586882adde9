"""The segmenter without weights: clicks, boxes and masks on pictures with a known truth."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from studio.domain.errors import Cancelled, PromptError
from studio.domain.geometry import Extent
from studio.segmentation.click_segmenter import ClickSegmenter
from studio.segmentation.segmenter import ImageEmbedding

BOX = (60, 50, 110, 120)
CENTRE = (85, 85)


def photo(seed: int = 0) -> NDArray[np.uint8]:
    """A red card and a blue ball on grass, with some noise, 240 x 180."""
    pixels = np.full((180, 240, 3), (70, 120, 50), np.uint8)
    pixels[50:120, 60:110] = (200, 40, 30)
    cv2.circle(pixels, (180, 110), 35, (40, 60, 190), -1)
    noise = np.random.default_rng(seed).normal(0, 6, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


def card() -> NDArray[np.bool_]:
    truth = np.zeros((180, 240), np.bool_)
    truth[50:120, 60:110] = True
    return truth


def iou(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    return float((one & other).sum() / (one | other).sum())


@pytest.fixture(scope="module")
def segmenter() -> ClickSegmenter:
    return ClickSegmenter()


@pytest.fixture(scope="module")
def embedding(segmenter: ClickSegmenter) -> ImageEmbedding:
    return segmenter.embed(photo())


def test_a_click_finds_the_thing(segmenter: ClickSegmenter, embedding: ImageEmbedding) -> None:
    candidates = segmenter.segment(embedding, points=[CENTRE], labels=[1])

    assert iou(candidates[0].mask, card()) > 0.95


def test_candidates_are_of_different_scale_and_the_best_comes_first(
    segmenter: ClickSegmenter, embedding: ImageEmbedding
) -> None:
    candidates = segmenter.segment(embedding, points=[CENTRE])

    scores = [candidate.score for candidate in candidates]
    assert len(candidates) > 1
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert all(iou(candidates[0].mask, other.mask) < 0.9 for other in candidates[1:])
    assert all(candidate.mask.shape == (180, 240) for candidate in candidates)


def test_a_second_click_adds_and_a_negative_click_carves(
    segmenter: ClickSegmenter, embedding: ImageEmbedding
) -> None:
    both = segmenter.segment(embedding, points=[CENTRE, (180, 110)], labels=[1, 1])[0].mask
    carved = segmenter.segment(
        embedding, points=[CENTRE, (180, 110), (180, 110)], labels=[1, 1, 0]
    )[0].mask

    assert both[85, 85]
    assert both[110, 180]
    assert carved[85, 85]
    assert not carved[110, 180]


def test_a_box_finds_the_thing_in_it(segmenter: ClickSegmenter, embedding: ImageEmbedding) -> None:
    assert iou(segmenter.segment(embedding, box=BOX)[0].mask, card()) > 0.93


def test_a_click_edits_the_answer_to_a_box(
    segmenter: ClickSegmenter, embedding: ImageEmbedding
) -> None:
    mask = segmenter.segment(embedding, points=[(180, 110)], labels=[1], box=BOX)[0].mask

    assert mask[85, 85]
    assert mask[110, 180]


def test_logits_carry_the_selection_on(
    segmenter: ClickSegmenter, embedding: ImageEmbedding
) -> None:
    first = segmenter.segment(embedding, points=[CENTRE])[0]

    again = segmenter.segment(embedding, mask=first.logits)[0]

    assert iou(first.mask, again.mask) > 0.97


def test_a_click_that_is_fulfilled_changes_nothing(
    segmenter: ClickSegmenter, embedding: ImageEmbedding
) -> None:
    once = segmenter.segment(embedding, points=[CENTRE])[0].mask
    twice = segmenter.segment(embedding, points=[CENTRE, CENTRE])[0].mask

    assert np.array_equal(once, twice)


def test_a_click_always_shows(segmenter: ClickSegmenter, embedding: ImageEmbedding) -> None:
    clicks = [CENTRE, (61, 51), (59, 49), (110, 119), (100, 60)]
    labels = [1, 0, 1, 1, 0]

    mask = segmenter.segment(embedding, points=clicks, labels=labels)[0].mask

    assert [mask[y, x] for x, y in clicks] == [True, False, True, True, False]


def test_everything_is_a_partition_of_the_picture(
    segmenter: ClickSegmenter, embedding: ImageEmbedding
) -> None:
    heard: list[float] = []

    masks = segmenter.everything(embedding, heard.append)

    assert np.array_equal(np.sum(masks, axis=0), np.ones((180, 240)))
    assert max(iou(mask, card()) for mask in masks) > 0.9
    assert [mask.sum() for mask in masks] == sorted((m.sum() for m in masks), reverse=True)
    assert heard[-1] == 1.0


def test_everything_stops_when_asked(segmenter: ClickSegmenter, embedding: ImageEmbedding) -> None:
    stop = threading.Event()
    stop.set()

    with pytest.raises(Cancelled):
        segmenter.everything(embedding, cancel=stop)


def test_the_embedding_is_a_value_that_knows_its_bytes(
    segmenter: ClickSegmenter, embedding: ImageEmbedding
) -> None:
    again, other = segmenter.embed(Image.fromarray(photo())), segmenter.embed(photo(seed=1))

    assert embedding.extent == Extent(240, 180)
    assert embedding.digest == again.digest != other.digest
    assert embedding.nbytes > embedding.features.land.labels.nbytes
    masks = [segmenter.segment(e, points=[CENTRE])[0].mask for e in (embedding, again)]
    assert np.array_equal(*masks)


def test_two_threads_get_their_own_masks(segmenter: ClickSegmenter) -> None:
    pictures = [photo(), np.ascontiguousarray(photo()[:, ::-1])]
    points = [CENTRE, (239 - CENTRE[0], CENTRE[1])]

    def mask(index: int) -> NDArray[np.bool_]:
        embedding = segmenter.embed(pictures[index % 2])
        return segmenter.segment(embedding, points=[points[index % 2]])[0].mask

    alone = [mask(0), mask(1)]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(mask, range(4)))

    assert not np.array_equal(*alone)
    assert all(np.array_equal(got, alone[index % 2]) for index, got in enumerate(together))


@pytest.mark.parametrize("size", [(2, 2), (37, 911), (16, 16), (500, 3)])
def test_odd_sizes_give_masks_of_their_size(
    segmenter: ClickSegmenter, size: tuple[int, int]
) -> None:
    width, height = size
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    embedding = segmenter.embed(pixels)

    mask = segmenter.segment(embedding, points=[(width - 1, height - 1)])[0].mask

    assert mask.shape == (height, width)
    assert sum(m.sum() for m in segmenter.everything(embedding)) == width * height


def test_an_all_black_picture_is_one_thing(segmenter: ClickSegmenter) -> None:
    embedding = segmenter.embed(np.zeros((60, 80, 3), np.uint8))

    candidates = segmenter.segment(embedding, points=[(40, 30)])

    assert any(candidate.mask.all() for candidate in candidates)


@pytest.mark.parametrize(
    ("picture", "says"),
    [
        (np.zeros((1, 1, 3), np.uint8), "1 x 1 pixels; it must have 2 to 8192"),
        (np.zeros((8, 9000, 3), np.uint8), "9000 x 8"),
        (np.zeros((8, 8), np.uint8), "height, width, 3"),
        (np.zeros((8, 8, 3), np.float32), "float32"),
        ("photo.jpg", "not str"),
        (None, "not NoneType"),
    ],
)
def test_what_is_no_picture_is_refused(
    segmenter: ClickSegmenter, picture: object, says: str
) -> None:
    with pytest.raises(PromptError, match=says):
        segmenter.embed(picture)  # pyright: ignore[reportArgumentType]


def test_a_bad_click_is_refused_and_changes_nothing(
    segmenter: ClickSegmenter, embedding: ImageEmbedding
) -> None:
    before = segmenter.segment(embedding, points=[CENTRE])[0].mask

    with pytest.raises(PromptError, match="outside the picture of 240 x 180"):
        segmenter.segment(embedding, points=[CENTRE, (240, 10)], labels=[1, 1])

    assert np.array_equal(segmenter.segment(embedding, points=[CENTRE])[0].mask, before)
