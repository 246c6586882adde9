"""Which token rows take which styles: low-rank terms added beside the layers, row by row.

Nothing is fused. A style lies beside the weights and is added on the rows that it belongs to. So
the weights stay as they are bit for bit, whether they are quantised, offloaded or shared by several
users, and a region's style is the same sum as one of the whole picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class StackedTerm(NamedTuple):
    """The terms of several styles on one layer, side by side."""

    down: Tensor  # (rank, inputs): all ranks together
    up: Tensor  # (outputs, rank)
    owner: Tensor  # (rank,): the style that each rank belongs to


@dataclass(frozen=True)
class StyleRows:
    """The styles of a batch. A row's class says which styles it takes; class 0 takes none.

    strengths: (classes, styles); text, image: (b or 1, rows), the class of each row.
    """

    terms: Mapping[str, StackedTerm]  # by layer name, as in FluxTransformer2DModel
    strengths: Tensor
    text: Tensor
    image: Tensor
    uniform: int | None  # the class of all these rows, if it is one

    def with_contour(self, count: int) -> StyleRows:
        """With `count` contour tokens after the image, which take no style."""
        plain = self.image.new_zeros(len(self.image), count)
        return replace(self, image=torch.cat([self.image, plain], dim=1))

    @property
    def whole(self) -> Tensor:
        """(b or 1, rows) of text and image as one sequence."""
        return torch.cat([self.text, self.image], dim=1)

    @property
    def modulated(self) -> Tensor:
        """(n, styles): the strengths of each class whose modulation is needed."""
        return self.strengths if self.uniform is None else self.strengths[self.uniform][None]

    def block(self, name: str) -> BlockStyles:
        """The terms of one block, by the name of the layer inside it."""
        start = f"{name}."
        inside = {
            key.removeprefix(start): term
            for key, term in self.terms.items()
            if key.startswith(start)
        }
        return BlockStyles(inside, self)

    def linear(self, layer: nn.Module, name: str, x: Tensor, rows: Tensor) -> Tensor:
        """The layer, plus what each row's styles add; `rows` (b or 1, s) are classes."""
        return _added(layer(x), x, self.terms.get(name), self.strengths[rows])

    def conditioned(self, layer: nn.Module, name: str, temb: Tensor) -> Tensor:
        """A layer that depends on the noise level: (b, n, c), one row a class or one for all."""
        return _added(layer(temb), temb, self.terms.get(name), self.modulated)

    def on_rows(self, values: Tensor, rows: Tensor) -> Tensor:
        """(b, rows, c) of values (b, classes, c); (b, 1, c) where all are the same."""
        if values.shape[1] == 1:
            return values
        if len(rows) == 1:
            return values[:, rows[0]]
        return torch.stack([own[of] for own, of in zip(values, rows, strict=True)])

    def time_embedding(self, embedder: Any, timestep: Tensor, *others: Tensor) -> Tensor | None:
        """(b, n, c) of FLUX's `time_text_embed`, or None where no style touches it."""
        if not any(name.startswith("time_text_embed.") for name in self.terms):
            return None
        *guidance, pooled = others
        total = self._timestep(embedder, "timestep_embedder", timestep, pooled)
        if guidance:
            total = total + self._timestep(embedder, "guidance_embedder", guidance[0], pooled)
        text, name = embedder.text_embedder, "time_text_embed.text_embedder"
        inner = text.act_1(self.conditioned(text.linear_1, f"{name}.linear_1", pooled[:, None]))
        return total + self.conditioned(text.linear_2, f"{name}.linear_2", inner)

    def _timestep(self, embedder: Any, part: str, level: Tensor, pooled: Tensor) -> Tensor:
        inner, name = getattr(embedder, part), f"time_text_embed.{part}"
        x = embedder.time_proj(level).to(pooled.dtype)[:, None]
        x = inner.act(self.conditioned(inner.linear_1, f"{name}.linear_1", x))
        return self.conditioned(inner.linear_2, f"{name}.linear_2", x)


@dataclass(frozen=True)
class BlockStyles:
    """The styles of one block."""

    terms: Mapping[str, StackedTerm] = field(default_factory=dict[str, StackedTerm])
    rows: StyleRows | None = None  # None: no style at all

    def add(self, y: Tensor, name: str, x: Tensor, rows: Tensor | None) -> Tensor:
        """y, the layer's own output for x, plus what each row's styles add."""
        term = self.terms.get(name)
        if term is None or rows is None or self.rows is None:
            return y
        return _added(y, x, term, self.rows.strengths[rows])

    def chunks(
        self, layer: nn.Module, name: str, temb: Tensor, count: int, rows: Tensor | None
    ) -> tuple[Tensor, ...]:
        """A block's modulation in `count` parts (b, 1 or rows, c)."""
        if self.rows is None or rows is None:
            return layer(temb).chunk(count, dim=-1)
        term = self.terms.get(name)
        values = _added(layer(temb), temb, term, self.rows.modulated)
        return tuple(self.rows.on_rows(each, rows) for each in values.chunk(count, dim=-1))


NO_STYLES = BlockStyles()


def _added(y: Tensor, x: Tensor, term: StackedTerm | None, strengths: Tensor) -> Tensor:
    """y + up(s down(x)), with the strengths (..., rows, styles) of each row."""
    if term is None:
        return y
    inner = F.linear(x, term.down) * strengths[..., term.owner]
    return y + F.linear(inner, term.up)
