"""A few thousand learnt numbers that weigh measured features; plain numpy."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]  # float32; OpenCV's stubs lose the type

LEARNT = Path(__file__).with_name("learnt_from_paintings.npz")


@dataclass(frozen=True, eq=False)
class SmallNet:
    """Standardises its input and runs it through dense layers with ReLU between; gives logits."""

    mean: Floats
    scale: Floats
    layers: tuple[tuple[Floats, Floats], ...]

    @property
    def digest(self) -> str:
        content = hashlib.blake2b(self.mean.tobytes(), digest_size=4)
        for weight, bias in self.layers:
            content.update(weight.tobytes() + bias.tobytes())
        return content.hexdigest()

    def __call__(self, features: Floats) -> Floats:
        """(n, features) to (n,)."""
        values = np.clip((np.clip(features, -50, 50) - self.mean) * self.scale, -4, 4)
        for weight, bias in self.layers[:-1]:
            values = np.maximum(values @ weight + bias, 0)
        weight, bias = self.layers[-1]
        return (values @ weight + bias)[:, 0]


@dataclass(frozen=True, eq=False)
class Ranker:
    """Orders answers by its net's logits, and tells the IoU that one is expected to have.

    `lines` (numbers of clicks, 2) make that honest: Platt scaling (1999) of the logit, by a stretch
    and a shift for each number of clicks, from 0; more are as many.
    """

    net: SmallNet
    lines: Floats

    @property
    def digest(self) -> str:
        content = hashlib.blake2b(self.lines.tobytes(), digest_size=4)
        content.update(self.net.digest.encode())
        return content.hexdigest()

    def share(self, logit: float, clicks: int) -> float:
        """The IoU, 0..1, to expect of an answer to so many clicks."""
        stretch, shift = self.lines[min(clicks, len(self.lines) - 1)]
        return 1 / (1 + float(np.exp(-(stretch * logit + shift))))


@cache
def learnt_ranker(name: str, path: Path = LEARNT) -> Ranker:
    """How good is this answer to a click ("choice"), to a box ("box")?"""
    with np.load(path, allow_pickle=False) as file:
        return Ranker(learnt_net(name, path), file[f"{name}.lines"])


@cache
def learnt_net(name: str, path: Path = LEARNT) -> SmallNet:
    """ "merge": are two neighbours two things?"""
    with np.load(path, allow_pickle=False) as file:
        count = sum(key.startswith(f"{name}.weight") for key in file.files)
        layers = tuple((file[f"{name}.weight{i}"], file[f"{name}.bias{i}"]) for i in range(count))
        return SmallNet(file[f"{name}.mean"], file[f"{name}.scale"], layers)
