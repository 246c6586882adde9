"""The mini model from nothing: paint, train the VAE, encode, train the transformer, export."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import cv2
import torch
from diffusers import AutoencoderKL
from PIL import Image

from studio.engine.sampling.preview import Matrix, fit_latent_rgb
from studio.scene.geometry import Extent
from studio.training.team import Team, run_team
from studio.training.trainer import Say, Trainer
from studio.workshop.autoencoder import (
    AutoencoderTask,
    PicturePool,
    build_autoencoder,
    encode_mean,
    to_tensor,
)
from studio.workshop.export import export_mini, load_mini, normalise_latents
from studio.workshop.flow_task import FlowTask
from studio.workshop.mini_model import MiniModel
from studio.workshop.mini_plan import MiniPlan
from studio.workshop.preview import preview_sheet
from studio.workshop.samples import Sample, SampleWriter, Shards
from studio.workshop.stock import (
    UNSEEN_SEED,
    Stage,
    load_pools,
    paint_pool,
    painting_on,
    tokenizers,
)


def train_mini(plan: MiniPlan, export: Path, say: Say) -> None:
    """All stages; what is finished in `plan.folder` is not done again."""
    plan.folder.mkdir(parents=True, exist_ok=True)
    finish_autoencoder(plan, say)
    with painting_on(plan, say):
        run_team(plan.workers, plan.folder / "meeting", train_stages, plan, say)
    run_team(plan.workers, plan.folder / "meeting", polish_decoder, plan, say)
    vae = AutoencoderKL.from_pretrained(plan.folder / "vae_polished").eval()
    model = MiniModel(plan.shape, plan.cutouts)
    load_average(plan, model, "large")
    export_mini(model, vae, export, preview_map(vae))
    say(f"exported to {export}")


def train_stages(plan: MiniPlan, say: Say) -> None:
    """Small pictures first, then large ones; run by every member of the team."""
    vae = AutoencoderKL.from_pretrained(plan.folder / "vae_finished").eval()
    torch.manual_seed(0)
    model = MiniModel(plan.shape, plan.cutouts)
    if plan.start is not None:
        load_mini(model, plan.start)
    model.to(plan.device)
    train_flow(plan, model, vae, "small", plan.small_seconds, plan.batch, say)
    train_flow(plan, model, vae, "large", plan.large_seconds, plan.large_batch, say)


def load_average(plan: MiniPlan, model: MiniModel, stage: Stage) -> None:
    """Put the averaged weights of a stage's checkpoint into the model."""
    state = torch.load(plan.folder / f"flow_{stage}.pt", map_location="cpu", weights_only=True)
    task = FlowTask(model, Shards(plan.folder / stage), plan.token_pixels)
    matrices, others = task.parameters()
    with torch.no_grad():
        for weight, average in zip([*matrices, *others], state["average"], strict=True):
            weight.copy_(average)


def finish_autoencoder(plan: MiniPlan, say: Say) -> None:
    """Leave a VAE with averaged weights and latents of unit size in the plan's folder."""
    paint_pool(plan, say)
    finished = plan.folder / "vae_finished"
    if finished.exists():
        return
    if plan.keeps_vae:
        assert plan.start is not None
        _save_whole(AutoencoderKL.from_pretrained(plan.start / "vae").float(), finished)
        return
    run_team(plan.workers, plan.folder / "meeting", train_autoencoder, plan, say)


def _save_whole(vae: Any, folder: Path) -> None:
    """Under its name only when all of it is written: what is there is not made again."""
    beside = folder.with_name(f"{folder.name}.part")
    vae.save_pretrained(beside)
    shutil.rmtree(folder, ignore_errors=True)
    beside.replace(folder)


def train_autoencoder(plan: MiniPlan, say: Say) -> None:
    """Run by every member of the team; the leader saves what came of it."""
    pool, unseen = load_pools(plan)
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
        _save_whole(vae, plan.folder / "vae_finished")


def polish_decoder(plan: MiniPlan, say: Say) -> None:
    """Train the decoder alone, when the transformer has learned the encoder's latents."""
    pool, unseen = load_pools(plan)
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
            _save_whole(vae, plan.folder / "vae_polished")


_UNSEEN_PASSES = 4


class MiniTask(FlowTask):
    """Flow training with a sheet of unseen scenes at every report."""

    def __init__(
        self, plan: MiniPlan, model: MiniModel, vae: AutoencoderKL, stage: Stage, batch: int
    ) -> None:
        shards = Shards(plan.folder / stage, int(time.time()) + 104729 * Team().rank)
        super().__init__(model, shards, plan.token_pixels, batch)
        self.vae = vae
        self.extent = Extent(128, 128) if stage == "small" else Extent(256, 256)
        path = plan.folder / f"unseen_{stage}"
        tokens = tokenizers(plan.cutouts)
        writer = SampleWriter(vae, tokens, path, plan.painting_dtype, plan.open_drawings())
        writer.write(((self.extent.width, self.extent.height),), 16, UNSEEN_SEED)
        self.unseen = Shards(path)
        self.unseen.refresh()

    def report(self, folder: Path) -> dict[str, float]:
        samples = next(iter(self.unseen.loaded.values()))[1][:16]
        sheet = preview_sheet(self, self.vae, samples[:10], self.extent)
        cv2.imwrite(str(folder / f"flow_{self.extent.width}.png"), sheet[:, :, ::-1])
        return {"unseen_loss": self._unseen_loss(samples)}

    @torch.no_grad()
    def _unseen_loss(self, samples: list[Sample]) -> float:
        """The loss on scenes kept apart, always with the same noise."""
        with torch.random.fork_rng():
            torch.manual_seed(0)
            isolated = self.module.shape.isolated
            losses = [self.loss_of(samples, self.extent, isolated) for _ in range(_UNSEEN_PASSES)]
        return float(torch.stack(losses).mean())


def train_flow(
    plan: MiniPlan,
    model: MiniModel,
    vae: AutoencoderKL,
    stage: Stage,
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
    pictures = PicturePool.painted(24, 128, UNSEEN_SEED).scenes
    return fit_latent_rgb(vae, [Image.fromarray(picture) for picture in pictures])
