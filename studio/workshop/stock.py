"""What is painted for a training: pictures for the VAE, encoded scenes for the transformer."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from diffusers import AutoencoderKL

from studio.training.trainer import Say
from studio.workshop.autoencoder import PicturePool
from studio.workshop.mini_plan import MiniPlan
from studio.workshop.painting.cutouts import Cutout, Drawings
from studio.workshop.samples import LARGE, SMALL, SampleWriter
from studio.workshop.vocabulary import CAPTION_TOKENS, POOLED_TOKENS, build_tokenizer

UNSEEN_SEED = 999_000
Stage = Literal["small", "large"]


def load_pools(plan: MiniPlan) -> tuple[PicturePool, PicturePool]:
    """(pictures to learn from, unseen ones)"""
    kept = np.load(plan.folder / "pool.npz")
    return PicturePool(kept["s"], kept["c"], os.getpid()), PicturePool(kept["us"], kept["uc"])


def paint_pool(plan: MiniPlan, say: Say) -> None:
    """The pictures that the VAE learns from, and unseen ones, in one file."""
    path = plan.folder / "pool.npz"
    if not path.exists():
        say(f"painting {plan.pool} pictures for the VAE")
        share = max(1, plan.pool // (4 * plan.workers))
        jobs = [(share, seed, plan.drawings) for seed in range(4 * plan.workers)]
        parts = list(_spread(_hands(plan), _painted, jobs))
        unseen = PicturePool.painted(24, 256, UNSEEN_SEED, plan.open_drawings())
        beside = plan.folder / "pool.part.npz"
        np.savez(
            beside,
            s=np.concatenate([part[0] for part in parts]),
            c=np.concatenate([part[1] for part in parts]),
            us=unseen.scenes,
            uc=unseen.contours,
        )
        beside.replace(path)


def _hands(plan: MiniPlan) -> int:
    """How many processes paint while nothing is trained."""
    return max(plan.workers, plan.painters)


def _spread(hands: int, work: Callable[[Any], Any], jobs: list[Any]) -> Iterator[Any]:
    """The jobs' results in any order."""
    if hands == 1:
        yield from map(work, jobs)
        return
    with multiprocessing.get_context("spawn").Pool(hands) as pool:
        yield from pool.imap_unordered(work, jobs)


def _painted(job: tuple[int, int, Path | None]) -> tuple[np.ndarray, np.ndarray]:
    count, seed, folder = job
    drawings = None if folder is None else Drawings(folder)
    pool = PicturePool.painted(count, 256, seed, drawings)
    return pool.scenes, pool.contours


def tokenizers(cutouts: Sequence[Cutout] = ()) -> tuple[object, object]:
    """(CLIP's, T5's)"""
    return (
        build_tokenizer(POOLED_TOKENS, has_start=True, cutouts=cutouts),
        build_tokenizer(CAPTION_TOKENS, has_start=False, cutouts=cutouts),
    )


def write_shards(plan: MiniPlan, stage: Stage, numbers: range, say: Say) -> None:
    """Paint and encode the shards that are not there yet."""
    missing = [n for n in numbers if not _shard(plan, stage, n).exists()]
    if not missing:
        return
    say(f"painting and encoding {len(missing)} {stage} shards of {plan.scenes} scenes")
    jobs = [(plan, stage, number) for number in missing]
    for done, _ in enumerate(_spread(_hands(plan), write_shard, jobs), start=1):
        say(f"{stage} shard {done} of {len(jobs)}")


def write_shard(job: tuple[MiniPlan, Stage, int]) -> None:
    plan, stage, number = job
    if plan.workers > 1 or plan.painters:
        torch.set_num_threads(1)
    vae: Any = AutoencoderKL.from_pretrained(plan.folder / "vae_finished").eval()
    vae.to(memory_format=torch.channels_last)
    folder = plan.folder / stage
    tokens = tokenizers(plan.cutouts)
    writer = SampleWriter(vae, tokens, folder, plan.painting_dtype, plan.open_drawings())
    writer.write(SMALL if stage == "small" else LARGE, plan.scenes, number)


def _shard(plan: MiniPlan, stage: Stage, number: int) -> Path:
    return plan.folder / stage / f"{number:06d}.pt"


@contextmanager
def painting_on(plan: MiniPlan, say: Say) -> Iterator[None]:
    """Within it there is something to train on, and the plan's painters go on with the rest.

    With no painters everything is painted first. A trainer notices new shards by itself.
    """
    counts: tuple[tuple[Stage, int], ...] = (
        ("small", plan.small_shards),
        ("large", plan.large_shards),
    )
    first = plan.painters or max(plan.small_shards, plan.large_shards)
    for stage, count in counts:
        write_shards(plan, stage, range(min(first, count)), say)
    rest: list[tuple[MiniPlan, Stage, int]] = [
        (plan, stage, number)
        for stage, count in counts
        for number in range(first, count)
        if not _shard(plan, stage, number).exists()
    ]
    if not rest:
        yield
        return
    say(f"{plan.painters} painters go on with {len(rest)} shards")
    with multiprocessing.get_context("spawn").Pool(plan.painters) as painters:
        painters.map_async(write_shard, rest, chunksize=1, error_callback=lambda e: say(str(e)))
        yield
