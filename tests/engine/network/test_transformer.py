from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import FluxTransformer2DModel
from torch import nn
from torch._dynamo.testing import CompileCounter

from studio.engine.network.low_rank import ContourTerms
from studio.engine.network.transformer import RegionalInputs, RegionalTransformer
from studio.engine.sampling.scene_tokens import SceneTokens, assemble
from studio.engine.tokens.patch_grid import PatchGrid
from tests.tiny_models import tiny_base

GRID = PatchGrid(4, 4, 8)
PLAIN = range(0)


@pytest.fixture(scope="module")
def flux(tmp_path_factory: pytest.TempPathFactory) -> FluxTransformer2DModel:
    base = tiny_base(tmp_path_factory.mktemp("base"), guidance_embeds=False)
    return FluxTransformer2DModel.from_pretrained(base / "transformer").eval()


@pytest.fixture(scope="module")
def network(flux: FluxTransformer2DModel) -> RegionalTransformer:
    torch.manual_seed(3)
    terms = ContourTerms.build(flux, 2)
    for parameter in terms.parameters():
        nn.init.normal_(parameter, std=0.2)
    return RegionalTransformer(flux, terms)


def scene(seed: int, global_text: int | None, regions: list[int], contour: int) -> SceneTokens:
    torch.manual_seed(seed)
    kept = np.sort(np.random.default_rng(seed).permutation(GRID.count)[:contour])
    words = np.zeros((GRID.count, 1), np.int64)
    for region in range(len(regions)):
        words[region * 3 : region * 3 + 3] = 1 << region
    return SceneTokens(
        global_text=None if global_text is None else torch.randn(global_text, 24),
        region_texts=tuple(torch.randn(count, 24) for count in regions),
        pooled=torch.randn(16),
        grid=GRID,
        words=words,
        contour=torch.randn(contour, 16),
        contour_positions=GRID.positions()[kept],
        contour_bias=-0.7,
    )


def inputs_of(flux: FluxTransformer2DModel, scenes: list[SceneTokens]) -> RegionalInputs:
    return assemble(flux, scenes, range(1, 2), None)


def test_a_caption_alone_is_diffusers_own_forward(
    flux: FluxTransformer2DModel, network: RegionalTransformer
) -> None:
    text = scene(0, 5, [], 0)
    latents, sigma = torch.randn(1, GRID.count, 16), torch.tensor([0.6])
    assert text.global_text is not None
    with torch.no_grad():
        ours = network(latents, sigma, inputs_of(flux, [text]))
        theirs = flux(
            hidden_states=latents,
            timestep=sigma,
            encoder_hidden_states=text.global_text[None],
            pooled_projections=text.pooled[None],
            txt_ids=torch.zeros(5, 3),
            img_ids=torch.from_numpy(GRID.positions()),
            return_dict=False,
        )[0]
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)


def test_padding_to_a_batch_changes_no_scene(
    flux: FluxTransformer2DModel, network: RegionalTransformer
) -> None:
    scenes = [scene(0, 5, [3, 4], 9), scene(1, 7, [], 0), scene(2, None, [2, 2, 2], 12)]
    latents, sigma = torch.randn(3, GRID.count, 16), torch.tensor([0.9, 0.5, 0.1])
    with torch.no_grad():
        together = network(latents, sigma, inputs_of(flux, scenes))
        for row, each in enumerate(scenes):
            alone = network(latents[row : row + 1], sigma[row : row + 1], inputs_of(flux, [each]))
            torch.testing.assert_close(together[row : row + 1], alone, atol=2e-6, rtol=1e-5)


def test_gradients_reach_the_base_and_the_contour_terms_under_autocast(
    flux: FluxTransformer2DModel, network: RegionalTransformer
) -> None:
    scenes = [scene(0, 5, [3, 4], 9), scene(1, 7, [], 0)]
    with torch.autocast("cpu", torch.bfloat16):
        velocity = network(
            torch.randn(2, GRID.count, 16), torch.tensor([0.9, 0.2]), inputs_of(flux, scenes)
        )
    velocity.float().square().mean().backward()
    last = "single_transformer_blocks/1/"
    unused = {f"contour.terms.{last}{name}" for name in ("attn/to_q", "proj_mlp", "proj_out")}
    for name, parameter in network.named_parameters():
        has_gradient = parameter.grad is not None
        # the last block is computed for image tokens only
        assert has_gradient != any(name.startswith(each) for each in unused), name
    network.zero_grad()


def test_the_contour_changes_the_picture_only_through_attention(
    flux: FluxTransformer2DModel, network: RegionalTransformer
) -> None:
    """With a gamma that is nearly 0 the contour is as good as absent."""
    with_contour = scene(0, 5, [3], 9)
    weak = SceneTokens(**{**with_contour.__dict__, "contour_bias": -1e4})
    none = SceneTokens(
        **{
            **with_contour.__dict__,
            "contour": torch.zeros(0, 16),
            "contour_positions": np.zeros((0, 3), np.float32),
        }
    )
    latents, sigma = torch.randn(1, GRID.count, 16), torch.tensor([0.6])
    with torch.no_grad():
        strong_v, weak_v, none_v = (
            network(latents, sigma, inputs_of(flux, [each])) for each in (with_contour, weak, none)
        )
    torch.testing.assert_close(weak_v, none_v, atol=1e-6, rtol=1e-5)
    assert (strong_v - none_v).abs().max() > 1e-3


@pytest.mark.parametrize("shape", [{"double_blocks": 2, "single_blocks": 0}, {"double_blocks": 0}])
def test_a_base_may_lack_one_kind_of_block(tmp_path: Path, shape: dict[str, int]) -> None:
    base = tiny_base(tmp_path / "base", guidance_embeds=False, **shape)
    flux = FluxTransformer2DModel.from_pretrained(base / "transformer")
    network = RegionalTransformer(flux, ContourTerms.build(flux, 2))
    with torch.no_grad():
        velocity = network(
            torch.randn(1, GRID.count, 16),
            torch.tensor([0.6]),
            inputs_of(flux, [scene(0, 5, [3], 9)]),
        )
    assert velocity.shape == (1, GRID.count, 16)
    assert velocity.isfinite().all()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_compiled_blocks_serve_later_scenes_without_compiling_again(
    flux: FluxTransformer2DModel, network: RegionalTransformer
) -> None:
    counter = CompileCounter()
    compiled = RegionalTransformer(flux, network.contour)
    compiled.compile_blocks(backend=counter, dynamic=False)
    latents, sigma = torch.randn(1, GRID.count, 16), torch.tensor([0.6])
    programs: list[int] = []
    for each in (scene(0, 5, [3, 4], 9), scene(1, 9, [2], 6), scene(2, None, [4, 4, 3], 12)):
        inputs = assemble(flux, [each], range(1, 2), None, for_compiler=True)
        with torch.no_grad():
            ours = compiled(latents, sigma, inputs)
            expected = network(latents, sigma, inputs_of(flux, [each]))
        torch.testing.assert_close(ours, expected, atol=1e-5, rtol=1e-4)
        programs.append(counter.frame_count)
    assert programs[0] > 0
    assert programs[0] == programs[-1]
