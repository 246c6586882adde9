"""From the regions of a scene to the rows that take each style."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from studio.engine.network.style_rows import StackedTerm, StyleRows
from studio.engine.tokens.attention_mask import (
    CONTOUR,
    IMAGE,
    PADDING,
    REGION_TEXT,
    TokenRoles,
)
from studio.engine.tokens.membership import region_word
from studio.scene.style import Style

Strengths = NDArray[np.float32]


class Stacks(Protocol):
    """Where the terms of styles come from, side by side: a library, or what is being trained."""

    def stacked(
        self, styles: Sequence[Style], device: torch.device, dtype: torch.dtype
    ) -> Mapping[str, StackedTerm]: ...


@dataclass(frozen=True)
class SceneStyles:
    """The styles of a whole scene, and that of each region that reaches the model."""

    whole: tuple[Style, ...] = ()
    regions: tuple[Style | None, ...] = ()

    @property
    def used(self) -> tuple[Style, ...]:
        """Each file once; a strength of 0 is no style at all."""
        given = [*self.whole, *(style for style in self.regions if style is not None)]
        return tuple({style.digest: style for style in given if style.strength}.values())

    @property
    def digests(self) -> tuple[str, ...]:
        return tuple(style.digest for style in self.used)

    def strengths(self, roles: TokenRoles, order: Sequence[str]) -> Strengths:
        """(tokens, styles): how strongly each row takes each style of `order`."""
        found = np.zeros((len(roles.kinds), len(order)), np.float32)
        takes = (roles.kinds != PADDING) & (roles.kinds != CONTOUR)
        for style in self.whole:
            if style.strength:
                found[takes, order.index(style.digest)] += style.strength
        is_regional = (roles.kinds == REGION_TEXT) | (roles.kinds == IMAGE)
        for region, style in enumerate(self.regions):
            if style is not None and style.strength:
                bit = region_word(region, len(self.regions))
                is_mine = is_regional & (roles.words & bit).any(axis=1)
                found[is_mine, order.index(style.digest)] += style.strength
        return found


NO_STYLES = SceneStyles()


def style_rows(
    scenes: Sequence[SceneStyles],
    roles: Sequence[TokenRoles],
    text: int,
    image: int,
    library: Stacks,
    like: torch.Tensor,
) -> StyleRows | None:
    """The rows of a batch whose scenes have `text` and `image` tokens; None where none is styled.

    like: a tensor of the device and the type that the terms are wanted in.
    """
    styles = tuple({each.digest: each for scene in scenes for each in scene.used}.values())
    if not styles:
        return None
    order = [style.digest for style in styles]
    pairs = zip(scenes, roles, strict=True)
    wanted = np.stack([scene.strengths(each, order)[: text + image] for scene, each in pairs])
    plain = np.zeros((1, len(styles)), np.float32)
    rows = np.concatenate([plain, wanted.reshape(-1, len(styles))])
    table, first, classes = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    by_age = np.argsort(first)  # class 0, the plain one, is the first of all
    classes = np.argsort(by_age)[classes.reshape(-1)][1:].reshape(wanted.shape[:2])
    taking = np.unique(classes[[each.kinds[: text + image] != PADDING for each in roles]])
    index = torch.from_numpy(classes).to(like.device)
    return StyleRows(
        terms=library.stacked(styles, like.device, like.dtype),
        strengths=torch.from_numpy(table[by_age]).to(like.device, like.dtype),
        text=index[:, :text],
        image=index[:, text:],
        uniform=int(taking[0]) if len(taking) == 1 else None,
    )
