"""How the mini model is to be trained: sizes, times, and what is painted for it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from studio.training.trainer import Plan
from studio.workshop.mini_model import Shape
from studio.workshop.painting.cutouts import Cutout, Drawings, known_cutouts


@dataclass(frozen=True)
class MiniPlan:
    """How long each stage takes and how much is painted for it."""

    folder: Path
    vae_seconds: float = 1500
    small_seconds: float = 3600
    large_seconds: float = 2400
    decoder_seconds: float = 400
    pool: int = 4000  # pictures the VAE sees
    small_shards: int = 60
    large_shards: int = 30
    scenes: int = 256  # a shard
    batch: int = 16
    large_batch: int = 8
    workers: int = 2
    shape: Shape = field(default_factory=Shape)
    vae_channels: tuple[int, ...] = (16, 32, 64, 128)
    device: str = "cpu"
    dtype: torch.dtype | None = None  # of the products; None: what the device computes fastest
    start: Path | None = None  # an exported model to go on from, instead of from nothing
    keeps_vae: bool = False  # the start's encoder, as it is; the decoder is polished all the same
    drawings: Path | None = None  # things are cut out of those in this folder
    painters: int = 0  # processes that go on painting while the transformer is trained

    @property
    def token_pixels(self) -> int:
        return 2 ** len(self.vae_channels)

    @property
    def cutouts(self) -> tuple[Cutout, ...]:
        """What the model is taught beside the painter's own things."""
        return () if self.drawings is None else known_cutouts()

    @property
    def painting_dtype(self) -> torch.dtype | None:
        """What scenes are encoded in: they are on the processor, wherever the training is."""
        return self.dtype if self.device.startswith("cpu") else None

    def open_drawings(self) -> Drawings | None:
        return None if self.drawings is None else Drawings(self.drawings)

    def stage(self, seconds: float, **changes: float) -> Plan:
        plan = Plan(self.folder, seconds, device=self.device, dtype=self.dtype)
        return replace(plan, **changes)


def smoke_plan(folder: Path, seconds: float = 12.0) -> MiniPlan:
    """Every stage at a size that a test can afford; the pictures are worth nothing."""
    return MiniPlan(
        folder,
        vae_seconds=seconds,
        small_seconds=seconds,
        large_seconds=seconds / 2,
        decoder_seconds=seconds / 2,
        pool=16,
        small_shards=2,
        large_shards=1,
        scenes=8,
        batch=4,
        large_batch=2,
        workers=1,
        shape=Shape(width=64, heads=2, doubles=1, singles=2, channels=16, text_width=32, rank=4),
        vae_channels=(8, 8, 16, 16),
    )
