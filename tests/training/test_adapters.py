"""Adapters on a FLUX base: trained by the same trainer, written as published, loaded again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

import studio
from studio.training.adapters import FILE, AdapterPlan, train_adapters
from studio.workshop.painting.painter import paint_scene
from tests.tiny_models import tiny_base


@pytest.mark.slow
def test_adapters_are_trained_written_and_loaded(tmp_path: Path) -> None:
    base = tmp_path / "base"
    tiny_base(base)
    plan = AdapterPlan(tmp_path / "run", base, paint_scene, seconds=2.0, rank=4, side=64)
    train_adapters(plan, tmp_path / "seg2any", lambda line: None)
    with safe_open(tmp_path / "seg2any" / "cond" / FILE, "pt") as file:
        names = set(file.keys())
    assert "transformer.x_embedder.lora_A.weight" in names
    assert "transformer.transformer_blocks.0.attn.to_q.lora_B.weight" in names
    with safe_open(tmp_path / "seg2any" / "default" / FILE, "pt") as file:
        names = set(file.keys())
    assert "transformer.x_embedder.lora_A.weight" not in names
    assert "transformer.single_transformer_blocks.0.norm.linear.lora_A.weight" in names
    engine = studio.load_engine(base, tmp_path / "seg2any", device="cpu")
    scene = studio.Scene(64, 64, None, [studio.Region(np.ones((64, 64), bool), "wood")])
    assert engine.render(studio.RenderRequest(scene, studio.Sampling(steps=1))).images
