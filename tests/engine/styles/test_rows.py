from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import FluxTransformer2DModel
from torch import Tensor, nn

from studio.engine.network.low_rank import ContourTerms
from studio.engine.network.style_rows import StackedTerm, StyleRows
from studio.engine.network.transformer import RegionalTransformer
from studio.engine.sampling.scene_tokens import SceneTokens, assemble
from studio.engine.styles.library import StyleLibrary
from studio.engine.styles.rows import SceneStyles
from studio.engine.tokens.patch_grid import PatchGrid
from studio.scene.style import Style
from tests.precisions import NEAR, in_each_precision, relative_error
from tests.style_builders import Pairs, as_diffusers, fused, random_style, write_style
from tests.tiny_models import tiny_base

GRID = PatchGrid(4, 4, 8)
SIGMA = torch.tensor([0.6])
ALL_BLOCKS = range(3)


@pytest.fixture(scope="module")
def flux(tmp_path_factory: pytest.TempPathFactory) -> FluxTransformer2DModel:
    base = tiny_base(tmp_path_factory.mktemp("base"))
    return FluxTransformer2DModel.from_pretrained(base / "transformer").eval()


@pytest.fixture(scope="module")
def pairs(flux: FluxTransformer2DModel) -> Pairs:
    """Every linear layer there is, embedders, modulation and output included."""
    return random_style(flux)


@pytest.fixture(scope="module")
def style(pairs: Pairs, tmp_path_factory: pytest.TempPathFactory) -> Style:
    path = tmp_path_factory.mktemp("styles") / "ink.safetensors"
    return Style(write_style(path, as_diffusers(pairs)))


@pytest.fixture(scope="module")
def library(flux: FluxTransformer2DModel) -> StyleLibrary:
    return StyleLibrary(flux)


def scene(
    styles: SceneStyles | None = None,
    *,
    seed: int = 0,
    contour: int = 0,
    texts: tuple[int, ...] = (3, 4),
    global_text: int | None = 5,
) -> SceneTokens:
    """16 image tokens: 6 in the first region, 5 in the second, 5 in none."""
    torch.manual_seed(seed)
    words = np.zeros((GRID.count, 1), np.int64)
    words[1:7], words[9:14] = 1, 2
    return SceneTokens(
        global_text=None if global_text is None else torch.randn(global_text, 24),
        region_texts=tuple(torch.randn(count, 24) for count in texts),
        pooled=torch.randn(16),
        grid=GRID,
        words=words,
        contour=torch.randn(contour, 16),
        contour_positions=GRID.positions()[:contour],
        contour_bias=-0.7,
        styles=styles or SceneStyles(regions=(None,) * len(texts)),
    )


def velocity(
    flux: FluxTransformer2DModel,
    scenes: list[SceneTokens],
    library: StyleLibrary,
    *,
    isolated: range = range(1, 2),
    contour: ContourTerms | None = None,
) -> Tensor:
    guidance = torch.full((len(scenes),), 3.0)
    inputs = assemble(flux, scenes, isolated, guidance, library=library)
    latents = torch.randn(1, GRID.count, 16, generator=torch.Generator().manual_seed(7))
    dtype = scenes[0].pooled.dtype
    with torch.no_grad():
        network = RegionalTransformer(flux, contour)
        return network(latents.to(dtype).repeat(len(scenes), 1, 1), SIGMA.to(dtype), inputs)


@pytest.mark.parametrize("strength", [0.8, -2.0])
def test_a_style_of_the_whole_picture_is_that_of_fused_weights(
    flux: FluxTransformer2DModel,
    pairs: Pairs,
    style: Style,
    library: StyleLibrary,
    strength: float,
) -> None:
    styled = SceneStyles(whole=(at(style, strength),), regions=(None, None))
    ours = velocity(flux, [scene(styled)], library)
    theirs = velocity(fused(copy.deepcopy(flux), pairs, strength), [scene()], library)
    plain = velocity(flux, [scene()], library)
    torch.testing.assert_close(ours, theirs, atol=2e-5, rtol=1e-4)
    assert relative_error(ours, plain) > 0.05


