"""Rendering in float32, bfloat16 and float16: layers, masks and latents in the type asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from studio.engine.flux_engine import FluxEngine
from studio.engine.loading import choose_dtype, load_engine
from studio.engine.network.loading import FluxParts
from studio.engine.sampling.latents import decode, encode, to_images, to_tensor
from studio.engine.sampling.step import Step
from studio.engine.tokens.patch_grid import PatchGrid
from studio.scene.region import Region
from studio.scene.request import RenderRequest, Sampling
from studio.scene.scene import Scene
from tests.builders import box_mask
from tests.precisions import NEAR, in_each_precision, relative_error
from tests.tiny_models import tiny_adapters, tiny_base

SHORT = {"caption_tokens": 16, "region_tokens": 8}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tiny_base(tmp_path_factory.mktemp("precisions") / "base")
    tiny_adapters(folder / "seg2any", folder)
    return folder


@pytest.fixture(scope="module")
def engines(base: Path) -> dict[torch.dtype, FluxEngine]:
    names = ("float32", "bfloat16", "float16")
    loaded = [load_engine(base, device="cpu", dtype=name) for name in names]
    return {engine.dtype: engine for engine in loaded}


def parts_of(engine: FluxEngine) -> FluxParts:
    return engine._parts


def request(**sampling: object) -> RenderRequest:
    regions = [
        Region(box_mask(64, 64, 0, 0, 40, 64), "a brown bear", gamma=0.4),
        Region(box_mask(64, 64, 20, 20, 64, 64), "snow"),
    ]
    asked = {"steps": 2, "seed": 5, **SHORT, **sampling}
    return RenderRequest(Scene(64, 64, "a field", regions), Sampling(**asked))  # type: ignore[arg-type]


@in_each_precision
@pytest.mark.parametrize("method", ["isolate", "align", "place"])
def test_a_render_stays_in_its_precision_and_near_the_picture(
    engines: dict[torch.dtype, FluxEngine], dtype: torch.dtype, method: str
) -> None:
    asked = request(
        mask_method=method, count=2, gamma=0.7, negative_caption="fog", true_cfg=2.0, guidance=3.0
    )
    noise = torch.randn(2, 16, 16, generator=torch.Generator().manual_seed(0))
    steps: list[Step] = []
    picture = engines[dtype].render(asked, initial_latents=noise, on_step=steps.append)
    wanted = engines[torch.float32].render(asked, initial_latents=noise)
    assert {each for step in steps for each in (step.latents.dtype, step.velocity.dtype)} == {dtype}
    assert picture.latents.dtype == dtype
    assert steps[0].preview().size == (8, 8)
    assert relative_error(picture.latents, wanted.latents) <= NEAR[dtype]
    assert picture.made_with["dtype"] == str(dtype).removeprefix("torch.")
    gap = np.asarray(picture.images[1], float) - np.asarray(wanted.images[1], float)
    assert np.abs(gap).mean() <= 255 * NEAR[dtype]


@in_each_precision
def test_everything_prepared_is_of_the_engines_precision(
    engines: dict[torch.dtype, FluxEngine], dtype: torch.dtype
) -> None:
    conditions = engines[dtype].prepare(request(negative_caption="fog", true_cfg=2.0))
    for scene in (conditions.positive, conditions.negative):
        assert scene is not None
        assert scene.global_text is not None
        found = [scene.global_text, *scene.region_texts, scene.pooled, scene.contour]
        assert {tensor.dtype for tensor in found} == {dtype}
        assert all(tensor.isfinite().all() for tensor in found)


@in_each_precision
def test_no_layer_is_left_in_another_precision(
    engines: dict[torch.dtype, FluxEngine], dtype: torch.dtype
) -> None:
    engine = engines[dtype]
    parts = parts_of(engine)
    models = (engine._transformer, parts.vae, parts.text.t5, parts.text.clip)
    weights = [named for model in models for named in model.named_parameters()]
    others = {name for name, weight in weights if weight.dtype != dtype}
    # transformers keeps T5's last products in float32, where float16 would overflow
    kept = {"encoder.block.0.layer.1.DenseReluDense.wo.weight"}
    assert others == (kept if dtype == torch.float16 else set())


@in_each_precision
def test_the_vae_encodes_and_decodes_in_its_precision(
    engines: dict[torch.dtype, FluxEngine], dtype: torch.dtype
) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (64, 48, 3), np.uint8)
    grid = PatchGrid(4, 3, 16)
    latents = encode(parts_of(engines[dtype]).vae, to_tensor(picture))
    wanted = encode(parts_of(engines[torch.float32]).vae, to_tensor(picture))
    assert latents.dtype == dtype
    assert relative_error(latents, wanted) <= NEAR[dtype]
    shown = decode(parts_of(engines[dtype]).vae, wanted, grid)
    assert shown.dtype == dtype
    assert (
        relative_error(shown, decode(parts_of(engines[torch.float32]).vae, wanted, grid))
        <= (NEAR[dtype])
    )
    assert to_images(shown)[0].size == (48, 64)


def test_the_precision_is_a_value_and_not_the_machines() -> None:
    cpu, cuda = torch.device("cpu"), torch.device("cuda")
    assert choose_dtype("float16", cpu) == choose_dtype("float16", cuda) == torch.float16
    assert choose_dtype("auto", cuda) == torch.bfloat16
    assert choose_dtype("auto", cpu) is None  # by the size of the model
