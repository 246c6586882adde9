"""`python -m studio segment`: a photo and clicks become a scene file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.commands.segment_frames import follow
from studio.config import settings_from
from studio.files.limits import PHOTO_LIMITS
from studio.files.photo_file import read_photo
from studio.files.photo_proxy import photo_proxy
from studio.files.picture_decoder import decode_picture, picture_extent
from studio.files.scene_file import write_scene
from studio.recognition.finder import Finder, Finding, SimilarFinder
from studio.recognition.loading import load_features, load_finder
from studio.recognition.recognisers import similar_finder
from studio.scene.errors import PromptError
from studio.scene.geometry import Extent
from studio.scene.mask import Mask
from studio.scene.mask_edits import resized
from studio.scene.region import Click, Region
from studio.scene.scene import Scene, most_regions
from studio.segmentation.full_size import mask_at_full_size
from studio.segmentation.loading import load_segmenter
from studio.segmentation.segmenter import ImageEmbedding, Segmenter

_SEEN = 2048  # the longest side in which a segmenter looks at a photo


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "photo", type=Path, nargs="?", metavar="PHOTO", help="the picture to look at"
    )
    parser.add_argument(
        "--frames",
        type=Path,
        metavar="FOLDER",
        help="instead of PHOTO: follow the thing through these pictures",
    )
    parser.add_argument(
        "--frame",
        type=int,
        metavar="N",
        help="of --frames, the one that was clicked; 1 is the first (default: 1)",
    )
    parser.add_argument(
        "--point", action="append", default=[], metavar="X,Y", help="a pixel of the thing; repeat"
    )
    parser.add_argument(
        "--not",
        action="append",
        default=[],
        metavar="X,Y",
        dest="not_points",
        help="a pixel that is not part of the thing; repeat",
    )
    parser.add_argument("--box", metavar="X0,Y0,X1,Y1", help="a box around the thing")
    parser.add_argument("--everything", action="store_true", help="find all things instead")
    parser.add_argument(
        "--find", metavar="WORDS", help="find all that these words name, such as red or sky"
    )
    parser.add_argument(
        "--similar", action="store_true", help="the clicked thing, and all that looks like it"
    )
    parser.add_argument("--caption", metavar="TEXT", help="what the thing is, or should become")
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="SCENE.json",
        help="the scene file to write; with --frames a folder",
    )
    parser.add_argument(
        "--segmenter", metavar="NAME", help="click, sam2.1-large, a folder or a hub id"
    )
    parser.add_argument(
        "--finder", metavar="NAME", help="finds by word: measured, sam3, a folder or a hub id"
    )
    parser.add_argument(
        "--features", metavar="NAME", help="compares things: measured, dinov2-small, a folder"
    )
    parser.add_argument("--device", help="auto, cpu or cuda (default: auto)")


def run(arguments: argparse.Namespace) -> int:
    """Write the scene and tell what was found."""
    if (arguments.photo is None) == (arguments.frames is None):
        raise PromptError("Give PHOTO, or --frames and a folder; not both.")
    if arguments.frames is not None:
        return follow(arguments, _clicks(arguments))
    _check(arguments)
    settings = settings_from(arguments)
    segmenter = load_segmenter(settings.segmenter, settings.device, settings.weights)
    photo = _open(arguments.photo)
    if arguments.find is not None:
        regions, told = _found(arguments, load_finder(settings, segmenter), photo)
        return _write(arguments, photo, regions, told)
    embedding = segmenter.embed(photo.seen)
    if arguments.everything:
        masks = segmenter.everything(embedding)
        kept = masks[: most_regions(photo.extent)]  # the largest come first
        regions = [
            Region(Mask(photo.enlarged(mask)), "", name=f"thing {number}")
            for number, mask in enumerate(kept, 1)
        ]
        told = f"{len(regions)} things"
        if len(kept) < len(masks):
            told += f", the largest of {len(masks)}"
    else:
        regions, told = _one_thing(arguments, segmenter, embedding, photo)
        if arguments.similar:
            finder = similar_finder(load_features(settings), segmenter)
            regions, told = _alike(regions[0], finder, photo)
    return _write(arguments, photo, regions, f"{told}, by {segmenter.name}")


def _check(arguments: argparse.Namespace) -> None:
    if arguments.frame is not None:
        raise PromptError("--frame says which of --frames was clicked; PHOTO is one picture.")
    has_prompt = bool(arguments.point or arguments.not_points or arguments.box)
    if has_prompt + arguments.everything + (arguments.find is not None) != 1:
        raise PromptError(
            "Give --point, --not or --box for one thing, or --everything, or --find WORDS for "
            "many; not both."
        )
    if arguments.everything and arguments.caption is not None:
        raise PromptError("--caption is for one thing; --everything finds many.")
    if arguments.similar and not has_prompt:
        raise PromptError("--similar needs the one thing to compare: give --point or --box.")


def _write(arguments: argparse.Namespace, photo: _Photo, regions: list[Region], told: str) -> int:
    write_scene(Scene(*photo.extent, None, regions), arguments.out)
    print(f"{arguments.out}: {told}")
    return 0


class _Photo(NamedTuple):
    """A photo, and the size in which a segmenter looks at it."""

    seen: Image.Image
    extent: Extent
    colours: NDArray[np.uint8] | None = None  # of the photo, if it is larger than what is seen

    def enlarged(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """A mask of what was seen, at the photo's size."""
        return mask if self.colours is None else mask_at_full_size(mask, self.colours)


