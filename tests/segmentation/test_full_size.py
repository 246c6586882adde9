"""Masks of a small picture at the size of its photo."""

from __future__ import annotations

import cv2
import numpy as np

from studio.segmentation.full_size import mask_at_full_size


def test_the_edge_moves_to_the_photos_own() -> None:
    rows, columns = np.mgrid[:600, :800]
    thing = (rows - 300) ** 2 + (columns - 400) ** 2 < 150**2
    colours = np.where(thing[..., None], (220, 60, 40), (40, 90, 60)).astype(np.uint8)
    small = cv2.resize(thing.astype(np.uint8), (100, 75), interpolation=cv2.INTER_AREA) > 0
    plain = cv2.resize(small.astype(np.uint8), (800, 600), interpolation=cv2.INTER_NEAREST) > 0
    fitted = mask_at_full_size(small, colours)
    assert fitted.shape == (600, 800)
    assert np.count_nonzero(fitted != thing) < np.count_nonzero(plain != thing) / 3


def test_nothing_far_from_the_edge_moves() -> None:
    colours = np.random.default_rng(0).integers(0, 256, (300, 300, 3), np.uint8)
    small = np.zeros((100, 100), bool)
    small[20:80, 20:80] = True
    fitted = mask_at_full_size(small, colours)
    assert fitted[80:220, 80:220].all()
    assert not fitted[:40].any()
    assert not fitted[:, 260:].any()


def test_a_mask_of_the_photos_size_stays_as_it_is() -> None:
    mask = np.eye(40, dtype=bool)
    assert mask_at_full_size(mask, np.zeros((40, 40, 3), np.uint8)) is mask


def test_an_empty_mask_stays_empty() -> None:
    assert not mask_at_full_size(np.zeros((10, 10), bool), np.zeros((40, 40, 3), np.uint8)).any()
