"""Painted scenes as the transformer sees them: latents, tokens of captions, region membership."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from diffusers import AutoencoderKL
from numpy.typing import NDArray
from torch import Tensor

from studio.engine.sampling.latents import pack
from studio.engine.tokens.contour_tokens import contour_tokens
from studio.engine.tokens.membership import membership
from studio.engine.tokens.patch_grid import PatchGrid
from studio.scene.contour import contour_map
from studio.scene.geometry import Extent
from studio.training.precision import computing_in, fastest
from studio.workshop.autoencoder import encode_mean, to_tensor
from studio.workshop.painting.cutouts import CutSubject, Drawings
from studio.workshop.painting.outlines import FREE, coverage_of, placed
from studio.workshop.painting.painter import PaintedScene, paint_scene
from studio.workshop.painting.surface import Surface

SMALL = (
    (128, 128),
    (128, 128),
    (160, 96),
    (96, 160),
    (144, 112),
    (112, 144),
    (160, 128),
    (128, 160),
)
LARGE = ((256, 256), (256, 256), (256, 256), (256, 192), (192, 256), (208, 208), (320, 192),
         (192, 320), (288, 224), (224, 288), (384, 256), (256, 384))  # fmt: skip
SKETCH_SHARE = 0.2  # scenes whose masks are only roughly right, with a gamma that says so
LOWEST_GAMMA = 0.02


@dataclass
class Sample:
    """One scene, encoded. Token ids are without padding."""

    latents: Tensor  # (image tokens, c) half
    contour: Tensor  # (kept, c) half
    positions: Tensor  # (kept, 3)
    words: Tensor  # (image tokens, n): region membership
    caption: list[int] | None
    regions: list[list[int]]
    pooled: list[int]
    gamma: float


class SampleWriter:
    """Paints and encodes scenes into shards, one picture size a shard.

    dtype: what the VAE computes in; None for what a processor computes fastest.
    """

    def __init__(
        self,
        vae: AutoencoderKL,
        tokenizers: tuple[Any, Any],
        folder: Path,
        dtype: torch.dtype | None = None,
        drawings: Drawings | None = None,
    ) -> None:
        self.vae = vae
        self.drawings = drawings
        self.pooled_tokenizer, self.tokenizer = tokenizers
        self.folder = folder
        self.dtype = dtype or fastest("cpu")
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, sizes: Sequence[tuple[int, int]], count: int, seed: int) -> Path:
        """A shard of `count` scenes; the same seed makes the same shard."""
        path = self.folder / f"{seed:06d}.pt"
        if path.exists():
            return path
        cv2.setNumThreads(1)
        rng = np.random.default_rng((77, seed))
        width, height = sizes[int(rng.integers(len(sizes)))]
        samples: list[dict[str, Any]] = []
        batch = max(2, 8 * 128 * 128 // (width * height))
        for _ in range(0, count, batch):
            scenes = [
                paint_scene(rng, Extent(width, height), drawings=self.drawings)
                for _ in range(batch)
            ]
            samples.extend(vars(sample) for sample in self.encoded(rng, scenes))
        beside = path.with_suffix(".part")
        torch.save({"size": (width, height), "samples": samples}, beside)
        beside.replace(path)
        return path

    @torch.no_grad()
    def encoded(self, rng: np.random.Generator, scenes: Sequence[PaintedScene]) -> list[Sample]:
        extent = Extent(scenes[0].image.shape[1], scenes[0].image.shape[0])
        vae_config: Any = self.vae.config
        token_pixels = 2 ** len(vae_config.block_out_channels)
        grid = PatchGrid.over(extent, token_pixels)
        shapes = [_conditions(rng, scene) for scene in scenes]
        pictures = [np.round(scene.image * 255).astype(np.uint8) for scene in scenes]
        lines = [contour_map(masks, extent) for masks, _ in shapes]
        with computing_in(self.dtype, "cpu"):
            means = encode_mean(self.vae, to_tensor(np.stack([*pictures, *lines])))
        packed = pack(means.float()).half()
        samples = []
        for i, (scene, (masks, gamma)) in enumerate(zip(scenes, shapes, strict=True)):
            tokens = contour_tokens(masks, extent, token_pixels, 1, False)
            captions = [region.caption for region in scene.regions]
            samples.append(
                Sample(
                    latents=packed[i],
                    contour=packed[len(scenes) + i][torch.from_numpy(tokens.kept)],
                    positions=torch.from_numpy(tokens.positions),
                    words=torch.from_numpy(membership(masks, grid, "top").words),
                    caption=None
                    if scene.caption is None
                    else self.tokenizer(scene.caption).input_ids,
                    regions=[self.tokenizer(caption).input_ids for caption in captions],
                    pooled=self._pooled(scene.caption, captions),
                    gamma=gamma,
                )
            )
        return samples

    def _pooled(self, caption: str | None, captions: list[str]) -> list[int]:
        text = ".".join(captions) if caption is None else caption
        return self.pooled_tokenizer(text, truncation=True).input_ids


def _conditions(
    rng: np.random.Generator, scene: PaintedScene
) -> tuple[list[NDArray[np.bool_]], float]:
    """The masks the model is shown, and gamma: below 1 they are bent, the more the lower it is.

    A thing cut out of a drawing is shown in another shape altogether the more often.
    """
    masks = [region.mask for region in scene.regions]
    if rng.random() > SKETCH_SHARE or not masks:
        return masks, 1.0
    gamma = math.exp(rng.uniform(math.log(LOWEST_GAMMA), 0))
    freedom = math.log(gamma) / math.log(LOWEST_GAMMA)
    reach = 14 * freedom
    masks = [
        in_another_shape(rng, region.mask)
        if isinstance(region.subject, CutSubject) and rng.random() < freedom
        else region.mask
        for region in scene.regions
    ]
    height, width = masks[0].shape
    surface = Surface(rng, height, width)
    map_x = surface.x + surface.noise(44) * np.float32(reach) + rng.normal(0, reach * 0.3)
    map_y = surface.y + surface.noise(44) * np.float32(reach) + rng.normal(0, reach * 0.3)
    labels = np.zeros((height, width), np.float32)
    for number, mask in enumerate(masks, start=1):
        labels[mask] = number
    bent = cv2.remap(
        labels, map_x.astype(np.float32), map_y.astype(np.float32), cv2.INTER_NEAREST,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    found = [bent == number for number in range(1, len(masks) + 1)]
    if not all(mask.any() for mask in found):
        return [region.mask for region in scene.regions], 1.0
    return found, gamma


def in_another_shape(rng: np.random.Generator, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A free shape (an ellipse, a blob, a polygon ...) over the mask's box."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    wide, high = columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1
    outline = FREE[int(rng.integers(len(FREE)))](rng)
    moved = placed(outline, columns[0], rows[0], wide, high, 0.0)
    found = coverage_of(moved, *mask.shape) > 0.5
    return found if found.any() else mask


class Shards:
    """The shards in a folder, as batches of one picture size; new shards are noticed."""

    def __init__(self, folder: Path, seed: int = 0) -> None:
        self.folder = folder
        self.rng = np.random.default_rng(seed)
        self.loaded: dict[str, tuple[tuple[int, int], list[Sample]]] = {}
        self.drawn = 0

    def refresh(self) -> int:
        for path in sorted(self.folder.glob("*.pt")):
            if path.name not in self.loaded:
                content = torch.load(path, weights_only=True)
                samples = [Sample(**each) for each in content["samples"]]
                self.loaded[path.name] = (tuple(content["size"]), samples)
        return len(self.loaded)

    def batch(self, count: int) -> tuple[Extent, list[Sample]]:
        """`count` samples of one size. Members of a team draw the same size at the same time."""
        if self.drawn % 50 == 0:
            self.refresh()
        self.drawn += 1
        names = sorted(self.loaded)
        shared = np.random.default_rng(self.drawn)
        size, samples = self.loaded[names[int(shared.integers(len(names)))]]
        chosen = self.rng.choice(len(samples), min(count, len(samples)), replace=False)
        return Extent(*size), [samples[i] for i in chosen]
