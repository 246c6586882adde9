"""What differs outside the regions: random photos and edits, in memory and after writing a file."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

import studio
from studio.engine.engine import Engine
from studio.files.exif_block import PREFIX
from studio.files.photo_file import read_photo
from studio.files.photo_writer import write_photo
from studio.files.png_file import made_chunks, png_bytes
from studio.files.tiff_file import made_tags, tiff_bytes
from studio.scene.photo_layer import composite, outside

SMALLEST, LARGEST = 17, 6000
MOST_PIXELS = 24_000_000
JPEG_REACH = 18  # pixels: a block of 16 is coded anew where anything in it changed, and 2 beside it
ORIENTATION = 0x0112

Pixels = NDArray[np.unsignedinteger]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Result:
    """One random case: where differences were found outside its regions."""

    name: str
    told: int  # by the picture itself, in the photo's levels
    measured: int  # of the layers over the photo
    written: int  # after writing and reading the file


def random_cases(engine: Engine, count: int, say: Say, largest: int = LARGEST) -> list[Result]:
    done: list[Result] = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            done.append(_case(engine, number, Path(folder), largest))
            if (number + 1) % 25 == 0:
                worst = max(max(each.told, each.measured, each.written) for each in done)
                say(f"outside: {number + 1} of {count} cases, largest difference {worst}")
    return done


def _case(engine: Engine, number: int, folder: Path, largest: int) -> Result:
    rng = np.random.default_rng(7_000_000 + number)
    name, content = _photo(rng, largest)
    file = folder / "photo"
    file.write_bytes(content)
    opened = read_photo(file)
    before = opened.photo.pixels
    extent = opened.photo.extent
    regions = _regions(rng, extent.width, extent.height)
    edit = studio.PhotoEdit(
        file,
        strength=float(rng.choice([1.0, 0.6, 0.2])),
        feather=[None, 0.0, 3.5, 40.0][int(rng.integers(4))],
        context=[None, "region", "whole"][int(rng.integers(3))],
        match_colours=bool(rng.integers(2)),
        keep_subject=len(regions) > 1 and not regions[0].mask.pixels.all() and rng.random() < 0.15,
    )
    scene = studio.Scene(*extent, "a lawn", regions)
    sampling = studio.Sampling(seed=number, steps=1, true_cfg=1.0)
    picture = engine.render(studio.RenderRequest(scene, sampling, edit=edit))
    mask = np.any([each.mask.pixels for each in regions], axis=0)
    if edit.keep_subject:
        mask = ~regions[0].mask.pixels
    after = composite(before, picture.layers)
    written = read_photo(write_photo(opened, after).content).photo.pixels
    reach = mask
    if opened.format == "JPEG":
        side = 2 * JPEG_REACH + 1
        reach = cv2.dilate(mask.astype(np.uint8), np.ones((side, side), np.uint8)) > 0
    assert picture.outside is not None
    return Result(
        f"{name} {extent.width} x {extent.height}, {len(regions)} regions",
        picture.outside.largest,
        outside(before, after, mask).largest,
        outside(before, written, reach).largest,
    )


def _photo(rng: np.random.Generator, largest: int) -> tuple[str, bytes]:
    """(what it is, a file): any size, mode, depth and orientation."""
    width, height = (
        round(float(np.exp(rng.uniform(np.log(SMALLEST), np.log(largest))))) for _ in "ab"
    )
    if width * height > MOST_PIXELS:
        height = MOST_PIXELS // width
    form = str(rng.choice(["PNG", "PNG", "TIFF", "TIFF", "JPEG"]))
    channels = int(rng.choice([1, 3] if form == "JPEG" else [1, 2, 3, 4]))
    depth = 8 if form == "JPEG" else int(rng.choice([8, 16]))
    if (form, channels) == ("TIFF", 2):
        depth = 8  # no reader knows grey with opacity in 16 bits
    pixels = _noise(rng, width, height, channels, depth)
    exif = Image.Exif()
    exif[ORIENTATION] = turn = int(rng.integers(1, 9))
    notes = exif.tobytes().removeprefix(PREFIX)
    if form == "JPEG":
        stream = io.BytesIO()
        Image.fromarray(pixels).save(stream, "JPEG", quality=int(rng.integers(60, 99)), exif=exif)
        content = stream.getvalue()
    elif form == "PNG":
        content = png_bytes(pixels, made_chunks(None, notes, None), None)
    else:
        content = tiff_bytes(pixels, made_tags(None, notes, None), None)
    return f"{form} {depth} bit, {channels} channels, turned {turn}", content


def _noise(rng: np.random.Generator, width: int, height: int, channels: int, depth: int) -> Pixels:
    """Smooth colours with a little grain."""
    coarse = rng.uniform(0, 1, (4, 4, channels)).astype(np.float32)
    smooth = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    smooth = smooth.reshape(height, width, channels)
    grain = rng.normal(0, 0.03, (height, width, 1)).astype(np.float32)
    top = 255 if depth == 8 else 65535
    values = (np.clip(smooth + grain, 0, 1) * top).astype(np.uint8 if depth == 8 else np.uint16)
    return values[..., 0] if channels == 1 else values


def _regions(rng: np.random.Generator, width: int, height: int) -> list[studio.Region]:
    """One to three, often at the border, some larger than the photo's half, one pixel or a line."""
    words = ["a red ball", "blue fabric", "green grass", "wood"]
    regions: list[studio.Region] = []
    while len(regions) < int(rng.integers(1, 4)) or not regions:
        mask = np.zeros((height, width), np.uint8)
        across, down = (max(1, round(side * rng.uniform(0.02, 0.6))) for side in (width, height))
        left = int(rng.choice([0, width - across, rng.integers(0, max(1, width - across + 1))]))
        top = int(rng.choice([0, height - down, rng.integers(0, max(1, height - down + 1))]))
        kind = rng.integers(4)
        if kind == 0:
            mask[top : top + down, left : left + across] = 1
        elif kind == 1:
            cv2.ellipse(
                mask, (left + across // 2, top + down // 2), (across, down), 0, 0, 360, 1, -1
            )
        elif kind == 2:
            mask[top, :] = 1
        else:
            mask[top, left] = 1
        if mask.any():
            regions.append(studio.Region(mask > 0, str(rng.choice(words))))
    return regions
