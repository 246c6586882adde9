"""Styles on a command line: which file, how strongly, and for which region."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from studio.config import settings_from
from studio.files.style_file import SUFFIX, list_styles
from studio.scene.errors import RequestError
from studio.scene.request import RenderRequest
from studio.scene.scene import Scene
from studio.scene.style import Style


def add_style_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("styles (LoRA files)")
    group.add_argument(
        "--style",
        dest="styles",
        action="append",
        metavar="FILE:STRENGTH",
        help="for the whole picture: a file, or a name in weights/styles; repeatable",
    )
    group.add_argument(
        "--region-style",
        dest="region_styles",
        action="append",
        nargs=2,
        metavar=("REGION", "FILE:STRENGTH"),
        help="for one region alone: its name, caption or number; repeatable",
    )


def styles_of(given: argparse.Namespace) -> list[Style]:
    """Those of --style; `--style none` takes off what a recipe has."""
    if given.styles == ["none"]:
        return []
    return [read_style(text, given) for text in given.styles]


def with_region_styles(request: RenderRequest, given: argparse.Namespace) -> RenderRequest:
    scene = request.scene
    for name, text in given.region_styles or ():
        style = None if text == "none" else read_style(text, given)
        number = _number(scene, name)
        scene = scene.with_region(replace(scene.regions[number], style=style))
    return replace(request, scene=scene)


def read_style(text: str, given: argparse.Namespace) -> Style:
    """FILE, FILE:0.8, or the name of a style in weights/styles instead of a file."""
    name, mark, tail = text.rpartition(":")
    try:
        strength = float(tail)
    except ValueError:  # the colon belongs to the path, or there is none
        name, mark, strength = text, "", 1.0
    if not mark:
        name, strength = text, 1.0
    path = Path(name).expanduser()
    if path.is_file() or path.suffix == SUFFIX:
        return Style(path, strength)
    known = list_styles(settings_from(given).styles)
    found = [each for each in known if name.lower() in (each.name.lower(), each.path.stem.lower())]
    if not found:
        there = ", ".join(each.path.stem for each in known) or "nothing"
        raise RequestError(
            f"{name} is neither a file nor a style in weights/styles, where there is {there}."
        )
    return Style(found[0].path, strength)


def _number(scene: Scene, name: str) -> int:
    """By its name or caption, else counted from 1, the lowest first."""
    for number, region in enumerate(scene.regions):
        if name in (region.name, region.caption):
            return number
    if name.isdigit() and 1 <= int(name) <= len(scene.regions):
        return int(name) - 1
    captions = ", ".join(repr(region.name or region.caption) for region in scene.regions)
    raise RequestError(f"There is no region {name!r}; there are {captions or 'none'}.")
