"""Which pictures are denoised together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from torch import Tensor

from studio.engine.sampling.conditions import Conditions
from studio.engine.sampling.follow import Follow

TOKENS_TOGETHER = 16384  # image tokens of one batch: 4 pictures of 1024 x 1024


class Sample(NamedTuple):
    """One picture to denoise, for the request at `place`; in an edit it follows a photo."""

    place: int
    conditions: Conditions
    start: Tensor  # (1, tokens, c)
    follow: Follow | None = None
    first: int = 0  # the first step that is taken

    @property
    def steps(self) -> int:
        return (self.conditions.request.sampling.steps or 0) - self.first


def batches_of(samples: Sequence[Sample]) -> list[list[Sample]]:
    """Samples whose every step is the same, as many together as memory should bear."""
    groups: dict[Any, list[Sample]] = {}
    for sample in samples:
        groups.setdefault(_alike(sample), []).append(sample)
    batches: list[list[Sample]] = []
    for group in groups.values():
        size = max(1, TOKENS_TOGETHER // group[0].start.shape[1])
        batches += [group[first : first + size] for first in range(0, len(group), size)]
    return batches


def _alike(sample: Sample) -> Any:
    sampling, grid = sample.conditions.request.sampling, sample.conditions.positive.grid
    return (
        grid,
        sampling.steps,
        sampling.sigmas,
        sampling.true_cfg,
        sampling.draft,
        sample.conditions.negative is None,
        sampling.mask_method == "isolate" and sampling.isolation_blocks,
        len(sample.conditions.positive.contour) == 0,
        sample.follow is None,
        sample.first,
        sample.conditions.positive.styles.digests,
    )
