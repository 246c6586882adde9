"""The segmenter without weights: clicks, boxes and masks on pictures with a known truth."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from benchmarks.segment import error_centre
from studio.scene.errors import Cancelled, PromptError
from studio.scene.geometry import Extent
from studio.segmentation.click.click_segmenter import ClickSegmenter
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


def house() -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """A white wall under a dark roof of tiles, before a green hill."""
    pixels = np.full((240, 320, 3), (60, 130, 60), np.uint8)
    truth = np.zeros((240, 320), np.bool_)
    pixels[120:200, 80:220] = (225, 220, 205)
    pixels[60:120, 70:230] = (60, 40, 60)
    pixels[60:120:12, 70:230] = (30, 20, 30)
    pixels[60:120, 70:230:16] = (30, 20, 30)
    truth[60:120, 70:230] = truth[120:200, 80:220] = True
    noise = np.random.default_rng(3).normal(0, 4, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8), truth


def test_a_second_click_takes_the_other_part_of_a_thing_as_a_whole(
    segmenter: ClickSegmenter,
) -> None:
    pixels, truth = house()
    embedding = segmenter.embed(pixels)

    mask = segmenter.segment(embedding, points=[(150, 160), (150, 92)], labels=[1, 1])[0].mask

    assert iou(mask, truth) > 0.95


def test_a_click_taken_away_leaves_the_other_part_whole(segmenter: ClickSegmenter) -> None:
    pixels, truth = house()
    embedding = segmenter.embed(pixels)
    clicks = [(150, 160), (150, 92), (150, 92)]

    mask = segmenter.segment(embedding, points=clicks, labels=[1, 1, 0])[0].mask

    wall = truth.copy()
    wall[:120] = False
    assert mask[wall].mean() > 0.95
    assert not mask[92, 150]


@pytest.mark.parametrize(("place", "label"), [((110, 85), 1), ((109, 85), 0), ((85, 119), 0)])
def test_a_click_beside_the_outline_changes_the_outline_alone(
    segmenter: ClickSegmenter, embedding: ImageEmbedding, place: tuple[int, int], label: int
) -> None:
    mask = segmenter.segment(embedding, points=[CENTRE, place], labels=[1, label])[0].mask

    assert mask[place[1], place[0]] == label
    assert iou(mask, card()) > 0.95


@pytest.mark.parametrize("seed", range(4))
def test_further_clicks_on_the_largest_error_never_make_it_worse(
    segmenter: ClickSegmenter, embedding: ImageEmbedding, seed: int
) -> None:
    random = np.random.default_rng(seed)
    start = (int(random.integers(64, 106)), int(random.integers(54, 116)))
    points, labels = [start], [1]
    overlaps: list[float] = []
    for _ in range(5):
        mask = segmenter.segment(embedding, points=points, labels=labels)[0].mask
        overlaps.append(iou(mask, card()))
        place = error_centre(mask != card())
        if place is None:
            break
        points.append(place)
        labels.append(int(card()[place[1], place[0]]))

    assert min(np.diff(overlaps), default=0.0) > -0.01


@pytest.mark.parametrize("size", [(240, 180), (61, 47), (1500, 1100)])
def test_every_clicked_pixel_has_its_label_in_every_candidate(
    segmenter: ClickSegmenter, size: tuple[int, int]
) -> None:
    pixels = np.asarray(Image.fromarray(photo()).resize(size))
    embedding = segmenter.embed(pixels)
    random = np.random.default_rng(5)
    points = random.integers(0, size, (24, 2))
    near = points[:8] + 1  # the other label, a pixel away
    points = np.minimum(np.concatenate([points, near]), np.array(size) - 1)
    labels = np.concatenate([random.integers(0, 2, 24), np.zeros(8, int)])
    labels[:8] = 1

    for candidate in segmenter.segment(embedding, points=points, labels=labels):
        got = [bool(candidate.mask[y, x]) for x, y in points]
        wanted = dict(zip(map(tuple, points.tolist()), labels.tolist(), strict=True))
        assert got == [bool(wanted[x, y]) for x, y in points.tolist()]


def test_everything_is_a_partition_of_the_picture(
    segmenter: ClickSegmenter, embedding: ImageEmbedding
) -> None:
    heard: list[float] = []

    masks = segmenter.everything(embedding, heard.append)

    assert np.array_equal(np.sum(masks, axis=0), np.ones((180, 240)))
    assert max(iou(mask, card()) for mask in masks) > 0.9
    assert [mask.sum() for mask in masks] == sorted((m.sum() for m in masks), reverse=True)
    assert heard[-1] == 1.0


def two_things() -> NDArray[np.uint8]:
    pixels = np.full((180, 240, 3), (70, 120, 50), np.uint8)
    cv2.circle(pixels, (120, 90), 50, (200, 40, 30), -1)
    noise = np.random.default_rng(1).normal(0, 3, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


def test_everything_leaves_a_picture_of_two_things_at_two(segmenter: ClickSegmenter) -> None:
    masks = segmenter.everything(segmenter.embed(two_things()))

    assert len(masks) == 2


def test_everything_leaves_a_plain_picture_alone(segmenter: ClickSegmenter) -> None:
    masks = segmenter.everything(segmenter.embed(np.full((90, 120, 3), 120, np.uint8)))

    assert len(masks) == 1


def test_everything_stops_when_asked(segmenter: ClickSegmenter, embedding: ImageEmbedding) -> None:
    stop = threading.Event()
    stop.set()

    with pytest.raises(Cancelled):
        segmenter.everything(embedding, cancel=stop)


@pytest.mark.slow
def test_the_embedding_is_a_value_that_knows_its_bytes(
    segmenter: ClickSegmenter, embedding: ImageEmbedding
) -> None:
    again, other = segmenter.embed(Image.fromarray(photo())), segmenter.embed(photo(seed=1))

    assert embedding.extent == Extent(240, 180)
    assert embedding.digest == again.digest != other.digest
    assert embedding.nbytes > embedding.features.land.labels.nbytes
    masks = [segmenter.segment(e, points=[CENTRE])[0].mask for e in (embedding, again)]
    assert np.array_equal(*masks)


@pytest.mark.slow
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
@pytest.mark.slow
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
