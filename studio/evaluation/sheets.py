"""Contact sheets: what a model makes of every word, of held-out scenes, of gamma and isolation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.engine.engine import Engine
from studio.evaluation import benchmark as bench
from studio.evaluation.benchmark import Pixels, Say
from studio.scene.colour_names import COLOURS, SHADES
from studio.scene.geometry import Extent
from studio.scene.palette import region_style
from studio.scene.region import Region
from studio.scene.request import RenderRequest, Sampling
from studio.scene.scene import Scene
from studio.workshop.painting.ambience import AMBIENCES
from studio.workshop.painting.materials import MATERIALS
from studio.workshop.painting.outlines import coverage_of, ellipse, placed
from studio.workshop.painting.painter import PaintedScene
from studio.workshop.painting.things import THINGS

_CELL = 128
_TITLE = 16


def write_sheets(engine: Engine, folder: Path, say: Say) -> list[Path]:
    """All sheets as JPEG files in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    sheets: dict[str, Callable[[Engine, Say], Pixels]] = {
        "mini-scenes": scene_sheet,
        "mini-badges": badge_sheet,
        "mini-materials": material_sheet,
        "mini-ambience": ambience_sheet,
        "mini-gamma": gamma_sheet,
        "mini-isolation": isolation_sheet,
        "mini-colours": colour_sheet,
        "mini-things": thing_sheet,
    }
    paths = []
    for name, make in sheets.items():
        say(f"sheet {name}")
        paths.append(folder / f"{name}.jpg")
        picture = make(engine, say)[:, :, ::-1]
        cv2.imwrite(str(paths[-1]), picture, [cv2.IMWRITE_JPEG_QUALITY, 88])
    return paths


def scene_sheet(engine: Engine, say: Say, count: int = 24) -> Pixels:
    """Held-out scenes: mask, true render, result."""
    scenes = bench.held_out(count, Extent(256, 256))
    made = _renders(engine, [bench.as_request(s, seed=i + 1) for i, s in enumerate(scenes)])
    cells = []
    for scene, picture in zip(scenes, made, strict=True):
        painted = np.round(scene.image * 255).astype(np.uint8)
        cells.append(np.hstack([_small(each) for each in (label_picture(scene), painted, picture)]))
    return _grid(cells, 4)


def material_sheet(engine: Engine, say: Say) -> Pixels:
    names = [material.name for material in MATERIALS]
    return _titled(engine, [(name, _whole(name)) for name in names], 10)


def thing_sheet(engine: Engine, say: Say) -> Pixels:
    """Every thing in its own outline on a plain ground."""
    named = []
    for number, thing in enumerate(THINGS):
        rng = np.random.default_rng(number)
        wide = 200.0 if thing.aspect > 1 else 200 * thing.aspect
        high = wide / thing.aspect
        outline = placed(thing.outline(rng), 128 - wide / 2, 128 - high / 2, wide, high, 0.0)
        mask = coverage_of(outline, 256, 256) > 0.5
        named.append((thing.name, _on_ground("white paper", [(mask, thing.name)])))
    return _titled(engine, named, 9)


def colour_sheet(engine: Engine, say: Say) -> Pixels:
    """The 14 colours on a ball, then shades of five of them."""
    captions = [f"{colour} ball" for colour in COLOURS]
    captions += [
        f"{s} {c} ball" for c in ("red", "orange", "green", "blue", "purple") for s in SHADES
    ]
    disc = coverage_of(
        placed(ellipse(np.random.default_rng(0)), 14, 14, 100, 100, 0.0), _CELL, _CELL
    )
    named = [(c, _on_ground("grey concrete", [(disc > 0.5, c)])) for c in captions]
    return _titled(engine, named, 9)


def ambience_sheet(engine: Engine, say: Say) -> Pixels:
    """One landscape in every ambience."""
    regions = _landscape()
    named = [("as it is", _request(None, regions))]
    named += [(ambience.name, _request(ambience.name, regions)) for ambience in AMBIENCES]
    return _titled(engine, named, 6)


def gamma_sheet(engine: Engine, say: Say) -> Pixels:
    """Four scenes under falling gamma; the first column shows the masks."""
    rows = []
    for number, scene in enumerate(bench.held_out(4, Extent(256, 256))):
        requests = [bench.as_request(scene, seed=number + 1, gamma=g) for g in bench.GAMMAS]
        cells = [_with_title(label_picture(scene), "masks")]
        for gamma, picture in zip(bench.GAMMAS, _renders(engine, requests), strict=True):
            cells.append(_with_title(picture, f"gamma {gamma:g}"))
        rows.append(np.hstack(cells))
    return np.vstack(rows)


