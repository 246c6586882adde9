"""`python -m studio caption`: what a picture and the regions of its scene show, in words."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from studio.config import settings_from
from studio.files.picture_decoder import decode_picture
from studio.files.scene_file import read_scene, write_scene
from studio.recognition.loading import load_captioner
from studio.scene.errors import PromptError
from studio.scene.geometry import Extent
from studio.scene.mask_edits import resized
from studio.scene.scene import Scene


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("photo", type=Path, metavar="PHOTO", help="the picture to describe")
    parser.add_argument("--scene", type=Path, metavar="SCENE.json", help="describe its regions too")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="SCENE.json",
        help="write the scene with these captions where it has none",
    )
    parser.add_argument(
        "--captioner", metavar="NAME", help="measured, Florence-2-base, a folder or a hub id"
    )
    parser.add_argument("--device", help="auto, cpu or cuda (default: auto)")


def run(arguments: argparse.Namespace) -> int:
    """Print the captions; nothing is written unless --out asks for it."""
    if arguments.out is not None and arguments.scene is None:
        raise PromptError("--out writes a scene's captions; give the scene with --scene.")
    image = decode_picture(arguments.photo).convert("RGB")
    extent = Extent(*image.size)
    scene = Scene(*extent) if arguments.scene is None else read_scene(arguments.scene)
    captioner = load_captioner(settings_from(arguments))
    masks = [resized(region.mask, extent).pixels for region in scene.regions]
    told = captioner.describe(np.asarray(image), masks)
    print(f"{arguments.photo}: {told.picture} (by {captioner.name})")
    for number, caption in enumerate(told.regions, start=1):
        print(f"  region {number}: {caption}")
    if arguments.out is not None:
        regions = [
            region if region.caption.strip() else replace(region, caption=caption)
            for region, caption in zip(scene.regions, told.regions, strict=True)
        ]
        caption = scene.caption if scene.caption else told.picture or None
        write_scene(replace(scene, caption=caption, regions=tuple(regions)), arguments.out)
    return 0
