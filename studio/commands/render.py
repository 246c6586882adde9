"""`python -m studio render`: scenes in, pictures with their recipes out."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.commands.gamma_search import AUTO_GAMMA, check_auto_gamma, gamma_in
from studio.commands.photo_tasks import (
    PhotoEntry,
    add_photo_arguments,
    check_photo_is_here,
    list_entries,
    save_edit,
    unmatched,
)
from studio.commands.progress import Proof, Reporter
from studio.commands.styles import add_style_arguments, styles_of, with_region_styles
from studio.config import add_model_arguments, settings_from
from studio.files.photo_writer import SUFFIXES
from studio.files.picture_file import FORMATS, read_recipe, request_from_recipe, save_picture
from studio.files.scene_file import SceneEntry
from studio.project.growth import draw_world, seeds_tried
from studio.project.loosest_gamma import loosest_gamma, told
from studio.scene.errors import (
    BadInput,
    Cancelled,
    PictureFileError,
    RenderError,
    RequestError,
    WeightsError,
)
from studio.scene.geometry import Extent
from studio.scene.request import Picture, RenderRequest, ResolvedRequest
from studio.scene.resize import resize_scene

if TYPE_CHECKING:
    from studio.engine.engine import Engine
    from studio.segmentation.segmenter import Segmenter

_DESCRIPTION = """SCENE is a label map (PNG or JSON of the same name), a folder of scenes, a folder
of masks with captions.json, a COCO JSON, or a picture made by the studio. With --photo, its regions
are what changes in the photo; folders of photos and of scenes, or of masks with --caption, go
together by name. What is finished is kept when you stop, and skipped when you run the same command
again."""

# option -> field of Sampling
_SAMPLING = {
    "steps": "steps",
    "guidance": "guidance",
    "gamma": "gamma",
    "seed": "seed",
    "count": "count",
    "negative": "negative_caption",
    "true_cfg": "true_cfg",
    "mask_method": "mask_method",
    "isolation_blocks": "isolation_blocks",
    "contour_scale": "contour_scale",
    "overlap": "overlap",
    "thin_regions": "thin_regions",
    "caption_tokens": "caption_tokens",
    "region_tokens": "region_tokens",
    "use_contour": "use_contour",
    "filter_contour": "filter_contour",
    "draft": "draft",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _DESCRIPTION
    parser.add_argument("scenes", nargs="+", metavar="SCENE", help="file or folder; see below")
    parser.add_argument(
        "--out",
        "-o",
        required=True,
        type=Path,
        metavar="PATH",
        help="a .png, .jpg or .tif for one scene (of a photo also .ora, .psd), else a folder; "
        "several pictures are numbered",
    )
    parser.add_argument(
        "--format",
        choices=["text", "jsonl"],
        default="text",
        help="jsonl: one JSON object per line",
    )
    parser.add_argument(
        "--size", type=_size, metavar="WxH", help="scale the scenes to this size first"
    )
    add_photo_arguments(parser)
    group = parser.add_argument_group("sampling (default: what the model recommends)")
    group.add_argument("--steps", type=int, help="denoising steps")
    group.add_argument("--guidance", type=float, help="embedded guidance")
    group.add_argument("--gamma", type=float, help="shape strength: 1 exact, 0.2 a loose sketch")
    group.add_argument(
        "--auto-gamma",
        type=float,
        metavar="OVERLAP",
        help="the loosest gamma that keeps every shape's measured overlap, as in 0.8; "
        "found by at most 4 drafts",
    )
    group.add_argument("--seed", type=int, help="the noise (default: the scene file's, else 0)")
    group.add_argument("--count", type=int, help="pictures of each scene")
    group.add_argument("--negative", metavar="TEXT", help="what not to show (with --true-cfg)")
    group.add_argument("--true-cfg", type=float, help="classifier-free guidance, on above 1")
    _add_method_arguments(group)
    add_style_arguments(parser)
    add_model_arguments(parser)


def _add_method_arguments(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--mask-method", choices=["isolate", "align", "place"])
    group.add_argument(
        "--isolation-blocks", type=_blocks, metavar="A-B", help="first and last isolated block"
    )
    group.add_argument("--contour-scale", type=int, help="reduction of the contour map, 1 or 2")
    group.add_argument(
        "--no-contour",
        dest="use_contour",
        action="store_false",
        default=None,
        help="words only, no shape tokens",
    )
    group.add_argument(
        "--no-contour-filter",
        dest="filter_contour",
        action="store_false",
        default=None,
        help="keep empty contour tokens too",
    )
    group.add_argument(
        "--overlap", choices=["top", "share"], help="the top region wins, or regions share pixels"
    )
    thin = "share: regions too thin for the model's patches get as many as their area is worth"
    group.add_argument("--thin-regions", choices=["share", "published"], help=thin)
    group.add_argument("--caption-tokens", type=int, help="longest scene caption, in tokens")
    group.add_argument("--region-tokens", type=int, help="longest region caption, in tokens")
    group.add_argument(
        "--draft", action="store_true", default=None, help="half size and few steps: a quick look"
    )


def run(given: argparse.Namespace) -> int:
    check_auto_gamma(given)
    entries = list_entries(given)
    tasks = _tasks(given, entries)
    reporter = Reporter(len(tasks), given.format == "jsonl")
    left = unmatched(given, entries)
    if left:
        reporter.say(left)
    reporter.say(f"Loading {given.base or given.comfyui or 'the embedded model'} ...")
    from studio.wiring import build_engine

    return render_all(build_engine(settings_from(given)), tasks, given, reporter)


def render_all(
    engine: Engine, tasks: Sequence[Task], given: argparse.Namespace, reporter: Reporter
) -> int:
    """One after the other; what fails is told and left out, unless it is all there is to do."""
    code = 0
    with _stopping() as stop:
        for task in tasks:
            reporter.begin(task.name)
            try:
                _render(engine, task, given, reporter, stop)
            except Cancelled:
                reporter.stopped()
                return 130
            except (BadInput, RenderError, WeightsError) as problem:
                if len(tasks) == 1:
                    raise
                code = 1 if code == 1 or isinstance(problem, RenderError) else 2
                reporter.failed(str(problem))
    reporter.end()
    return code


@dataclass(frozen=True)
class Task:
    """One scene and where its pictures go."""

    name: str
    entry: SceneEntry
    out: Path
    suffix: str | None = None  # of a file in the folder `out`; None: `out` is the file

    def paths(self, count: int) -> list[Path]:
        base = self.out.with_suffix("") if self.suffix is None else self.out / self.name
        suffix = self.suffix or self.out.suffix
        if count == 1:
            return [base.parent / f"{base.name}{suffix}"]
        return [base.parent / f"{base.name}-{number}{suffix}" for number in range(1, count + 1)]


def _tasks(given: argparse.Namespace, entries: Sequence[PhotoEntry]) -> list[Task]:
    is_file = given.out.suffix.lower() in FORMATS and not given.out.is_dir()
    if is_file and len(entries) > 1:
        raise RequestError(f"--out {given.out} is one file, but there are {len(entries)} scenes.")
    if given.out.is_file() and not is_file:
        raise RequestError(f"--out {given.out} is a file; pictures end in {', '.join(FORMATS)}.")
    if is_file and given.photo is None and given.out.suffix.lower() not in SUFFIXES:
        raise RequestError(f"--out {given.out} has layers, which only an edited photo has.")
    tasks: list[Task] = []
    used: set[str] = set()
    for entry, photo in entries:
        suffix = None if is_file else PhotoEntry(entry, photo).suffix
        name = next(
            name
            for name in (entry.name, *(f"{entry.name}-{n}" for n in range(2, len(entries) + 2)))
            if f"{name}{suffix}" not in used
        )
        used.add(f"{name}{suffix}")
        tasks.append(Task(name, entry, given.out, suffix))
    return tasks


def _render(
    engine: Engine,
    task: Task,
    given: argparse.Namespace,
    reporter: Reporter,
    stop: threading.Event,
) -> None:
    loaded = task.entry.load()
    check_photo_is_here(loaded.request)
    asked, notices = _request(loaded.request, given)
    request = engine.resolve(asked)
    for notice in (*loaded.notices, *notices, *engine.check(request)):
        reporter.notice(notice)
    paths, wish = task.paths(request.sampling.count), given.auto_gamma
    gamma = asked.sampling.gamma if wish is None else gamma_in(paths[0], wish)
    if gamma is not None and _is_skipped(engine, asked.with_sampling(gamma=gamma), paths):
        reporter.skipped(paths)
        return

    def render(asked: RenderRequest) -> Picture:
        return engine.render(asked, on_step=reporter.step, cancel=stop)

    if wish is not None:
        request = _loosened(engine, render, asked, given, reporter)
    if len(seeds_tried(request)) == 1:
        picture = render(request)
    else:
        picture = draw_world(render, _segmenter(given), request)
        reporter.notice(picture.notices[-1])
    if wish is not None:
        picture = replace(picture, made_with={**picture.made_with, AUTO_GAMMA: f"{wish:g}"})
    _save(picture, paths, reporter)


def _loosened(
    engine: Engine,
    render: Callable[[RenderRequest], Picture],
    asked: RenderRequest,
    given: argparse.Namespace,
    reporter: Reporter,
) -> ResolvedRequest:
    """The request with the loosest gamma that keeps its shapes."""
    found = loosest_gamma(render, _segmenter(given), asked, given.auto_gamma)
    reporter.notice(told(found, asked.scene))
    return engine.resolve(asked.with_sampling(gamma=found.best.gamma))


def _save(picture: Picture, paths: list[Path], reporter: Reporter) -> None:
    if picture.request.edit is None:
        for index, path in enumerate(paths):
            save_picture(picture, path, index)
        reporter.finished(paths, picture)
        return
    proofs: list[Proof] = []
    for index, path in enumerate(paths):
        proof, notices = save_edit(picture, path, index)
        proofs.append(proof)
        for notice in notices:
            reporter.notice(notice)
    reporter.finished(paths, picture, proofs)


def _segmenter(given: argparse.Namespace) -> Segmenter:
    from studio.wiring import build_segmenter

    return build_segmenter(settings_from(given))


def _request(
    request: RenderRequest, given: argparse.Namespace
) -> tuple[RenderRequest, tuple[str, ...]]:
    """The file's request with what the command line says instead."""
    notices: tuple[str, ...] = ()
    if given.size is not None and given.size != request.scene.extent:
        scene, notices = resize_scene(request.scene, given.size)
        request = replace(request, scene=scene)
    request = with_region_styles(request, given)
    changes = {
        name: getattr(given, option)
        for option, name in _SAMPLING.items()
        if getattr(given, option) is not None
    }
    if given.styles is not None:
        changes["styles"] = styles_of(given)
    return request.with_sampling(**changes), notices


def _is_skipped(engine: Engine, asked: RenderRequest, paths: list[Path]) -> bool:
    """Whether all pictures of it are there already, with one of the seeds it may be made with."""
    return any(
        all(_is_finished(path, engine.resolve(each), engine.digest) for path in paths)
        for each in seeds_tried(engine.resolve(asked))
    )


def _is_finished(path: Path, request: RenderRequest, digest: str) -> bool:
    """Whether this very picture is there already, by the recipe inside it."""
    try:
        recipe = read_recipe(path)
        return (
            recipe.get("made_with", {}).get("weights") == digest
            and request_from_recipe(recipe) == request
        )
    except PictureFileError:
        return False


@contextmanager
def _stopping():
    """An event that Ctrl-C or SIGTERM sets; a second Ctrl-C stops at once."""
    stop = threading.Event()

    def ask(_number: int, _frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _size(text: str) -> Extent:
    try:
        width, height = (int(part) for part in text.lower().split("x"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not WIDTHxHEIGHT, as in 512x512") from None
    return Extent(width, height)


def _blocks(text: str) -> tuple[int, int]:
    try:
        first, last = (int(part) for part in text.split("-"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not FIRST-LAST, as in 19-37") from None
    return first, last
