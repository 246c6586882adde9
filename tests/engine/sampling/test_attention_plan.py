"""Dense masks, grouped calls and FlexAttention are three ways to say the same."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import torch

from studio.engine.network.attention import EVERY_ROW, GroupedAttention
from studio.engine.network.flex import TILE, tiles_of
from studio.engine.sampling.attention_plan import (
    _groups,
    dense_attention,
    flex_attention,
    grouped_attention,
    region_order,
)
from studio.engine.tokens.attention_mask import TokenRoles, dense_mask, token_roles
from studio.engine.tokens.membership import pack
from studio.engine.tokens.token_layout import TokenLayout

CPU = torch.device("cpu")


def roles_of(
    regions: int,
    *,
    overlapping: bool = False,
    image: int = 300,
    padded: bool = False,
    seed: int = 0,
) -> tuple[TokenRoles, TokenLayout]:
    random = np.random.default_rng(seed)
    if overlapping:
        member = random.random((regions, image)) < 0.2
    else:
        member = random.integers(0, regions + 1, image)[None] == np.arange(1, regions + 1)[:, None]
    layout = TokenLayout(7, tuple(random.integers(1, 9, regions).tolist()), image, 40)
    if padded:
        layout = layout.padded(text=layout.text + 21, contour=60)
    bias = random.choice(np.array([-0.2, -1.5], np.float32), 40)
    roles = token_roles(layout, pack(member), bias)
    order = np.arange(layout.total)
    order[layout.image_span] = layout.image_span.start + region_order(roles)
    return roles.ordered(order), layout


def tokens(count: int) -> list[torch.Tensor]:
    torch.manual_seed(0)
    return [torch.randn(2, 3, count, 16) for _ in range(3)]


@pytest.mark.parametrize("overlapping", [False, True])
@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("regions", [0, 1, 5, 70])
def test_grouped_calls_agree_with_the_dense_mask(
    regions: int, overlapping: bool, padded: bool
) -> None:
    roles, layout = roles_of(regions, overlapping=overlapping, padded=padded)
    grouped = GroupedAttention(_groups(roles, CPU))
    dense = dense_attention([roles], isolates=True, device=CPU)
    query, key, value = tokens(layout.total)
    ours, expected = (each(query, key, value, EVERY_ROW) for each in (grouped, dense))
    torch.testing.assert_close(ours, expected, atol=1e-5, rtol=0)
    rows = layout.image_span
    ours, expected = (each(query[:, :, rows], key, value, rows) for each in (grouped, dense))
    torch.testing.assert_close(ours, expected, atol=1e-5, rtol=0)


def test_groups_are_used_where_they_save_work_only() -> None:
    few, _ = roles_of(8, image=4096)
    assert grouped_attention(few, CPU) is not None
    many, _ = roles_of(40, image=300, overlapping=True)
    assert grouped_attention(many, CPU) is None


@pytest.mark.parametrize("isolates", [False, True])
@pytest.mark.parametrize("regions", [1, 5, 70])
def test_flex_rules_agree_with_the_dense_mask(regions: int, isolates: bool) -> None:
    roles, layout = roles_of(regions, overlapping=True, padded=True)
    flex = flex_attention(roles, isolates=isolates, device=CPU, compiled=False)
    index = torch.arange(layout.total)
    query, key = index[:, None], index[None]
    assert flex._weighs is not None
    mask = torch.where(flex._allows(query, key), flex._weighs(query, key), -torch.inf)
    assert torch.equal(mask, dense_mask(roles, isolates))


@pytest.mark.parametrize("image_only", [False, True])
def test_tile_lists_are_those_of_the_dense_mask(image_only: bool) -> None:
    roles, layout = roles_of(5, image=700, padded=True)
    flex = flex_attention(roles, isolates=True, device=CPU, compiled=False)
    rows = layout.image_span if image_only else slice(0, layout.total)
    allowed = dense_mask(roles, isolates=True)[rows] > -torch.inf
    tiles = flex._tiles(rows)
    for number_q, tile_q in enumerate(allowed.split(TILE)):
        for number_k, tile in enumerate(tile_q.split(TILE, dim=1)):
            assert bool(tiles.partly[number_q, number_k]) == bool(tile.any())
            assert bool(tiles.wholly[number_q, number_k]) == bool(tile.all())


def test_ordering_tokens_by_region_lets_isolation_skip_tiles() -> None:
    roles, layout = roles_of(8, image=4096)
    shuffled = np.arange(layout.total)
    shuffled[layout.image_span] = np.random.default_rng(0).permutation(shuffled[layout.image_span])
    rows = slice(0, layout.total)
    ordered, mixed = (
        flex_attention(each, isolates=True, device=CPU, compiled=False)._tiles(rows).skipped
        for each in (roles, roles.ordered(shuffled))
    )
    assert ordered > 0.4
    assert mixed < 0.1


def test_a_tile_with_a_padded_token_is_visited() -> None:
    classes, allowed = torch.zeros(TILE, dtype=torch.long), torch.zeros(1, 1, dtype=torch.bool)
    tiles = tiles_of(classes, allowed, torch.ones(TILE, dtype=torch.bool), slice(0, TILE))
    assert tiles.partly.item()
    assert not tiles.wholly.item()


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("c++"), reason="compiling needs a C++ compiler")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("isolates", [False, True])
def test_the_compiled_flex_kernel_agrees_with_the_dense_mask(isolates: bool) -> None:
    roles, layout = roles_of(5, image=300, padded=True)
    flex = flex_attention(roles, isolates=isolates, device=CPU)
    dense = dense_attention([roles], isolates=isolates, device=CPU)
    query, key, value = tokens(layout.total)
    for rows in (EVERY_ROW, layout.image_span):
        ours, expected = (each(query[:, :, rows], key, value, rows) for each in (flex, dense))
        torch.testing.assert_close(ours, expected, atol=1e-5, rtol=0)
