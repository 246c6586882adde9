from __future__ import annotations

import math

import numpy as np
import torch

from studio.engine.tokens.attention_mask import dense_mask, token_roles
from studio.engine.tokens.token_layout import TokenLayout

N = -math.inf


def roles_of_two_regions(log_gamma: float = -1.0):
    """One token of each kind: global text, text 1, text 2, image in 1, in 2, in both, background,
    two contour tokens."""
    layout = TokenLayout(global_text=1, region_text=(1, 1), image=4, contour=2)
    words = np.array([[1], [2], [3], [0]], np.int64)
    return token_roles(layout, words, log_gamma)


def test_alignment_blocks_follow_the_published_table() -> None:
    g = -1.0
    expected = [
        # glob t1 t2 in1 in2 both back c1 c2
        [0, N, N, 0, 0, 0, 0, N, N],  # global text
        [N, 0, N, 0, N, 0, N, N, N],  # text 1
        [N, N, 0, N, 0, 0, N, N, N],  # text 2
        [0, 0, N, 0, 0, 0, 0, g, g],  # image in region 1
        [0, N, 0, 0, 0, 0, 0, g, g],  # image in region 2
        [0, 0, 0, 0, 0, 0, 0, g, g],  # image in both
        [0, N, N, 0, 0, 0, 0, g, g],  # background
        [N, N, N, g, g, g, g, 0, 0],  # contour
        [N, N, N, g, g, g, g, 0, 0],
    ]
    assert dense_mask(roles_of_two_regions(), isolates=False).tolist() == expected


def test_isolation_blocks_follow_the_published_table_one_way() -> None:
    g = -1.0
    expected = [
        [0, N, N, 0, 0, 0, 0, N, N],
        [N, 0, N, 0, N, 0, N, N, N],
        [N, N, 0, N, 0, 0, N, N, N],
        [N, 0, N, 0, N, 0, N, g, g],  # a region sees itself, its text and the contour
        [N, N, 0, N, 0, 0, N, g, g],
        [N, 0, 0, 0, 0, 0, N, g, g],
        [0, N, N, 0, 0, 0, 0, g, g],  # the background still reads the regions
        [N, N, N, g, g, g, g, 0, 0],
        [N, N, N, g, g, g, g, 0, 0],
    ]
    assert dense_mask(roles_of_two_regions(), isolates=True).tolist() == expected


def test_each_contour_token_may_have_its_own_strength() -> None:
    layout = TokenLayout(global_text=0, region_text=(1,), image=1, contour=2)
    bias = np.array([-0.5, -2.0], np.float32)
    mask = dense_mask(token_roles(layout, np.array([[1]], np.int64), bias), isolates=False)
    assert mask[1, 2:].tolist() == [-0.5, -2.0]
    assert mask[2:, 1].tolist() == [-0.5, -2.0]
    assert mask[2:, 2:].tolist() == [[0, 0], [0, 0]]


def test_padding_sees_nothing_but_itself_and_nothing_sees_it() -> None:
    layout = TokenLayout(1, (1,), 1, 1).padded(text=4, contour=3)
    mask = dense_mask(token_roles(layout, np.array([[1]], np.int64), 0.0), isolates=False)
    for token in (2, 3, 6, 7):
        alone = torch.full((layout.total,), N)
        alone[token] = 0
        assert torch.equal(mask[token], alone)
        assert torch.equal(mask[:, token], alone)


def test_place_links_text_and_image_by_the_share_of_covered_pixels() -> None:
    layout = TokenLayout(global_text=1, region_text=(1,), image=2, contour=0)
    shares = np.array([[0.25, 0.0]], np.float32)
    roles = token_roles(layout, np.array([[0], [0]], np.int64), 0.0, shares)
    mask = dense_mask(roles, isolates=False)
    expected = torch.tensor([0, 1, 0.25, 0]).log()
    assert torch.equal(mask[1], expected)
    assert torch.equal(mask[:, 1], expected)


def test_hundred_overlapping_regions_agree_with_a_plain_loop() -> None:
    random = np.random.default_rng(0)
    member = random.random((100, 12)) < 0.1
    words = np.zeros((12, 2), np.int64)
    for region, token in zip(*np.nonzero(member), strict=True):
        words[token, region // 63] |= 1 << int(region % 63)
    layout = TokenLayout(2, (1,) * 100, 12, 3)
    mask = dense_mask(token_roles(layout, words, -0.25), isolates=True)
    image = mask[layout.image_span, layout.image_span] == 0
    for query in range(12):
        for key in range(12):
            shared = bool((member[:, query] & member[:, key]).any())
            assert bool(image[query, key]) == (shared or not member[:, query].any())
