"""The mini model from nothing: paint, train the VAE, encode, train the transformer, export."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from diffusers import AutoencoderKL
from PIL import Image

from studio.engine.sampling.preview import Matrix, fit_latent_rgb
from studio.scene.geometry import Extent
from studio.training.team import Team, run_team
from studio.training.trainer import Plan, Say, Trainer
from studio.workshop.autoencoder import (
    AutoencoderTask,
    PicturePool,
    build_autoencoder,
    encode_mean,
    to_tensor,
)
from studio.workshop.export import export_mini, load_mini, normalise_latents
from studio.workshop.flow_task import FlowTask
from studio.workshop.mini_model import MiniModel, Shape
from studio.workshop.preview import preview_sheet
from studio.workshop.samples import LARGE, SMALL, SampleWriter, Shards
from studio.workshop.vocabulary import CAPTION_TOKENS, POOLED_TOKENS, build_tokenizer

_UNSEEN_SEED = 999_000


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

    @property
    def token_pixels(self) -> int:
        return 2 ** len(self.vae_channels)

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


def train_mini(plan: MiniPlan, export: Path, say: Say) -> None:
    """All stages; what is finished in `plan.folder` is not done again."""
    plan.folder.mkdir(parents=True, exist_ok=True)
    vae = finished_autoencoder(plan, say)
    write_shards(plan, "small", range(plan.small_shards), say)
    write_shards(plan, "large", range(plan.large_shards), say)
    run_team(plan.workers, plan.folder / "meeting", train_stages, plan, say)
    run_team(plan.workers, plan.folder / "meeting", polish_decoder, plan, say)
    vae = AutoencoderKL.from_pretrained(plan.folder / "vae_polished").eval()
    model = MiniModel(plan.shape)
    load_average(plan, model, "large")
    export_mini(model, vae, export, preview_map(vae))
    say(f"exported to {export}")


def train_stages(plan: MiniPlan, say: Say) -> None:
    """Small pictures first, then large ones; run by every member of the team."""
    vae = AutoencoderKL.from_pretrained(plan.folder / "vae_finished").eval()
    torch.manual_seed(0)
    model = MiniModel(plan.shape)
    if plan.start is not None:
        load_mini(model, plan.start)
    model.to(plan.device)
    train_flow(plan, model, vae, "small", plan.small_seconds, plan.batch, say)
    train_flow(plan, model, vae, "large", plan.large_seconds, plan.large_batch, say)


def load_average(plan: MiniPlan, model: MiniModel, stage: str) -> None:
    """Put the averaged weights of a stage's checkpoint into the model."""
    state = torch.load(plan.folder / f"flow_{stage}.pt", map_location="cpu", weights_only=True)
    task = FlowTask(model, Shards(plan.folder / stage), plan.token_pixels)
    matrices, others = task.parameters()
    with torch.no_grad():
        for weight, average in zip([*matrices, *others], state["average"], strict=True):
            weight.copy_(average)


def finished_autoencoder(plan: MiniPlan, say: Say) -> AutoencoderKL:
    """The finished VAE with averaged weights and latents of unit size."""
    finished = plan.folder / "vae_finished"
    if not finished.exists():
        paint_pool(plan, say)
        run_team(plan.workers, plan.folder / "meeting", train_autoencoder, plan, say)
    return AutoencoderKL.from_pretrained(finished).eval()