def _open(path: Path) -> _Photo:
    if path.is_file() and max(picture_extent(path, PHOTO_LIMITS)) > _SEEN:
        photo = read_photo(path)
        return _Photo(photo_proxy(photo, _SEEN), photo.photo.extent, photo.photo.colours8())
    seen = decode_picture(path)
    return _Photo(seen, Extent(*seen.size))


def _one_thing(
    arguments: argparse.Namespace,
    segmenter: Segmenter,
    embedding: ImageEmbedding,
    photo: _Photo,
) -> tuple[list[Region], str]:
    clicks = _clicks(arguments)
    box = None if arguments.box is None else _numbers("--box", arguments.box, 4)
    scale = photo.seen.width / photo.extent.width, photo.seen.height / photo.extent.height
    points = [[click.x * scale[0], click.y * scale[1]] for click in clicks]
    labels = [click.label for click in clicks]
    if box is not None:
        box = [side * scale[number % 2] for number, side in enumerate(box)]
    best = segmenter.segment(embedding, points=points, labels=labels, box=box)[0]
    if not best.mask.any():
        raise PromptError("The clicks leave nothing of the thing; take one of --not away.")
    mask = photo.enlarged(best.mask)
    caption = arguments.caption or ""
    region = Region(Mask(mask), caption, name="thing", clicks=clicks)
    return [region], f"{share(mask):.1%} of the picture, score {best.score:.2f}"


def _found(
    arguments: argparse.Namespace, finder: Finder, photo: _Photo
) -> tuple[list[Region], str]:
    """All that the words name, the best on top."""
    found = finder.find(np.asarray(photo.seen.convert("RGB")), arguments.find)
    if not found:
        raise PromptError(
            f"Nothing that looks like {arguments.find!r} was found in {arguments.photo}."
        )
    regions = _regions(found, photo, arguments.caption or found[0].caption)
    scores = ", ".join(f"{each.score:.2f}" for each in found[: len(regions)])
    return regions, f"{len(regions)} found, scores {scores}, by {finder.name}"


def _alike(region: Region, finder: SimilarFinder, photo: _Photo) -> tuple[list[Region], str]:
    """The region, and below it what looks like it."""
    pixels = np.asarray(photo.seen.convert("RGB"))
    height, width = pixels.shape[:2]
    seen = resized(region.mask, Extent(width, height)).pixels
    found = finder.find_similar(pixels, seen)
    return [*_regions(found, photo, region.caption), region], f"1 and {len(found)} like it"


def _regions(found: list[Finding], photo: _Photo, caption: str) -> list[Region]:
    kept = found[: most_regions(photo.extent) - 1]
    return [
        Region(Mask(photo.enlarged(each.mask)), caption, name=f"thing {number}")
        for number, each in reversed(list(enumerate(kept, 1)))
    ]


def _clicks(arguments: argparse.Namespace) -> tuple[Click, ...]:
    added = [_numbers("--point", text, 2) for text in arguments.point]
    removed = [_numbers("--not", text, 2) for text in arguments.not_points]
    return tuple(Click(x, y, label) for own, label in ((added, 1), (removed, 0)) for x, y in own)


def share(mask: NDArray[np.bool_]) -> float:
    return float(mask.mean())


def _numbers(name: str, text: str, count: int) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != count:
        wanted = "X,Y" if count == 2 else "X0,Y0,X1,Y1"
        raise PromptError(f"{name} is {text!r}; it must be {wanted} in pixels.")
    return numbers
