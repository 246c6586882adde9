"""What a selection may become by one more click, and what speaks for each way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.segmentation.click.click_options import click_options
from studio.segmentation.click.landscape import Floats, Landscape, Pieces, WorkingClick
from studio.segmentation.click.repairs import meant


@dataclass(frozen=True, eq=False)
class Edits:
    """Selections a click may lead to, and (n, features) what speaks for each."""

    selections: list[Pieces]
    features: Floats


def possible_edits(
    land: Landscape, click: WorkingClick, chosen: Pieces, done: list[WorkingClick]
) -> Edits | None:
    """`chosen` is what is selected so far by the clicks `done`. None where no part is small enough
    to be meant, so that nothing but the clicked pixels changes."""
    options = click_options(land, click, chosen, done)
    if chosen.any():
        options = meant(land, options, click, chosen)
    if not options.nodes:
        return None
    edits = Edits([_edited(land, chosen, n, click.adds) for n in options.nodes], options.features)
    smaller = _smaller_parts(land, click, chosen, done)
    if smaller is None:
        return edits
    return Edits(
        edits.selections + smaller.selections, np.concatenate([edits.features, smaller.features])
    )


def _edited(land: Landscape, chosen: Pieces, node: int, adds: bool) -> Pieces:
    result = chosen.copy()
    result[land.pieces_of(node)] = adds
    return result


def _smaller_parts(
    land: Landscape, click: WorkingClick, chosen: Pieces, done: list[WorkingClick]
) -> Edits | None:
    """A click that takes away may mean that all but a smaller part around the one click that adds
    was wrong."""
    adding = [one for one in done if one.adds]
    if click.adds or len(adding) != 1 or not chosen[adding[0].piece]:
        return None
    others = [one for one in (*done, click) if not one.adds]
    options = click_options(land, adding[0], np.zeros_like(chosen), others)
    kept = [i for i, node in enumerate(options.nodes) if chosen[land.pieces_of(node)].all()]
    if not kept:
        return None
    nothing = np.zeros_like(chosen)
    selections = [_edited(land, nothing, options.nodes[i], adds=True) for i in kept]
    return Edits(selections, options.features[kept])
