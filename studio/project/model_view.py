"""What the model sees of a scene: its label map on the token grid and the outlines it is given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.engine.tokens.contour_tokens import contour_tokens
from studio.engine.tokens.membership import Membership, membership
from studio.engine.tokens.patch_grid import PatchGrid
from studio.scene.coverage import label_map, owned_masks
from studio.scene.request import ResolvedRequest
from studio.scene.scene import Scene


@dataclass(frozen=True)
class ModelView:
    """Rows and columns of tokens, left to right and top to bottom."""

    columns: int
    rows: int
    token_pixels: int
    labels: tuple[int, ...]  # 0 is background, else the region's number, the lowest is 1
    contour: tuple[int, ...]  # indices of the contour tokens that are kept
    contour_columns: int
    contour_rows: int
    contour_scale: int
    uncovered: float
    adopted: tuple[int, ...]  # numbers of regions that were given a token they do not own


def model_view(request: ResolvedRequest) -> ModelView:
    scene, sampling, token_pixels = request.scene, request.sampling, request.token_pixels
    grid = PatchGrid.over(scene.extent, token_pixels)
    numbers = [n for n, region in enumerate(scene.regions, start=1) if region.is_visible]
    masks = [region.mask.pixels for region in scene.visible_regions]
    areas = [region.mask.area for region in scene.visible_regions]
    members = membership(masks, grid, sampling.overlap, sampling.thin_regions, areas)
    labels, adopted = _labels(members, numbers, grid)
    scale = sampling.contour_scale or 1
    kept: tuple[int, ...] = ()
    columns = rows = 0
    if sampling.use_contour and numbers:
        outline = contour_tokens(
            owned_masks(scene, sampling.overlap),
            scene.extent,
            token_pixels,
            scale,
            keep_all=not sampling.filter_contour,
        )
        kept = tuple(int(index) for index in outline.kept)
        columns, rows = outline.grid.columns, outline.grid.rows
    return ModelView(
        columns=grid.columns,
        rows=grid.rows,
        token_pixels=token_pixels,
        labels=labels,
        contour=kept,
        contour_columns=columns,
        contour_rows=rows,
        contour_scale=scale,
        uncovered=_uncovered(scene),
        adopted=adopted,
    )


def _labels(
    members: Membership, numbers: list[int], grid: PatchGrid
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Of the regions that hold a token the topmost shows, but one with no other token first."""
    owner = np.zeros(grid.count, np.int64)
    last = set(members.rescued)
    for place in sorted(range(len(members.kept)), key=lambda place: (place in last, place)):
        word, bit = divmod(place, 63)
        holds = (members.words[:, word] >> np.int64(bit)) & 1
        owner[holds == 1] = numbers[members.kept[place]]
    adopted = tuple(numbers[members.kept[place]] for place in members.rescued)
    return tuple(int(number) for number in owner), adopted


def _uncovered(scene: Scene) -> float:
    labels = label_map(scene)
    return 1.0 - float(np.count_nonzero(labels)) / labels.size