def test_several_styles_are_the_sum_of_their_changes(
    flux: FluxTransformer2DModel, pairs: Pairs, style: Style, library: StyleLibrary, tmp_path: Path
) -> None:
    more = random_style(flux, rank=5, seed=2, only=("transformer_blocks.0.attn", "proj_out"))
    second = Style(write_style(tmp_path / "more.safetensors", as_diffusers(more)), -0.5)
    both = SceneStyles(whole=(at(style, 0.7), second), regions=(None, None))
    theirs = fused(fused(copy.deepcopy(flux), pairs, 0.7), more, -0.5)
    torch.testing.assert_close(
        velocity(flux, [scene(both)], library),
        velocity(theirs, [scene()], library),
        atol=2e-5,
        rtol=1e-4,
    )


def test_a_style_on_every_region_of_a_scene_without_words_of_its_own_is_the_whole_pictures(
    flux: FluxTransformer2DModel, style: Style, library: StyleLibrary
) -> None:
    def filled(styles: SceneStyles) -> SceneTokens:
        made = scene(styles, global_text=None)
        words = np.full_like(made.words, 1)
        words[8:] = 2
        return replace(made, words=words)

    regional = filled(SceneStyles(regions=(style, style)))
    whole = filled(SceneStyles(whole=(style,), regions=(None, None)))
    torch.testing.assert_close(
        velocity(flux, [regional], library), velocity(flux, [whole], library)
    )


def test_rows_of_other_regions_are_the_same_bit_for_bit_where_nothing_reads_the_styled_one(
    flux: FluxTransformer2DModel, library: StyleLibrary, tmp_path: Path
) -> None:
    inside = random_style(flux, only=("transformer_blocks.0.attn", "single_transformer_blocks.0"))
    layers = {name: pair for name, pair in inside.items() if ".norm" not in name}
    style = Style(write_style(tmp_path / "inside.safetensors", as_diffusers(layers)))
    styled = SceneStyles(regions=(style, None))
    ours = velocity(flux, [scene(styled)], library, isolated=ALL_BLOCKS)[0]
    plain = velocity(flux, [scene()], library, isolated=ALL_BLOCKS)[0]
    assert torch.equal(ours[9:14], plain[9:14])
    assert ((ours[1:7] - plain[1:7]).abs().amax(dim=1) > 1e-3).all()


def test_rows_of_other_regions_keep_their_own_modulation(
    flux: FluxTransformer2DModel, style: Style, library: StyleLibrary
) -> None:
    styled = SceneStyles(regions=(style, None))
    ours = velocity(flux, [scene(styled)], library, isolated=ALL_BLOCKS)[0]
    plain = velocity(flux, [scene()], library, isolated=ALL_BLOCKS)[0]
    torch.testing.assert_close(ours[9:14], plain[9:14], atol=1e-5, rtol=1e-5)


def test_words_of_other_regions_take_nothing_and_tokens_of_two_regions_take_both(
    flux: FluxTransformer2DModel, style: Style, library: StyleLibrary
) -> None:
    shared = scene(SceneStyles(whole=(at(style, 0.5),), regions=(at(style, 0.75), at(style, -1.0))))
    words = shared.words.copy()
    words[6] = 3
    inputs = assemble(
        flux, [replace(shared, words=words)], range(0), torch.ones(1), library=library
    )
    assert inputs.styles is not None
    strengths = inputs.styles.strengths[:, 0]
    text, image = strengths[inputs.styles.text[0]], strengths[inputs.styles.image[0]]
    assert text.tolist() == [0.5] * 5 + [1.25] * 3 + [-0.5] * 4
    assert image.tolist() == [0.5] + [1.25] * 5 + [0.25] + [0.5] * 2 + [-0.5] * 5 + [0.5] * 2


def test_contour_tokens_and_padding_take_no_style(
    flux: FluxTransformer2DModel, style: Style, library: StyleLibrary
) -> None:
    styled = SceneStyles(whole=(style,), regions=(None, None))
    small = scene(SceneStyles(regions=(None,)), contour=2, texts=(2,))
    inputs = assemble(
        flux, [scene(styled, contour=6), small], range(0), torch.ones(2), library=library
    )
    assert inputs.styles is not None
    styles = inputs.styles.with_contour(6)
    takes = styles.strengths[styles.whole][..., 0] != 0
    assert takes[0].tolist() == [True] * 12 + [True] * 16 + [False] * 6
    assert not takes[1].any()


