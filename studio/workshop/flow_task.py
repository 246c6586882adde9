"""Training the mini model's transformer and text encoders on encoded scenes."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from studio.engine.sampling.scene_tokens import SceneTokens, assemble
from studio.engine.tokens.patch_grid import PatchGrid
from studio.scene.geometry import Extent
from studio.training.flow import flow_loss, plainly
from studio.workshop.mini_model import END, START, MiniModel
from studio.workshop.samples import Sample, Shards
from studio.workshop.vocabulary import CAPTION_TOKENS, REGION_TOKENS


class FlowTask:
    """The mini model on shards of encoded scenes. `batch` counts scenes."""

    name = "flow"

    def __init__(
        self, model: MiniModel, shards: Shards, token_pixels: int, batch: int = 16
    ) -> None:
        self.module = model
        self.shards = shards
        self.token_pixels = token_pixels
        self.batch = batch
        self.on_report = None

    @property
    def device(self) -> torch.device:
        return self.module.flux.device

    def parameters(self) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
        matrices, others = [], []
        for name, weight in self.module.named_parameters():
            is_matrix = weight.ndim == 2 and "transformer_blocks" in name and ".norm" not in name
            is_own = name.startswith("net.flux") and is_matrix
            (matrices if is_own else others).append(weight)
        return matrices, others

    def loss(self, progress: float) -> Tensor:
        extent, samples = self.shards.batch(self.batch)
        rng = self.shards.rng
        samples = [dropped(rng, sample) for sample in samples]
        isolated = self.module.shape.isolated if rng.random() < 0.8 else range(0)
        return self.loss_of(samples, extent, isolated)

    def loss_of(self, samples: list[Sample], extent: Extent, isolated: range) -> Tensor:
        """The loss on samples of one size, at noise levels drawn afresh."""
        clean = torch.stack([sample.latents.float() for sample in samples]).to(self.device)
        inputs = assemble(self.module.flux, self.scenes(samples, extent), isolated, None)
        return flow_loss(self.module.net, clean, plainly(inputs))

    def scenes(self, samples: list[Sample], extent: Extent) -> list[SceneTokens]:
        grid = PatchGrid.over(extent, self.token_pixels)
        own = [sample.caption for sample in samples if sample.caption is not None]
        captions = iter(self.module.embed(own, CAPTION_TOKENS))
        regions = iter(
            self.module.embed([ids for s in samples for ids in s.regions], REGION_TOKENS)
        )
        pooled = self.module.pool([sample.pooled for sample in samples])
        return [
            SceneTokens(
                global_text=None if sample.caption is None else next(captions),
                region_texts=tuple(next(regions) for _ in sample.regions),
                pooled=pooled[row],
                grid=grid,
                words=sample.words.numpy(),
                contour=sample.contour.float().to(self.device),
                contour_positions=sample.positions.numpy(),
                contour_bias=math.log(sample.gamma),
            )
            for row, sample in enumerate(samples)
        ]

    def report(self, folder: Path) -> dict[str, float]:
        return {}


def dropped(rng: np.random.Generator, sample: Sample) -> Sample:
    """The sample with words or shape left out now and then, for guidance to compare with."""
    chance = rng.random()
    if chance < 0.08:  # as the empty negative caption is rendered
        sample = replace(
            sample, caption=[END], regions=[[END]] * len(sample.regions), pooled=[START, END]
        )
    elif chance < 0.14:
        regions = [ids if rng.random() > 0.3 else [END] for ids in sample.regions]
        sample = replace(sample, regions=regions)
    if rng.random() < 0.06:
        sample = replace(sample, contour=sample.contour[:0], positions=sample.positions[:0])
    return sample