def train_autoencoder(plan: MiniPlan, say: Say) -> None:
    """Run by every member of the team; the leader saves what came of it."""
    pool, unseen = _pools(plan)
    torch.manual_seed(0)
    vae: Any = build_autoencoder(plan.vae_channels, plan.shape.channels // 4)
    if plan.start is not None:
        vae.load_state_dict(AutoencoderKL.from_pretrained(plan.start / "vae").state_dict())
    vae.to(plan.device)
    task = AutoencoderTask(vae, pool, unseen, max(2, 16 // plan.workers))
    rate, decay = (2e-3, 0.4) if plan.start is None else (5e-4, 0.9)
    trainer = Trainer(
        task,
        plan.stage(
            plan.vae_seconds, rate=rate, matrix_rate=rate, decay_share=decay, averaging=0.99
        ),
        say,
    )
    trainer.run()
    if not Team().leads:
        return
    with trainer.averaged(), torch.no_grad():
        pictures = to_tensor(unseen.scenes).to(plan.device)
        normalise_latents(vae, encode_mean(vae, pictures))
        vae.save_pretrained(plan.folder / "vae_finished")


def polish_decoder(plan: MiniPlan, say: Say) -> None:
    """Train the decoder alone, when the transformer has learned the encoder's latents."""
    pool, unseen = _pools(plan)
    vae: Any = AutoencoderKL.from_pretrained(plan.folder / "vae_finished")
    vae.to(plan.device)
    task = AutoencoderTask(vae, pool, unseen, max(2, 16 // plan.workers), encoder_is_fixed=True)
    task.name = "decoder"
    trainer = Trainer(
        task,
        plan.stage(
            plan.decoder_seconds, rate=5e-4, matrix_rate=5e-4, decay_share=0.9, averaging=0.99
        ),
        say,
    )
    trainer.run()
    if Team().leads:
        with trainer.averaged():
            vae.save_pretrained(plan.folder / "vae_polished")


def _pools(plan: MiniPlan) -> tuple[PicturePool, PicturePool]:
    kept = np.load(plan.folder / "pool.npz")
    return PicturePool(kept["s"], kept["c"], os.getpid()), PicturePool(kept["us"], kept["uc"])


def paint_pool(plan: MiniPlan, say: Say) -> None:
    """The pictures that the VAE learns from, and unseen ones, in one file."""
    path = plan.folder / "pool.npz"
    if not path.exists():
        say(f"painting {plan.pool} pictures for the VAE")
        share = max(1, plan.pool // (4 * plan.workers))
        parts = list(_spread(plan, _painted, [(share, seed) for seed in range(4 * plan.workers)]))
        unseen = PicturePool.painted(24, 256, _UNSEEN_SEED)
        np.savez(
            path,
            s=np.concatenate([part[0] for part in parts]),
            c=np.concatenate([part[1] for part in parts]),
            us=unseen.scenes,
            uc=unseen.contours,
        )


def _spread(plan: MiniPlan, work: Callable[[Any], Any], jobs: list[Any]) -> Iterator[Any]:
    """The jobs' results in any order, done by the plan's workers."""
    if plan.workers == 1:
        yield from map(work, jobs)
        return
    with multiprocessing.get_context("spawn").Pool(plan.workers) as workers:
        yield from workers.imap_unordered(work, jobs)


def _painted(job: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    count, seed = job
    pool = PicturePool.painted(count, 256, seed)
    return pool.scenes, pool.contours


def tokenizers() -> tuple[object, object]:
    """(CLIP's, T5's)"""
    return build_tokenizer(POOLED_TOKENS, has_start=True), build_tokenizer(
        CAPTION_TOKENS, has_start=False
    )


def write_shards(plan: MiniPlan, stage: str, numbers: range, say: Say) -> None:
    """Paint and encode the shards that are not there yet."""
    folder = plan.folder / stage
    missing = [n for n in numbers if not (folder / f"{n:06d}.pt").exists()]
    if not missing:
        return
    say(f"painting and encoding {len(missing)} {stage} shards of {plan.scenes} scenes")
    jobs = [(plan, stage, number) for number in missing]
    for done, _ in enumerate(_spread(plan, write_shard, jobs), start=1):
        say(f"{stage} shard {done} of {len(jobs)}")


def write_shard(job: tuple[MiniPlan, str, int]) -> None:
    plan, stage, number = job
    if plan.workers > 1:
        torch.set_num_threads(1)
    vae: Any = AutoencoderKL.from_pretrained(plan.folder / "vae_finished").eval()
    vae.to(memory_format=torch.channels_last)
    writer = SampleWriter(vae, tokenizers(), plan.folder / stage, plan.dtype)
    writer.write(SMALL if stage == "small" else LARGE, plan.scenes, number)


class MiniTask(FlowTask):
    """Flow training with a sheet of unseen scenes at every report."""

    def __init__(
        self, plan: MiniPlan, model: MiniModel, vae: AutoencoderKL, stage: str, batch: int
    ) -> None:
        shards = Shards(plan.folder / stage, int(time.time()) + 104729 * Team().rank)
        super().__init__(model, shards, plan.token_pixels, batch)
        self.vae = vae
        self.extent = Extent(128, 128) if stage == "small" else Extent(256, 256)
        path = plan.folder / f"unseen_{stage}"
        writer = SampleWriter(vae, tokenizers(), path, plan.dtype)
        writer.write(((self.extent.width, self.extent.height),), 16, _UNSEEN_SEED)
        self.unseen = Shards(path)
        self.unseen.refresh()

    def report(self, folder: Path) -> dict[str, float]:
        samples = next(iter(self.unseen.loaded.values()))[1][:16]
        sheet = preview_sheet(self, self.vae, samples[:10], self.extent)
        cv2.imwrite(str(folder / f"flow_{self.extent.width}.png"), sheet[:, :, ::-1])
        return {}


def train_flow(
    plan: MiniPlan,
    model: MiniModel,
    vae: AutoencoderKL,
    stage: str,
    seconds: float,
    batch: int,
    say: Say,
) -> None:
    """One stage of the transformer; the next stage starts from this one's averaged weights."""
    task = MiniTask(plan, model, vae, stage, batch)
    task.name = f"flow_{stage}"
    is_first = stage == "small"
    rate = 1.4e-3 if is_first else 1.1e-3
    if plan.start is not None:
        rate *= 0.75
    trainer = Trainer(
        task,
        plan.stage(
            seconds,
            rate=rate,
            matrix_rate=2.4 * rate,
            decay_share=0.05 if is_first else 0.85,
            averaging=0.997,
        ),
        say,
    )
    trainer.run()
    with torch.no_grad():
        for weight, average in zip(trainer.trained, trainer.average, strict=True):
            weight.copy_(average)


def preview_map(vae: AutoencoderKL) -> Matrix:
    """What turns latents into the small pictures shown while rendering."""
    pictures = PicturePool.painted(24, 128, _UNSEEN_SEED).scenes
    return fit_latent_rgb(vae, [Image.fromarray(picture) for picture in pictures])
