"""Training a style: rows that take it learn it, and the file comes out as any LoRA's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.commands.cli import build_parser
from studio.commands.train import run
from studio.engine.network.loading import FluxParts, load_parts
from studio.engine.network.quantization import Quantization
from studio.engine.styles.reading import read_style
from studio.files.style_file import list_styles
from studio.scene.errors import RequestError
from studio.training.styles import StylePlan, StyleTask, save_style
from studio.training.trainer import Plan, Trainer
from studio.workshop.filters import FILTERS, sepia
from studio.workshop.painting.painter import paint_scene
from tests.precisions import in_each_precision
from tests.tiny_models import tiny_adapters, tiny_base


@pytest.fixture
def plan(tmp_path: Path) -> StylePlan:
    base = tiny_base(tmp_path / "base")
    tiny_adapters(base / "seg2any", base)
    (base / "recommended.json").write_text('{"caption_tokens": 16, "region_tokens": 8}')
    return StylePlan(tmp_path / "run", base, paint_scene, sepia, seconds=60, rank=2, side=64)


def parts_of(base: Path) -> FluxParts:
    return load_parts(base, torch.float32, Quantization.parse("none"))


@in_each_precision
def test_a_step_trains_the_style_alone(plan: StylePlan, dtype: torch.dtype) -> None:
    task = StyleTask(parts_of(plan.base), plan)
    weights = {name: each.clone() for name, each in task.parts.flux.state_dict().items()}
    trainer = Trainer(task, Plan(plan.folder, 60, rate=1e-2, dtype=dtype))
    before = [each.detach().clone() for each in trainer.trained]
    loss, norm = trainer.step()
    assert 0.3 < loss < 5
    assert 0 < norm < float("inf")
    assert any(not torch.equal(old, new) for old, new in zip(before, trainer.trained, strict=True))
    after = task.parts.flux.state_dict()
    assert all(torch.equal(after[name], each) for name, each in weights.items())


def test_style_training_takes_everything_to_its_device(plan: StylePlan) -> None:
    task = StyleTask(parts_of(plan.base), replace(plan, device="meta"))
    loss = task.loss(0.0)
    loss.backward()
    assert loss.device.type == "meta"


def test_scenes_are_changed_wholly_or_in_one_region(plan: StylePlan) -> None:
    task = StyleTask(parts_of(plan.base), plan)
    task.rng = np.random.default_rng(3)
    seen: set[bool] = set()
    for _ in range(12):
        scene, styled = task.draw()
        image = np.asarray(scene.image)
        is_brown = (image[..., 0] >= image[..., 1]) & (image[..., 1] >= image[..., 2])
        mask = np.ones_like(is_brown) if styled is None else scene.regions[styled].mask
        assert is_brown[mask].all()
        seen.add(styled is None)
    assert seen == {True, False}


def test_a_trained_style_is_read_as_any_other(plan: StylePlan, tmp_path: Path) -> None:
    task = StyleTask(parts_of(plan.base), plan)
    out = tmp_path / "styles" / "sepia.safetensors"
    save_style(task.terms, out, {"modelspec.license": "CC0-1.0"})
    read = read_style(out, task.parts.flux)
    assert read.terms.keys() == task.terms.named().keys()
    assert not any(".norm" in name for name in read.terms)
    assert list_styles(out.parent)[0].licence == "CC0-1.0"


@pytest.mark.parametrize("look", FILTERS)
def test_a_look_stays_within_a_pictures_range_and_keeps_its_lightness_in_order(look: str) -> None:
    ramp = np.repeat(np.linspace(0, 1, 64, dtype=np.float32)[None, :, None], 3, axis=2)
    changed = FILTERS[look](np.repeat(ramp, 8, axis=0))
    assert changed.shape == (8, 64, 3)
    assert changed.min() >= 0
    assert changed.max() <= 1
    assert changed[:, -1].mean() > changed[:, 0].mean()


def test_sizes_that_cannot_be_trained_on_are_refused(tmp_path: Path) -> None:
    line = ["train", "style", "--side", "100", "--folder", str(tmp_path)]
    with pytest.raises(RequestError, match="--side must be a multiple of 16"):
        run(build_parser("train").parse_args(line))
