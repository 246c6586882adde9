"""Draws docs/styles.jpg and the thumbnails of the styles in git: python -m scripts.styles_picture

Scenes of the examples as they are, with a style in one region, and with it in the whole picture.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import studio
from studio.config import HOME

SHEET = HOME / "docs" / "styles.jpg"
# an example, the caption of the region that is styled, the style, and the seed
ROWS = (
    ("balloons", 0, "pencil", 4),
    ("harbour", 2, "sepia", 4),
    ("meadow", 0, "pencil", 4),
)
GAP = 6


def main() -> int:
    engine = studio.load_engine(device="cpu")
    rows: list[Any] = []
    for example, number, name, seed in ROWS:
        scene = studio.read_scene(HOME / "assets" / "examples" / f"{example}.json")
        style = studio.Style(HOME / "weights" / "styles" / f"{name}.safetensors")
        styled = scene.with_region(replace(scene.regions[number], style=style))
        sampling = studio.Sampling(seed=seed)
        asked = (
            studio.RenderRequest(scene, sampling),
            studio.RenderRequest(styled, sampling),
            studio.RenderRequest(scene, replace(sampling, styles=(style,))),
        )
        row = [np.asarray(engine.render(each).images[0]) for each in asked]
        _thumbnail(row[2], style.path)
        rows.append(np.concatenate([_framed(each) for each in row], axis=1))
        sys.stdout.write(f"{example}: {scene.regions[number].caption} in {name}\n")
    Image.fromarray(np.concatenate(rows)).save(SHEET, quality=88)
    return 0


def _framed(picture: Any) -> Any:
    return np.pad(picture, ((0, GAP), (0, GAP), (0, 0)), constant_values=255)


def _thumbnail(picture: Any, style: Path | None) -> None:
    if style is not None:
        small = Image.fromarray(picture).resize((192, 192), Image.Resampling.LANCZOS)
        small.save(style.with_suffix(".jpg"), quality=85)


if __name__ == "__main__":
    sys.exit(main())
