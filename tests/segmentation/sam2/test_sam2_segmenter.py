"""SAM 2.1 behind the seam: our pre- and post-processing against transformers' model."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from studio.scene.errors import Cancelled, PromptError
from studio.scene.geometry import Extent
from studio.segmentation.sam2.sam2_segmenter import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    EverythingSettings,
    Sam2Segmenter,
    postprocess,
    preprocess,
)
from tests.precisions import NEAR, in_each_precision, relative_error
from tests.segmentation.sam2.tiny_sam2 import SIDE, tiny_sam2


@pytest.fixture(scope="module")
def segmenter() -> Sam2Segmenter:
    return Sam2Segmenter(tiny_sam2(), "tiny", "sam2:tiny")


def photo(width: int, height: int, seed: int = 0) -> NDArray[np.uint8]:
    small = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


@pytest.mark.parametrize("size", [(16, 16), (37, 911), (911, 37), (1300, 700)])
def test_preprocessing_equals_pillow_resize_and_imagenet_statistics(size: tuple[int, int]) -> None:
    pixels = photo(*size)

    ours = preprocess(pixels, SIDE)

    resized = Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    theirs = (np.asarray(resized, np.float32) / 255 - IMAGENET_MEAN) / IMAGENET_STD
    # both round to 8 bits; one grey level apart is 1 / 255 / 0.224
    assert ours.shape == (1, 3, SIDE, SIDE)
    assert np.abs(ours[0].permute(1, 2, 0).numpy() - theirs).max() < 1.01 / 255 / 0.224


def test_logits_are_grown_first_and_cut_after() -> None:
    logits = torch.tensor([[-1.0, 3.0]])

    mask = postprocess(logits, Extent(8, 1))

    # half-pixel centres: x = (i + 0.5) / 4 - 0.5; -1 + 4 x > 0 for x > 0.25, so from i = 3
    assert mask.tolist() == [[False, False, False, True, True, True, True, True]]


@pytest.mark.parametrize(("width", "height"), [(16, 16), (37, 911), (200, 150)])
def test_a_click_gives_what_the_model_gives_from_pixels(
    segmenter: Sam2Segmenter, width: int, height: int
) -> None:
    pixels = photo(width, height)
    x, y = width * 0.4, height * 0.7

    candidates = segmenter.segment(segmenter.embed(pixels), points=[(x, y)], labels=[1])

    with torch.inference_mode():
        theirs = segmenter.model(
            pixel_values=preprocess(pixels, SIDE),
            input_points=torch.tensor([[[[x * SIDE / width, y * SIDE / height]]]]),
            input_labels=torch.tensor([[[1]]]),
        )
    order = torch.argsort(theirs.iou_scores[0, 0], descending=True)
    expected = theirs.pred_masks[0, 0][order]
    grown = torch.nn.functional.interpolate(expected[None], (height, width), mode="bilinear")[0] > 0
    assert [c.score for c in candidates] == pytest.approx(
        theirs.iou_scores[0, 0][order].tolist(), abs=1e-5
    )
    for candidate, logits, mask in zip(candidates, expected, grown, strict=True):
        assert np.allclose(candidate.logits, logits, atol=1e-4)
        assert (candidate.mask == mask.numpy()).mean() > 0.999  # a logit may lie on the cut
        assert candidate.mask.shape == (height, width)


def test_box_points_and_mask_reach_the_model_scaled_alike(segmenter: Sam2Segmenter) -> None:
    pixels = photo(64, 32)
    embedding = segmenter.embed(pixels)
    first = segmenter.segment(embedding, points=[(20, 10)])[0]

    candidates = segmenter.segment(
        embedding, points=[(20, 10), (60, 30)], labels=[1, 0], box=(8, 4, 40, 28), mask=first.logits
    )

    with torch.inference_mode():
        theirs = segmenter.model(
            pixel_values=preprocess(pixels, SIDE),
            input_points=torch.tensor([[[[40.0, 40.0], [120.0, 120.0]]]]),
            input_labels=torch.tensor([[[1, 0]]]),
            input_boxes=torch.tensor([[[16.0, 16.0, 80.0, 112.0]]]),
            input_masks=torch.from_numpy(first.logits)[None, None],
            multimask_output=False,
        )
    assert len(candidates) == 4
    assert any(np.allclose(c.logits, theirs.pred_masks[0, 0, 0], atol=1e-4) for c in candidates)
    assert [c.score for c in candidates] == sorted((c.score for c in candidates), reverse=True)


def test_every_kind_of_prompt_changes_the_answer(segmenter: Sam2Segmenter) -> None:
    embedding = segmenter.embed(photo(64, 48))
    alone = segmenter.segment(embedding, points=[(20, 10)])[0]
    prompts = [
        {"points": [(50, 40)]},
        {"points": [(20, 10), (50, 40)], "labels": [1, 0]},
        {"points": [(20, 10)], "box": (5, 5, 40, 30)},
        {"points": [(20, 10)], "mask": -alone.logits},
        {"box": (5, 5, 40, 30)},
    ]

    answers = [segmenter.segment(embedding, **prompt)[0].logits for prompt in prompts]

    assert all(np.abs(answer - alone.logits).max() > 1e-4 for answer in answers)


def test_the_embedding_knows_its_picture_and_its_bytes(segmenter: Sam2Segmenter) -> None:
    one, again = segmenter.embed(photo(64, 48)), segmenter.embed(Image.fromarray(photo(64, 48)))
    other = segmenter.embed(photo(64, 48, seed=1))

    assert one.digest == again.digest != other.digest
    assert one.extent == Extent(64, 48)
    cells = (SIDE // 4) ** 2 * 4 + (SIDE // 8) ** 2 * 8 + (SIDE // 16) ** 2 * 32
    assert one.nbytes == cells * 4


def test_half_precision_halves_the_bytes_and_keeps_the_masks(segmenter: Sam2Segmenter) -> None:
    half = replace(segmenter, embedding_dtype=torch.float16)
    pixels = photo(64, 48)
    full_embedding, half_embedding = segmenter.embed(pixels), half.embed(pixels)

    full = segmenter.segment(full_embedding, points=[(30, 20)])[0].mask
    rounded = half.segment(half_embedding, points=[(30, 20)])[0].mask

    assert half_embedding.nbytes * 2 == full_embedding.nbytes
    assert (full == rounded).mean() > 0.98


@in_each_precision
def test_a_picture_is_seen_in_each_precision_and_masked_alike(
    segmenter: Sam2Segmenter, dtype: torch.dtype
) -> None:
    own = replace(segmenter, dtype=dtype, embedding_dtype=dtype)
    embedding, wanted = own.embed(photo(64, 48)), segmenter.embed(photo(64, 48))

    candidate = own.segment(embedding, points=[(30, 20)])[0]
    everything = replace(
        own, settings=EverythingSettings(points_per_side=2, lowest_score=0.0, lowest_stability=0.0)
    ).everything(embedding)

    assert {level.dtype for level in embedding.features} == {dtype}
    for level, theirs in zip(embedding.features, wanted.features, strict=True):
        assert relative_error(level, theirs) <= 2 * NEAR[dtype]
    assert candidate.logits.dtype == np.float32
    mask = segmenter.segment(wanted, points=[(30, 20)])[0].mask
    assert (candidate.mask == mask).mean() > 0.97
    assert everything


def test_an_embedding_that_was_dropped_is_built_again_to_the_same_masks(
    segmenter: Sam2Segmenter,
) -> None:
    masks = [
        segmenter.segment(segmenter.embed(photo(64, 48)), points=[(30, 20)])[0].mask
        for _ in range(2)
    ]

    assert np.array_equal(*masks)


def test_everything_reports_progress_and_gives_distinct_masks(segmenter: Sam2Segmenter) -> None:
    settings = EverythingSettings(points_per_side=4, points_per_batch=6, lowest_score=0.0)
    eager = replace(segmenter, settings=replace(settings, lowest_stability=0.0))
    heard: list[float] = []

    masks = eager.everything(eager.embed(photo(50, 40)), heard.append)

    assert heard == [6 / 16, 12 / 16, 1.0]
    assert masks
    assert all(mask.shape == (40, 50) and mask.any() for mask in masks)


def test_everything_keeps_nothing_that_the_model_does_not_believe(
    segmenter: Sam2Segmenter,
) -> None:
    settings = EverythingSettings(points_per_side=2, lowest_score=1.0)

    doubtful = replace(segmenter, settings=settings)

    assert doubtful.everything(doubtful.embed(photo(50, 40))) == []


def test_everything_stops_when_asked(segmenter: Sam2Segmenter) -> None:
    stop = threading.Event()
    heard: list[float] = []

    def hear(share: float) -> None:
        heard.append(share)
        stop.set()

    with pytest.raises(Cancelled):
        segmenter.everything(segmenter.embed(photo(50, 40)), hear, stop)
    assert len(heard) == 1


def test_two_threads_get_their_own_masks(segmenter: Sam2Segmenter) -> None:
    pictures = [photo(64, 48, seed=seed) for seed in range(2)]

    def mask(index: int) -> NDArray[np.bool_]:
        embedding = segmenter.embed(pictures[index % 2])
        return segmenter.segment(embedding, points=[(30, 20)])[0].mask

    alone = [mask(0), mask(1)]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(mask, range(12)))

    assert all(np.array_equal(got, alone[index % 2]) for index, got in enumerate(together))


def test_an_embedding_of_another_segmenter_is_refused(segmenter: Sam2Segmenter) -> None:
    embedding = replace(segmenter.embed(photo(64, 48)), maker="sam2:other")

    with pytest.raises(PromptError, match="embed it again"):
        segmenter.segment(embedding, points=[(3, 3)])


@pytest.mark.slow
def test_an_8k_photo_is_masked_at_its_own_size(segmenter: Sam2Segmenter) -> None:
    embedding = segmenter.embed(photo(7680, 4320))

    assert segmenter.segment(embedding, points=[(7679, 4319)])[0].mask.shape == (4320, 7680)
