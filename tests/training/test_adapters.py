"""Adapters on a FLUX base: trained by the same trainer, written as published, loaded again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open

import studio
from studio.engine.network.loading import FluxParts, load_parts
from studio.engine.network.quantization import Quantization
from studio.inventory.layouts import ADAPTER_FILE, CONTOUR_FILE
from studio.training.adapters import AdapterPlan, AdapterTask, train_adapters
from studio.training.trainer import Plan, Trainer
from studio.workshop.painting.painter import paint_scene
from tests.precisions import in_each_precision
from tests.tiny_models import tiny_base


def parts_of(base: Path) -> FluxParts:
    return load_parts(base, torch.float32, Quantization.parse("none"))


@in_each_precision
def test_a_step_of_adapter_training_in_each_precision(tmp_path: Path, dtype: torch.dtype) -> None:
    base = tiny_base(tmp_path / "base")
    (base / "recommended.json").write_text('{"caption_tokens": 16, "region_tokens": 8}')
    plan = AdapterPlan(tmp_path, base, paint_scene, seconds=60, rank=2, side=64)
    task = AdapterTask(parts_of(base), plan)
    frozen = task.parts.flux.transformer_blocks[0].attn.to_q.base_layer.weight.clone()
    trainer = Trainer(task, Plan(tmp_path, 60, rate=1e-3, dtype=dtype))
    before = [weight.detach().clone() for weight in trainer.trained]
    seen: list[torch.dtype] = []
    layer = task.parts.flux.transformer_blocks[0].attn.to_q.base_layer
    layer.register_forward_hook(lambda _layer, _given, made: seen.append(made.dtype))

    loss, norm = trainer.step()

    assert set(seen) == {dtype}
    assert 0.3 < loss < 5
    assert 0 < norm < float("inf")
    assert any(not torch.equal(old, new) for old, new in zip(before, trainer.trained, strict=True))
    assert {weight.dtype for weight in trainer.trained} == {torch.float32}
    assert torch.equal(frozen, layer.weight)


def test_adapter_training_takes_everything_to_its_device(tmp_path: Path) -> None:
    """On `meta`, which holds no numbers, a tensor left on the processor is refused as on a GPU."""
    base = tiny_base(tmp_path / "base")
    plan = AdapterPlan(tmp_path, base, paint_scene, seconds=60, rank=2, side=64, device="meta")
    task = AdapterTask(parts_of(base), plan)
    loss = task.loss(0.0)
    loss.backward()
    assert loss.device.type == "meta"
    assert all(weight.device.type == "meta" for weight in task.parameters()[1])


@pytest.mark.slow
def test_adapters_are_trained_written_and_loaded(tmp_path: Path) -> None:
    base = tmp_path / "base"
    tiny_base(base)
    plan = AdapterPlan(tmp_path / "run", base, paint_scene, seconds=2.0, rank=4, side=64)
    train_adapters(plan, tmp_path / "seg2any", lambda line: None)
    with safe_open(tmp_path / "seg2any" / CONTOUR_FILE, "pt") as file:
        names = set(file.keys())
    assert "transformer.x_embedder.lora_A.weight" in names
    assert "transformer.transformer_blocks.0.attn.to_q.lora_B.weight" in names
    with safe_open(tmp_path / "seg2any" / ADAPTER_FILE, "pt") as file:
        names = set(file.keys())
    assert "transformer.x_embedder.lora_A.weight" not in names
    assert "transformer.single_transformer_blocks.0.norm.linear.lora_A.weight" in names
    engine = studio.load_engine(base, tmp_path / "seg2any", device="cpu")
    scene = studio.Scene(64, 64, None, [studio.Region(np.ones((64, 64), bool), "wood")])
    assert engine.render(studio.RenderRequest(scene, studio.Sampling(steps=1))).images
