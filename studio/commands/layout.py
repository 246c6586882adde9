"""`python -m studio layout`: a sentence becomes a first scene, to be corrected by hand."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from studio.config import settings_from
from studio.files.scene_file import write_scene
from studio.recognition.language_layouter import layouter
from studio.recognition.loading import load_captioner
from studio.scene.errors import PromptError
from studio.scene.geometry import Extent


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sentence", metavar="SENTENCE", help="what the picture shows, and where")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="SCENE.json", help="the scene file to write"
    )
    parser.add_argument(
        "--size", default="256x256", metavar="WxH", help="of the scene (default: 256x256)"
    )
    parser.add_argument(
        "--captioner", metavar="NAME", help="measured (rules) or the Qwen2.5-VL that lays out"
    )
    parser.add_argument("--device", help="auto, cpu or cuda (default: auto)")


def run(arguments: argparse.Namespace) -> int:
    """Write the scene and tell what it holds."""
    extent = _extent(arguments.size)
    language = load_captioner(settings_from(arguments)).language
    layer = layouter(language)
    scene = layer.lay_out(arguments.sentence, extent)
    write_scene(scene, arguments.out)
    captions = ", ".join(region.caption for region in scene.regions)
    print(f"{arguments.out}: {len(scene.regions)} regions by {layer.name}: {captions}")
    return 0


def _extent(size: str) -> Extent:
    found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", size)
    if found is None:
        raise PromptError(f"--size is {size!r}; it must be like 1024x768.")
    return Extent(int(found[1]), int(found[2]))
