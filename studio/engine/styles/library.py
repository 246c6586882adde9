"""The styles an engine knows: found by path or digest, read once, kept while there is room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from studio.engine.network.style_rows import StackedTerm
from studio.engine.styles.reading import StyleTerms, read_style
from studio.files.style_file import find_style
from studio.scene.errors import DamagedWeights, MissingWeights
from studio.scene.style import Style, style_digest

_BYTES_KEPT = 2 * 2**30


class StyleLibrary:
    """Styles for one transformer. It holds weights and nothing of any user.

    folder: where a style lies that is known by its digest alone; None: there is no such place.
    """

    def __init__(self, flux: nn.Module, folder: Path | None = None) -> None:
        self.folder = folder
        self._flux = flux
        self._read: OrderedDict[str, StyleTerms] = OrderedDict()
        self._stacked: tuple[object, dict[str, StackedTerm]] | None = None

    def get(self, style: Style) -> StyleTerms:
        """WeightsError where it is missing, damaged or made for another model."""
        known = self._read.get(style.digest)
        if known is None:
            known = read_style(self._path_of(style), self._flux)
            self._read[style.digest] = known
            while len(self._read) > 1 and self._bytes_kept() > _BYTES_KEPT:
                self._read.popitem(last=False)
        self._read.move_to_end(style.digest)
        return known

    def notices(self, styles: Sequence[Style]) -> tuple[str, ...]:
        """What of the styles is left out; raises as `get` does."""
        return tuple(note for style in styles for note in self.get(style).notices)

    def stacked(
        self, styles: Sequence[Style], device: torch.device, dtype: torch.dtype
    ) -> Mapping[str, StackedTerm]:
        """The terms of several styles side by side, ready to be added; the latest are kept."""
        key = (tuple(style.digest for style in styles), device, dtype)
        if self._stacked is None or self._stacked[0] != key:
            self._stacked = None
            self._stacked = key, _side_by_side([self.get(style) for style in styles], device, dtype)
        return self._stacked[1]

    def _path_of(self, style: Style) -> Path:
        if style.path is not None:
            if style_digest(style.path) != style.digest:
                raise DamagedWeights(
                    "The style {path} has changed since it was chosen; choose it again.",
                    path=style.path,
                )
            return style.path
        found = None if self.folder is None else find_style(self.folder, style.digest)
        if found is None:
            raise MissingWeights(
                "The style {name} (digest {digest}) is not in {folder}; put its file there, or "
                "take the style off.",
                name=style.name,
                digest=style.digest[:8],
                folder=self.folder or "weights/styles",
            )
        return found

    def _bytes_kept(self) -> int:
        return sum(each.nbytes for each in self._read.values())


def _side_by_side(
    each: Sequence[StyleTerms], device: torch.device, dtype: torch.dtype
) -> dict[str, StackedTerm]:
    names = sorted({name for terms in each for name in terms.terms})
    return {name: _stack(each, name, device, dtype) for name in names}


def _stack(
    each: Sequence[StyleTerms], name: str, device: torch.device, dtype: torch.dtype
) -> StackedTerm:
    downs: list[Tensor] = []
    ups: list[Tensor] = []
    owners: list[int] = []
    for number, style in enumerate(each):
        term = style.terms.get(name)
        if term is not None:
            downs.append(term.down.to(device, dtype))
            ups.append(term.up.to(device, dtype))
            owners += [number] * len(term.down)
    return StackedTerm(torch.cat(downs), torch.cat(ups, dim=1), torch.tensor(owners, device=device))
