"""Scenes with things cut out of drawings: in the place of painted things, large, or in rows."""

from __future__ import annotations

import numpy as np

from studio.scene.geometry import Extent
from studio.workshop.painting.cutouts import Cutout, Drawings, Placing, cut_layer
from studio.workshop.painting.layouts import Cover, Layer, full_cover
from studio.workshop.painting.subjects import Pairs, random_material

_TWINS = 0.8  # of the painted things that there is a drawing of
_OTHERS = 0.5  # of the other things and free shapes


def with_stand_ins(
    rng: np.random.Generator,
    extent: Extent,
    layers: list[Layer],
    drawings: Drawings,
    pairs: Pairs,
) -> list[Layer]:
    """The layers with cut-outs in the place of some things: of the same name, or of any."""
    return [
        layer
        if (cutout := _stand_in(rng, extent, layer, drawings)) is None
        else cut_layer(rng, extent, drawings, cutout, _in_place_of(rng, layer.cover), pairs)
        for layer in layers
    ]


def _stand_in(
    rng: np.random.Generator, extent: Extent, layer: Layer, drawings: Drawings
) -> Cutout | None:
    thing = layer.subject.thing
    if (thing is None and not layer.is_solid) or not (layer.cover > 0.5).any():
        return None
    twins = () if thing is None or layer.subject.material else drawings.named(thing.name)
    if twins:
        return _one_of(rng, twins) if rng.random() < _TWINS else None
    if rng.random() > _OTHERS:
        return None
    is_high = np.flatnonzero((layer.cover > 0.5).any(axis=1)).max() < 0.4 * extent.height
    return _one_of(rng, drawings.flying if is_high else drawings.cutouts)


def _one_of(rng: np.random.Generator, cutouts: tuple[Cutout, ...]) -> Cutout:
    return cutouts[int(rng.integers(len(cutouts)))]


def _in_place_of(rng: np.random.Generator, cover: Cover) -> Placing:
    """Over the same box, a little larger: detail needs room."""
    rows = np.flatnonzero((cover > 0.5).any(axis=1))
    columns = np.flatnonzero((cover > 0.5).any(axis=0))
    size = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    centre = (float(columns[0] + columns[-1]) / 2, float(rows[0] + rows[-1]) / 2)
    return Placing(centre, float(size * rng.uniform(1.05, 1.3)), float(rng.normal(0, 0.1)))


def large(
    rng: np.random.Generator, extent: Extent, drawings: Drawings, pairs: Pairs
) -> list[Layer]:
    """One thing that fills most of the picture, perhaps a smaller one before it, on a ground."""
    layers = [Layer(full_cover(extent), random_material(rng, None, pairs))]
    shares = [rng.uniform(0.6, 1.0)]
    if rng.random() < 0.4:
        shares.append(rng.uniform(0.25, 0.4))
    for share in shares:
        size = min(extent) * share
        reach = 0.42 * size
        x = reach + rng.random() * max(1.0, extent.width - 2 * reach)
        y = reach + rng.random() * max(1.0, extent.height - 2 * reach)
        placing = Placing((x, y), size, float(rng.normal(0, 0.14)))
        cutout = _one_of(rng, drawings.cutouts)
        layers.append(cut_layer(rng, extent, drawings, cutout, placing, pairs))
    return layers


def rows_of_things(
    rng: np.random.Generator, extent: Extent, drawings: Drawings, pairs: Pairs
) -> list[Layer]:
    """Rows of things of up to four kinds on a ground."""
    layers = [Layer(full_cover(extent), random_material(rng, None, pairs))]
    cell = rng.uniform(48, 84)
    columns, rows = max(1, int(extent.width / cell)), max(1, int(extent.height / cell))
    kinds = tuple(_one_of(rng, drawings.cutouts) for _ in range(int(rng.integers(1, 5))))
    for row in range(rows):
        for column in range(columns):
            if rng.random() < 0.12:
                continue
            x = (column + 0.5) * extent.width / columns
            y = (row + 0.5) * extent.height / rows
            size = cell * rng.uniform(0.78, 0.95)
            turn = float(rng.normal(0, 0.06))
            placing = Placing((x, y), size, turn, rough=0.2, stretch=0.06)
            layers.append(cut_layer(rng, extent, drawings, _one_of(rng, kinds), placing, pairs))
    return layers