def isolation_sheet(engine: Engine, say: Say) -> Pixels:
    """Four scenes of differently coloured neighbours, isolated and only aligned."""
    scenes = bench.neighbours(5, Extent(256, 256))
    rows = []
    for title, method in (("isolation on", "isolate"), ("isolation off", "align")):
        requests = [
            bench.as_request(s, seed=i + 1, mask_method=method) for i, s in enumerate(scenes)
        ]
        rows.append(np.hstack([_with_title(p, title) for p in _renders(engine, requests)]))
    return np.vstack(rows)


def badge_sheet(engine: Engine, say: Say) -> Pixels:
    scene = bench.badges(Extent(256, 256))
    made = _renders(engine, [bench.as_request(scene, seed=1)])[0]
    return np.hstack([np.round(scene.image * 255).astype(np.uint8), made])


def label_picture(scene: PaintedScene) -> Pixels:
    """The masks in the studio's own region colours."""
    picture = np.full((*scene.image.shape[:2], 3), 235, np.uint8)
    for number, region in enumerate(scene.regions):
        picture[region.mask] = region_style(number + 1).colour
    return picture


def _landscape() -> list[Region]:
    rows = np.arange(256)[:, None]
    sky = np.broadcast_to(rows < 120, (256, 256))
    house = (
        coverage_of(
            [np.array([(96, 160), (96, 104), (132, 72), (168, 104), (168, 160)], float)], 256, 256
        )
        > 0.5
    )
    tree = (
        coverage_of(placed(ellipse(np.random.default_rng(0)), 188, 84, 56, 80, 0.0), 256, 256) > 0.5
    )
    return [
        Region(sky.copy(), "sky with clouds"),
        Region(~sky, "grass"),
        Region(house, "red house"),
        Region(tree, "tree"),
    ]


def _request(caption: str | None, regions: Sequence[Region]) -> RenderRequest:
    height, width = regions[0].mask.pixels.shape
    return RenderRequest(Scene(width, height, caption, list(regions)), Sampling(seed=3))


def _whole(caption: str) -> RenderRequest:
    return _request(None, [Region(np.ones((_CELL, _CELL), bool), caption)])


def _on_ground(ground: str, regions: list[tuple[NDArray[np.bool_], str]]) -> RenderRequest:
    below = Region(np.ones_like(regions[0][0]), ground)
    return _request(None, [below, *(Region(mask, caption) for mask, caption in regions)])


def _renders(engine: Engine, requests: Sequence[RenderRequest]) -> list[Pixels]:
    made: list[Pixels] = []
    for start in range(0, len(requests), bench.BATCH):
        pictures = engine.render(list(requests[start : start + bench.BATCH]))
        made.extend(np.asarray(picture.images[0]) for picture in pictures)
    return made


def _titled(engine: Engine, named: list[tuple[str, RenderRequest]], columns: int) -> Pixels:
    pictures = _renders(engine, [request for _, request in named])
    titles = (title for title, _ in named)
    return _grid([_with_title(p, t) for p, t in zip(pictures, titles, strict=True)], columns)


def _small(picture: Pixels) -> Pixels:
    small: Any = cv2.resize(picture, (_CELL, _CELL), interpolation=cv2.INTER_AREA)
    return small


def _with_title(picture: Pixels, title: str) -> Pixels:
    strip = np.full((_TITLE, _CELL, 3), 255, np.uint8)
    cv2.putText(strip, title, (3, 12), cv2.FONT_HERSHEY_SIMPLEX, 0.38, (20, 20, 20), 1, cv2.LINE_AA)
    return np.vstack([_small(picture), strip])


def _grid(cells: Sequence[Pixels], columns: int) -> Pixels:
    rows = list(_rows(cells, columns))
    return np.vstack(rows)


def _rows(cells: Sequence[Pixels], columns: int) -> Iterator[Pixels]:
    blank = np.full_like(cells[0], 255)
    for start in range(0, len(cells), columns):
        row = list(cells[start : start + columns])
        yield np.hstack([*row, *[blank] * (columns - len(row))])
