"""Pictures as the models want them; their own processors need torchvision, which is not here."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.scene.geometry import Extent

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
HALF = (0.5, 0.5, 0.5)
Channels = tuple[float, float, float]


def normalised(
    pixels: NDArray[np.uint8],
    size: Extent,
    mean: Channels = IMAGENET_MEAN,
    std: Channels = IMAGENET_STD,
) -> Tensor:
    """(1, 3, height, width) of this size; the picture's own proportions are not kept."""
    image = torch.from_numpy(np.require(pixels, requirements="W")).permute(2, 0, 1)[None]
    image = torch.nn.functional.interpolate(image, size.shape, mode="bilinear", antialias=True)
    shift, scale = (torch.tensor(each)[:, None, None] for each in (mean, std))
    return (image.float() / 255 - shift) / scale


def fitted(extent: Extent, shortest: int, longest: int) -> Extent:
    """In the same proportions, with the shorter side so long, or the longer if that is less."""
    scale = min(shortest / min(extent), longest / max(extent))
    return Extent(max(1, round(extent.width * scale)), max(1, round(extent.height * scale)))


def in_steps(extent: Extent, longest: int, step: int) -> Extent:
    """About in the same proportions, both sides whole steps, the longer one at most so long."""
    scale = longest / max(extent)
    sides = (max(step, round(side * scale / step) * step) for side in extent)
    width, height = (min(side, longest // step * step) for side in sides)
    return Extent(width, height)


def grown(logits: NDArray[np.float32], extent: Extent) -> NDArray[np.bool_]:
    """A map (h, w) at the picture's size, cut at 0 only then."""
    if logits.shape == extent.shape:
        return logits > 0
    return cv2.resize(logits, tuple(extent), interpolation=cv2.INTER_LINEAR) > 0
