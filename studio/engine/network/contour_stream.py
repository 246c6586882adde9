"""The rows of one block's sequence: what contour tokens and styles add beside the layers."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from studio.engine.network.low_rank import LowRank
from studio.engine.network.style_rows import NO_STYLES, BlockStyles


@dataclass(frozen=True)
class ContourStream:
    """What rows add to the layers of one block: contour tokens their terms, others their styles.

    The last `count` tokens of the image sequence are contour tokens, with a modulation of their
    own. rows, text_rows: the style class of each row, where there are styles; in a single-stream
    block `rows` are those of the whole sequence.
    """

    count: int
    terms: dict[str, LowRank]
    modulation: tuple[Tensor, ...]
    styles: BlockStyles = NO_STYLES
    rows: Tensor | None = None
    text_rows: Tensor | None = None

    def only(self, rows: slice) -> ContourStream:
        """The same for some rows, none of which is a contour token."""
        kept = None if self.rows is None else self.rows[:, rows]
        return ContourStream(0, {}, (), self.styles, kept)

    def linear(self, layer: nn.Module, name: str, x: Tensor) -> Tensor:
        """The layer for all tokens in one product, plus what each row adds."""
        y = contour_linear(layer, self.terms.get(name), x, self.count)
        return self.styles.add(y, name, x, self.rows)

    def text_linear(self, layer: nn.Module, name: str, y: Tensor) -> Tensor:
        """The same for the text tokens of a double-stream block."""
        return self.styles.add(layer(y), name, y, self.text_rows)

    def chunks(self, layer: nn.Module, name: str, temb: Tensor, count: int) -> tuple[Tensor, ...]:
        """The modulation of all but the contour tokens, in `count` parts."""
        rows = None if self.rows is None else self._image(self.rows)
        return self.styles.chunks(layer, name, temb, count, rows)

    def text_chunks(
        self, layer: nn.Module, name: str, temb: Tensor, count: int
    ) -> tuple[Tensor, ...]:
        return self.styles.chunks(layer, name, temb, count, self.text_rows)

    def modulate(self, x: Tensor, chunks: tuple[Tensor, ...], shift: int) -> Tensor:
        """x (1 + scale) + shift, with the contour tokens' own values; scale follows shift."""
        image = torch.addcmul(chunks[shift], self._image(x), 1 + chunks[shift + 1])
        if not self.count:
            return image
        own = self.modulation
        return torch.cat(
            [image, torch.addcmul(own[shift], self._contour(x), 1 + own[shift + 1])], dim=1
        )

    def add_gated(self, x: Tensor, change: Tensor, chunks: tuple[Tensor, ...], gate: int) -> Tensor:
        """x + gate * change, with the contour tokens' own gate."""
        image = torch.addcmul(self._image(x), chunks[gate], self._image(change))
        if not self.count:
            return image
        own = torch.addcmul(self._contour(x), self.modulation[gate], self._contour(change))
        return torch.cat([image, own], dim=1)

    def _image(self, x: Tensor) -> Tensor:
        return x[:, : x.shape[1] - self.count]

    def _contour(self, x: Tensor) -> Tensor:
        return x[:, x.shape[1] - self.count :]


def contour_linear(layer: nn.Module, term: LowRank | None, x: Tensor, count: int) -> Tensor:
    """The layer for all rows in one product; the last `count` rows (contour) add their term."""
    y = layer(x)
    if term is not None and count:
        first = x.shape[1] - count
        own = term(x[:, first:])
        if torch.is_grad_enabled():  # in training y may be a leaf, which must not be changed
            return torch.cat([y[:, :first], y[:, first:] + own], dim=1)
        y[:, first:] += own
    return y
