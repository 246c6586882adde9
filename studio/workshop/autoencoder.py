"""The mini model's VAE: AutoencoderKL in miniature, and how it is trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from diffusers import AutoencoderKL
from einops import rearrange
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from studio.scene.contour import contour_map
from studio.scene.geometry import Extent
from studio.workshop.painting.cutouts import Drawings
from studio.workshop.painting.painter import paint_scene

LATENT_NOISE = 0.08  # what the decoder must bear, in latents of about unit size
CONTOUR_SHARE = 0.06


def build_autoencoder(
    channels: tuple[int, ...] = (16, 32, 64, 128), latent: int = 12
) -> AutoencoderKL:
    shape: dict[str, Any] = {
        "down_block_types": ("DownEncoderBlock2D",) * len(channels),
        "up_block_types": ("UpDecoderBlock2D",) * len(channels),
        "block_out_channels": channels,
    }
    vae: Any = AutoencoderKL(
        **shape,
        layers_per_block=1,
        latent_channels=latent,
        norm_num_groups=1,
        mid_block_add_attention=False,
        use_quant_conv=False,
        use_post_quant_conv=False,
        scaling_factor=1.0,
        shift_factor=0.0,
        sample_size=256,
    )
    for name, module in vae.named_modules():
        if name.endswith("conv2") and isinstance(module, nn.Conv2d):
            nn.init.zeros_(module.weight)
    with torch.no_grad():  # the posterior's width is fixed, only its mean is learned
        vae.encoder.conv_out.weight[latent:].zero_()
        vae.encoder.conv_out.bias[latent:].fill_(2 * float(np.log(LATENT_NOISE)))
    return vae.to(memory_format=torch.channels_last)


def encode_mean(vae: AutoencoderKL, pictures: Tensor) -> Tensor:
    """Posterior means (b, c, h, w) of pictures (b, 3, H, W) in -1..1."""
    return vae.encoder(pictures).chunk(2, dim=1)[0]


class PicturePool:
    """Painted scenes and their contour maps, as uint8 (n, side, side, 3); crops come from it."""

    def __init__(
        self, scenes: NDArray[np.uint8], contours: NDArray[np.uint8], seed: int = 0
    ) -> None:
        self.scenes = scenes
        self.contours = contours
        self.rng = np.random.default_rng(seed)

    @classmethod
    def painted(
        cls, count: int, side: int = 256, seed: int = 0, drawings: Drawings | None = None
    ) -> PicturePool:
        cv2.setNumThreads(1)
        scenes = np.zeros((count, side, side, 3), np.uint8)
        contours = np.zeros((max(1, count // 8), side, side, 3), np.uint8)
        for i in range(count):
            rng = np.random.default_rng((seed, i))
            scene = paint_scene(rng, Extent(side, side), "any", drawings=drawings)
            scenes[i] = np.round(scene.image * 255)
            if i < len(contours):
                contours[i] = contour_map(
                    [region.mask for region in scene.regions], Extent(side, side)
                )
        return cls(scenes, contours)

    def batch(self, count: int, side: int) -> Tensor:
        """(count, 3, side, side) in -1..1; a few of them contour maps."""
        crops = []
        for _ in range(count):
            pool = self.contours if self.rng.random() < CONTOUR_SHARE else self.scenes
            picture = pool[self.rng.integers(len(pool))]
            # whole steps of 16 px, no mirroring: patterns stay on the token grid they are laid on
            top, left = 16 * self.rng.integers(0, (picture.shape[0] - side) // 16 + 1, 2)
            crops.append(picture[top : top + side, left : left + side])
        return to_tensor(np.stack(crops))


def to_tensor(pictures: NDArray[np.uint8]) -> Tensor:
    """uint8 (b, h, w, 3) -> float (b, 3, h, w) in -1..1, channels last in memory."""
    values = torch.from_numpy(np.ascontiguousarray(pictures)).float().div_(127.5).sub_(1)
    return rearrange(values, "b h w c -> b c h w")


def reconstruction_loss(made: Tensor, wanted: Tensor) -> Tensor:
    """L1 + half L2 + the difference of gradients."""
    error = made - wanted
    edges = F.l1_loss(made.diff(dim=3), wanted.diff(dim=3)) + F.l1_loss(
        made.diff(dim=2), wanted.diff(dim=2)
    )
    return error.abs().mean() + 0.5 * error.square().mean() + 0.5 * edges


def psnr(made: Tensor, wanted: Tensor) -> float:
    """Mean over pictures, dB, for values in -1..1."""
    error = (made.clamp(-1, 1) - wanted).square().mean(dim=(1, 2, 3))
    return float((10 * torch.log10(4 / error)).mean())


class AutoencoderTask:
    """Trains the VAE on crops of painted scenes."""

    name = "vae"

    def __init__(
        self,
        vae: AutoencoderKL,
        pool: PicturePool,
        unseen: PicturePool,
        batch: int = 12,
        encoder_is_fixed: bool = False,
    ) -> None:
        self.module = vae
        self.pool = pool
        self.unseen = unseen
        self.batch = batch
        self.encoder_is_fixed = encoder_is_fixed

    def parameters(self) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
        edge = ("encoder.conv_in", "decoder.conv_out", "encoder.conv_out")
        matrices, others = [], []
        for name, weight in self.module.named_parameters():
            if self.encoder_is_fixed and name.startswith("encoder"):
                continue
            is_matrix = weight.ndim == 4 and not name.startswith(edge)
            (matrices if is_matrix else others).append(weight)
        return matrices, others

    def loss(self, progress: float) -> Tensor:
        is_large = progress > 0.3 and self.pool.rng.random() < 0.2
        pictures = (
            self.pool.batch(max(1, self.batch // 4), 256)
            if is_large
            else self.pool.batch(self.batch, 128)
        ).to(self.module.device)
        with torch.set_grad_enabled(not self.encoder_is_fixed):
            means = encode_mean(self.module, pictures)
        noisy = means + LATENT_NOISE * torch.randn_like(means)
        made = self.module.decoder(noisy)
        if self.encoder_is_fixed:
            return reconstruction_loss(made.float(), pictures)
        values = means.float()
        size = F.relu(values.square().mean() - 1) + values.mean(dim=(0, 2, 3)).square().mean() * 0.1
        return reconstruction_loss(made.float(), pictures) + size * 0.1

    @torch.no_grad()
    def report(self, folder: Path) -> dict[str, float]:
        pictures = to_tensor(self.unseen.scenes[:24]).to(self.module.device)
        lines = to_tensor(self.unseen.contours[:3]).to(self.module.device)
        made = torch.cat(
            [self.module.decoder(encode_mean(self.module, part)) for part in pictures.split(4)]
        )
        drawn = self.module.decoder(encode_mean(self.module, lines))
        pairs = torch.cat(
            [torch.cat([pictures[:8], lines[:1]]), torch.cat([made[:8], drawn[:1]])], dim=2
        )
        sheet = (
            rearrange(pairs.clamp(-1, 1).add(1).mul(127.5), "b c h w -> h (b w) c").byte().cpu()
        ).numpy()
        cv2.imwrite(str(folder / "vae.png"), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))
        return {"psnr": psnr(made, pictures), "contour_psnr": psnr(drawn, lines)}