def test_contour_tokens_keep_their_own_terms_beside_a_style(
    flux: FluxTransformer2DModel, style: Style, library: StyleLibrary
) -> None:
    terms = ContourTerms.build(flux, 2)
    for parameter in terms.parameters():
        nn.init.normal_(parameter, std=0.2)
    styled = SceneStyles(whole=(at(style, 1e-6),), regions=(None, None))
    ours = velocity(flux, [scene(styled, contour=6)], library, contour=terms)
    plain = velocity(flux, [scene(contour=6)], library, contour=terms)
    torch.testing.assert_close(ours, plain, atol=1e-4, rtol=1e-4)


def test_scenes_of_a_batch_keep_their_own_styles(
    flux: FluxTransformer2DModel, style: Style, library: StyleLibrary
) -> None:
    each = [
        scene(SceneStyles(regions=(style, None)), contour=4),
        scene(SceneStyles(whole=(at(style, -1),), regions=(None,)), seed=3, texts=(6,)),
        scene(SceneStyles(regions=(None, at(style, 0.4))), seed=4, contour=5),
    ]
    together = velocity(flux, each, library)
    for row, alone in enumerate(each):
        torch.testing.assert_close(
            together[row : row + 1], velocity(flux, [alone], library), atol=1e-5, rtol=1e-4
        )


def test_a_strength_of_0_is_no_style_at_all(
    flux: FluxTransformer2DModel, style: Style, library: StyleLibrary
) -> None:
    idle = SceneStyles(whole=(at(style, 0),), regions=(at(style, 0), None))
    assert assemble(flux, [scene(idle)], range(0), None, library=library).styles is None


def test_a_compiled_model_takes_styles_without_its_compiled_blocks(
    flux: FluxTransformer2DModel, style: Style, library: StyleLibrary
) -> None:
    def fail(*given: Any) -> Any:
        raise AssertionError("a compiled block was asked")

    styled = scene(SceneStyles(regions=(style, None)), contour=4)
    network = RegionalTransformer(flux)
    network._double_block = network._single_block = fail
    latents = torch.randn(1, GRID.count, 16, generator=torch.Generator().manual_seed(7))
    asked = assemble(flux, [styled], range(1, 2), torch.full((1,), 3.0), True, library)
    with torch.no_grad():
        found = network(latents, SIGMA, asked)
    torch.testing.assert_close(found, velocity(flux, [styled], library), atol=1e-5, rtol=1e-4)


@in_each_precision
def test_styles_are_added_in_each_precision(
    flux: FluxTransformer2DModel, tmp_path: Path, dtype: torch.dtype
) -> None:
    faint = random_style(flux, size=0.05)
    style = Style(write_style(tmp_path / "faint.safetensors", as_diffusers(faint)))

    def cast(made: SceneTokens) -> SceneTokens:
        assert made.global_text is not None
        return replace(
            made,
            global_text=made.global_text.to(dtype),
            region_texts=tuple(text.to(dtype) for text in made.region_texts),
            pooled=made.pooled.to(dtype),
            contour=made.contour.to(dtype),
        )

    styled = scene(SceneStyles(regions=(style, None)), contour=4)
    wanted = velocity(flux, [styled], StyleLibrary(flux))
    smaller: Any = copy.deepcopy(flux)
    smaller = smaller.to(dtype)
    found = velocity(smaller, [cast(styled)], StyleLibrary(smaller))
    assert found.dtype == dtype
    assert relative_error(found, wanted) <= NEAR[dtype]


def test_a_row_without_a_style_adds_exactly_nothing() -> None:
    torch.manual_seed(0)
    layer, x = nn.Linear(8, 6), torch.randn(1, 5, 8)
    term = StackedTerm(torch.randn(2, 8), torch.randn(6, 2), torch.tensor([0, 0]))
    classes = torch.tensor([[0, 1, 0, 1, 0]])
    rows = StyleRows({"a": term}, torch.tensor([[0.0], [1.0]]), classes, classes, None)
    with torch.no_grad():
        found = rows.linear(layer, "a", x, classes)
        assert torch.equal(found[:, ::2], layer(x)[:, ::2])
        torch.testing.assert_close(
            found[:, 1::2], layer(x)[:, 1::2] + x[:, 1::2] @ term.down.T @ term.up.T
        )


def at(style: Style, strength: float) -> Style:
    assert style.path is not None
    return Style(style.path, strength)
