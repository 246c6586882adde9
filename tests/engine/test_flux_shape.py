"""FLUX.1-dev with the published adapters, true in shape and type, on a device that holds nothing.

A `meta` tensor has a shape, a type and a device, and refuses to meet a tensor of the processor's as
a GPU's does. So a value that is made on the wrong device, or in float32, shows here in seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL, FlowMatchEulerDiscreteScheduler, FluxTransformer2DModel
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from studio.engine.network.adapters import AdaptedLinear, Adapters, attach, check_adapters
from studio.engine.network.low_rank import ContourTerms, LowRank, is_contour_site
from studio.engine.network.transformer import RegionalInputs, RegionalTransformer
from studio.engine.sampling.denoise import Guided
from studio.engine.sampling.follow import Follow, first_step, joined, release_levels
from studio.engine.sampling.latents import decode, encode, to_tensor
from studio.engine.sampling.prepare import place_regions
from studio.engine.sampling.scene_tokens import SceneTokens, assemble
from studio.engine.sampling.schedule import build_schedule
from studio.engine.tokens.contour_tokens import contour_bias, contour_tokens
from studio.engine.tokens.patch_grid import PatchGrid
from studio.scene.region import Region
from studio.scene.request import Sampling
from studio.scene.scene import Scene
from studio.training.adapters import default_config
from studio.training.flow import flow_loss
from tests.builders import box_mask

META = torch.device("meta")
HALF = torch.bfloat16
SIDE, RANK = 512, 64
PUBLISHED_PARAMETERS = 594_153_472
ISOLATED = range(19, 38)


@pytest.fixture(scope="module")
def flux() -> FluxTransformer2DModel:
    with META:
        built: Any = FluxTransformer2DModel(guidance_embeds=True)
    return built.to(HALF).eval().requires_grad_(False)


@pytest.fixture(scope="module")
def adapters(flux: FluxTransformer2DModel) -> Adapters:
    blocks = ("transformer_blocks.", "single_transformer_blocks.")
    linears = {name: each for name, each in flux.named_modules() if isinstance(each, nn.Linear)}

    def terms(names: list[str]) -> dict[str, LowRank]:
        return {name: low_rank(linears[name]) for name in names}

    return Adapters(
        default=terms([name for name in linears if name.startswith(blocks)]),
        cond=terms([name for name in linears if is_contour_site(name)]),
    )


@pytest.fixture(scope="module")
def network(flux: FluxTransformer2DModel, adapters: Adapters) -> RegionalTransformer:
    return RegionalTransformer(flux, attach(flux, adapters)).eval()


def low_rank(layer: nn.Linear) -> LowRank:
    def weights(*shape: int) -> Tensor:
        return torch.empty(*shape, dtype=HALF, device=META)

    made = LowRank(weights(RANK, layer.in_features), weights(layer.out_features, RANK))
    return made.requires_grad_(False)


def scene() -> Scene:
    def box(*sides: int) -> np.ndarray:
        return box_mask(SIDE, SIDE, *sides)

    regions = [
        Region(box(0, 200, 512, 512), "grass"),
        Region(box(100, 100, 300, 300), "a house", gamma=0.3),
        Region(box(0, 9, 512, 19), "a wire"),
    ]
    return Scene(SIDE, SIDE, "a field", regions)


def tokens(flux: FluxTransformer2DModel, *, has_contour: bool = True) -> SceneTokens:
    """A scene as `prepare` hands it over, its captions and contour as tensors on the device."""
    config: Any = flux.config
    placed = place_regions(scene(), 16, Sampling())
    masks = [region.mask.pixels for region in placed.regions]
    gammas = [region.gamma for region in placed.regions]
    lines = contour_tokens(masks, scene().extent, 16, 1, keep_all=False)
    kept = len(lines.kept) if has_contour else 0

    def values(*shape: int) -> Tensor:
        return torch.empty(*shape, dtype=HALF, device=META)

    return SceneTokens(
        global_text=values(12, config.joint_attention_dim),
        region_texts=tuple(values(4 + row, config.joint_attention_dim) for row in range(3)),
        pooled=values(config.pooled_projection_dim),
        grid=placed.grid,
        words=placed.words,
        contour=values(kept, config.in_channels),
        contour_positions=lines.positions[:kept],
        contour_bias=contour_bias(lines, masks, gammas, 0.6, 1) if has_contour else 0.0,
    )


def inputs(
    flux: FluxTransformer2DModel, scenes: list[SceneTokens], isolated: range = ISOLATED
) -> RegionalInputs:
    guidance = torch.full((len(scenes),), 3.5, device=META)
    return assemble(flux, scenes, isolated, guidance)


def latents(count: int = 1) -> Tensor:
    return torch.empty(count, (SIDE // 16) ** 2, 64, dtype=HALF, device=META)


class Watch(TorchFunctionMode):
    """Notes every layer, attention and sum of token rows that leaves the device or the type.

    FLUX computes in float32 on purpose where little is computed: rotary angles and the sinusoids
    of the timestep. None of these functions is among them.
    """

    WATCHED = ("linear", "scaled_dot_product_attention", "conv2d", "addcmul")

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()
        self.wrong: list[str] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        name = getattr(func, "__name__", "")
        if name in self.WATCHED:
            self.seen[name] += 1
            for tensor in _tensors((args, kwargs or {}, made)):
                if (tensor.device, tensor.dtype) != (META, HALF):
                    self.wrong.append(f"{name}: {tensor.dtype} on {tensor.device}")
        return made


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        yield from _tensors(list(value.values()))
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _tensors(each)


def test_the_adapters_are_as_large_as_the_published_ones(
    flux: FluxTransformer2DModel, adapters: Adapters
) -> None:
    terms = [*adapters.default.values(), *adapters.cond.values()]
    assert sum(weight.numel() for term in terms for weight in term.parameters()) == (
        PUBLISHED_PARAMETERS
    )
    check_adapters(adapters, flux)


def test_everything_is_built_in_half_precision_without_memory(
    network: RegionalTransformer,
) -> None:
    weights = list(network.parameters())
    assert sum(weight.numel() for weight in network.flux.parameters()) == 11_901_408_320
    assert {(weight.device.type, weight.dtype) for weight in weights} == {("meta", HALF)}
    assert network.contour is not None
    term = network.contour.get("transformer_blocks.0.attn.to_q")
    assert term is not None
    assert term.down.shape == (2 * RANK, 3072)  # cond minus default, as one term


@pytest.mark.parametrize("isolated", [ISOLATED, range(0)], ids=["isolate", "align"])
def test_a_step_stays_on_its_device_and_in_its_precision(
    network: RegionalTransformer, isolated: range
) -> None:
    sigma = torch.full((1,), 0.6, device=META)
    asked = inputs(network.flux, [tokens(network.flux)], isolated)
    with torch.no_grad(), Watch() as watch:
        fixed = network.prepare(asked)
        velocity = network(latents(), sigma, asked, fixed)
    assert velocity.shape == (1, 1024, 64)
    assert (velocity.device, velocity.dtype) == (META, HALF)
    assert watch.wrong == []
    assert watch.seen["linear"] > 19 * 12 + 38 * 5
    assert watch.seen["scaled_dot_product_attention"] >= 57
    assert {each.dtype for stream in fixed.streams for each in stream.modulation} == {HALF}


@pytest.mark.slow
def test_two_scenes_padded_together_and_one_without_shape(network: RegionalTransformer) -> None:
    shown, plain = tokens(network.flux), tokens(network.flux, has_contour=False)
    sigma = torch.full((2,), 0.6, device=META)
    for batch in ([shown, replace(shown, global_text=None)], [plain, plain]):
        asked = inputs(network.flux, batch)
        with torch.no_grad(), Watch() as watch:
            velocity = network(latents(2), sigma, asked)
        assert (velocity.shape, velocity.dtype) == ((2, 1024, 64), HALF)
        assert watch.wrong == []


@pytest.mark.slow
def test_terms_that_cannot_be_fused_stay_beside_their_layer(
    flux: FluxTransformer2DModel, adapters: Adapters
) -> None:
    """As on quantised weights: every adapted layer adds its own term."""
    config: Any = flux.config
    with META:
        twin: Any = FluxTransformer2DModel.from_config(config)
    twin.to(HALF).eval().requires_grad_(False)
    for name, term in adapters.default.items():
        parent, _, child = name.rpartition(".")
        layer = AdaptedLinear(twin.get_submodule(name), term)
        setattr(twin.get_submodule(parent), child, layer)
    names = {name for name in adapters.cond if is_contour_site(name)}
    terms = ContourTerms({name: adapters.cond[name] for name in sorted(names)})
    asked = inputs(flux, [tokens(flux)])
    with torch.no_grad(), Watch() as watch:
        velocity = RegionalTransformer(twin, terms)(
            latents(), torch.full((1,), 0.6, device=META), asked
        )
    assert (velocity.device, velocity.dtype) == (META, HALF)
    assert watch.wrong == []


def test_a_tensor_of_another_device_or_precision_is_found(network: RegionalTransformer) -> None:
    asked = inputs(network.flux, [tokens(network.flux)])
    sigma = torch.full((1,), 0.6, device=META)
    for wrong in (
        replace(asked, text=torch.zeros(asked.text.shape, dtype=HALF)),
        replace(asked, pooled=asked.pooled.float()),
        replace(asked, contour=asked.contour.float()),
    ):
        with torch.no_grad(), Watch() as watch:
            try:
                network(latents(), sigma, wrong)
            except RuntimeError as refusal:
                watch.wrong.append(str(refusal))
        assert watch.wrong


@pytest.mark.slow
def test_denoising_takes_its_schedule_to_the_latents(network: RegionalTransformer) -> None:
    """One step of `denoise`, but for asking whether numbers are finite: `meta` has none."""
    asked = inputs(network.flux, [tokens(network.flux)])
    scheduler = FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=True)
    schedule = build_schedule(scheduler, 2, 1024)
    velocity_of = Guided(network, asked, None, true_cfg=1.0).prepared()
    now = latents()
    with torch.no_grad():
        sigma = schedule.sigmas[0].to(now.device).expand(len(now))
        now = schedule.step(velocity_of(now, sigma), schedule.timesteps[0], now)
    assert (now.device, now.dtype) == (META, HALF)


@pytest.mark.slow
def test_an_edit_follows_its_photo_on_the_device_in_its_precision(
    network: RegionalTransformer,
) -> None:
    asked = inputs(network.flux, [tokens(network.flux)])
    scheduler = FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=True)
    schedule = build_schedule(scheduler, 4, 1024)
    levels = np.zeros((SIDE, SIDE), np.float32)
    levels[100:300, 100:300] = 0.9
    release = release_levels(levels, PatchGrid(32, 32, 16), 64)
    first = first_step(release, schedule.sigmas)
    schedule = schedule.beginning_at(first)
    follow = joined([Follow(latents(), latents(), release)]).to(META)
    velocity_of = Guided(network, asked, None, true_cfg=1.0).prepared()
    now = follow.at(float(schedule.sigmas[first]))
    with torch.no_grad(), Watch() as watch:
        sigma = schedule.sigmas[first].to(now.device).expand(len(now))
        moved = schedule.step(velocity_of(now, sigma), schedule.timesteps[first], now)
        now = follow.held(moved, float(schedule.sigmas[first]), schedule.level_after(first))
    assert first > 0
    assert (now.shape, now.device, now.dtype) == ((1, 1024, 64), META, HALF)
    assert watch.wrong == []


def test_pictures_are_encoded_and_decoded_by_flux_vae_on_its_device() -> None:
    channels = (128, 256, 512, 512)
    with META:
        vae: Any = AutoencoderKL(
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            block_out_channels=channels,
            layers_per_block=2,
            latent_channels=16,
            scaling_factor=0.3611,
            shift_factor=0.1159,
            use_quant_conv=False,
            use_post_quant_conv=False,
        )
    vae.to(HALF).eval()
    picture = to_tensor(np.zeros((SIDE, SIDE, 3), np.uint8)).to(META)
    with Watch() as watch:
        packed = encode(vae, picture)
        shown = decode(vae, packed, PatchGrid(SIDE // 16, SIDE // 16, 16))
    assert (packed.shape, packed.dtype) == ((1, 1024, 64), HALF)
    assert (shown.shape, shown.dtype) == ((1, 3, SIDE, SIDE), HALF)
    assert watch.wrong == []


@pytest.mark.slow
def test_a_training_step_of_the_published_adapters_reaches_every_term() -> None:
    with META:
        built: Any = FluxTransformer2DModel(guidance_embeds=True)
        contour = ContourTerms.build(built, RANK)
    built.to(HALF).requires_grad_(False)
    built.add_adapter(default_config(built, RANK))
    network = RegionalTransformer(built, contour.to(HALF)).to(META)
    trained = [weight for weight in network.parameters() if weight.requires_grad]
    assert sum(weight.numel() for weight in trained) == PUBLISHED_PARAMETERS
    clean = latents()
    loss = flow_loss(network, clean, inputs(built, [tokens(built)]))
    loss.backward()
    assert (loss.device, loss.dtype) == (META, torch.float32)
    missed = {
        name
        for name, each in network.named_parameters()
        if each.requires_grad and each.grad is None
    }
    # nothing reads the contour tokens after the last block, which asks for image tokens alone
    last = "contour.terms.single_transformer_blocks/37/"
    layers = ("attn/to_q", "proj_mlp", "proj_out")
    assert missed == {f"{last}{layer}.{side}" for layer in layers for side in ("down", "up")}
