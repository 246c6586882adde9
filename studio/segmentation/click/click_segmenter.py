"""Clicks become masks without downloaded weights: a merge tree of the picture, judged by shape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.scene.geometry import Bounds, Extent
from studio.segmentation.click.box_options import box_options
from studio.segmentation.click.edits import possible_edits
from studio.segmentation.click.landscape import Landscape, Pieces, WorkingClick
from studio.segmentation.click.merge_tree import build_merge_tree
from studio.segmentation.click.outline import at_size, honour, sharpened
from studio.segmentation.click.partition import partition
from studio.segmentation.click.small_net import Ranker, SmallNet, learnt_net, learnt_ranker
from studio.segmentation.click.superpixels import build_piece_graph
from studio.segmentation.prompt import Prompt, read_prompt
from studio.segmentation.segmenter import (
    Cancel,
    Candidate,
    ImageEmbedding,
    check_cancel,
    check_maker,
    picture_digest,
    picture_pixels,
)

if TYPE_CHECKING:
    from PIL import Image

Floats = NDArray[Any]  # float32; OpenCV's stubs lose the type

WORKING_SIDE = 512  # the longer side of the picture that is looked at
CANDIDATES = 3
MOST_ALIKE = 0.85  # IoU above which two candidates are one
LOGIT_SCALE = 12.0


@dataclass(frozen=True, eq=False)
class Looked:
    """What the click segmenter keeps of a picture."""

    land: Landscape
    working: NDArray[np.uint8]  # (h, w, 3)


@dataclass(frozen=True, eq=False)
class Answer:
    """A selection of pieces and how good it is, a logit; the ranker that said so, if any, tells the
    IoU to expect."""

    chosen: Pieces
    logit: float = 0.0
    ranker: Ranker | None = None

    def score(self, clicks: int) -> float:
        return 0.5 if self.ranker is None else float(self.ranker.share(self.logit, clicks))


@dataclass(frozen=True, eq=False)
class ClickSegmenter:
    """Promises the same masks for the same picture and prompt, from any thread."""

    name: str = "click"
    merge: SmallNet = field(default_factory=lambda: learnt_net("merge"))
    choice: Ranker = field(default_factory=lambda: learnt_ranker("choice"))
    box: Ranker = field(default_factory=lambda: learnt_ranker("box"))

    @property
    def digest(self) -> str:
        return f"click:{self.merge.digest}{self.choice.digest}{self.box.digest}"

    @property
    def needs_device(self) -> bool:
        return False

    def embed(self, image: Image.Image | NDArray[np.uint8]) -> ImageEmbedding:
        pixels = picture_pixels(image)
        height, width = pixels.shape[:2]
        working = _working(pixels)
        graph = build_piece_graph(working)
        land = Landscape.of(build_merge_tree(graph, self.merge), graph)
        return ImageEmbedding(
            digest=picture_digest(pixels),
            extent=Extent(width, height),
            maker=self.digest,
            nbytes=land.nbytes + working.nbytes,
            features=Looked(land, working),
        )

    def segment(
        self,
        embedding: ImageEmbedding,
        points: Any = None,
        labels: Any = None,
        box: Any = None,
        mask: Any = None,
    ) -> list[Candidate]:
        """Up to three candidates of different scale. Clicks are followed in their order; those
        that the selection so far already fulfils change nothing."""
        check_maker(embedding, self.digest)
        prompt = read_prompt(embedding.extent, points, labels, box, mask)
        looked: Looked = embedding.features
        answers = self._start(looked, prompt, embedding.extent)
        done: list[WorkingClick] = []
        for click in _clicks(looked.land, prompt, embedding.extent):
            chosen = answers[0].chosen
            if chosen[click.piece] != click.adds:
                answers = self._edits(looked.land, answers, click, done)
            done.append(click)
        candidates = [_candidate(looked, answer, done, embedding.extent) for answer in answers]
        for candidate in candidates:
            _obey(candidate.mask, prompt, looked.land)
        return candidates

    def everything(
        self,
        embedding: ImageEmbedding,
        on_progress: Callable[[float], None] | None = None,
        cancel: Callable[[], bool] | Cancel | None = None,
    ) -> list[NDArray[np.bool_]]:
        """A partition: every pixel is in one mask."""
        check_maker(embedding, self.digest)
        check_cancel(cancel)
        labels = partition(embedding.features.land)
        labels = cv2.resize(
            labels.astype(np.float32), tuple(embedding.extent), interpolation=cv2.INTER_NEAREST
        ).astype(np.int32)
        numbers, areas = np.unique(labels, return_counts=True)
        masks: list[NDArray[np.bool_]] = []
        for number in numbers[np.argsort(-areas, kind="stable")]:
            check_cancel(cancel)
            masks.append(labels == number)
            if on_progress is not None:
                on_progress(len(masks) / len(numbers))
        return masks

    def _start(self, looked: Looked, prompt: Prompt, extent: Extent) -> list[Answer]:
        """The selection before any click: from the mask, from the box, or nothing."""
        land = looked.land
        height, width = land.labels.shape
        if prompt.mask is not None:
            grown = cv2.resize(prompt.mask, (width, height), interpolation=cv2.INTER_LINEAR)
            return [Answer(land.share_of_pieces(grown > 0) > 0.5)]
        if prompt.box is None:
            return [Answer(np.zeros(land.tree.pieces, np.bool_))]
        options = box_options(land, looked.working, _working_box(prompt.box, extent, land))
        return _different(land, options.selections, self.box.net(options.features), self.box)

    def _edits(
        self, land: Landscape, answers: list[Answer], click: WorkingClick, done: list[WorkingClick]
    ) -> list[Answer]:
        """What the selection becomes by one more click, without undoing the others."""
        edits = possible_edits(land, click, answers[0].chosen, done)
        if edits is None:
            return answers[:1]
        return _different(land, edits.selections, self.choice.net(edits.features), self.choice)


def _working(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture with its longer side WORKING_SIDE, and at least 8 pixels on the other."""
    height, width = pixels.shape[:2]
    scale = WORKING_SIDE / max(height, width)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    if size == (width, height):
        return pixels.copy()
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, size, interpolation=kind), np.uint8)


def _clicks(land: Landscape, prompt: Prompt, extent: Extent) -> list[WorkingClick]:
    height, width = land.labels.shape
    clicks: list[WorkingClick] = []
    for (x, y), label in zip(prompt.points, prompt.labels, strict=True):
        column = min(int((x + 0.5) * width / extent.width), width - 1)
        row = min(int((y + 0.5) * height / extent.height), height - 1)
        clicks.append(WorkingClick.at(land, column, row, bool(label)))
    return clicks


def _working_box(box: Floats, extent: Extent, land: Landscape) -> Bounds:
    height, width = land.labels.shape
    x0, y0, x1, y1 = box * np.tile([width / extent.width, height / extent.height], 2)
    left, top = min(int(x0), width - 1), min(int(y0), height - 1)
    return Bounds(left, top, max(left + 1, round(x1)), max(top + 1, round(y1)))


def _different(
    land: Landscape, selections: list[Pieces], logits: Floats, ranker: Ranker
) -> list[Answer]:
    """The best selections that are not nearly the same, best first; never an empty one if any
    other is there."""
    answers: list[Answer] = []
    for index in np.argsort(-logits, kind="stable"):
        chosen = selections[index]
        if not chosen.any() or any(_overlap(land, chosen, a.chosen) > MOST_ALIKE for a in answers):
            continue
        answers.append(Answer(chosen, float(logits[index]), ranker))
        if len(answers) == CANDIDATES:
            break
    return answers or [Answer(selections[0])]


def _overlap(land: Landscape, one: Pieces, other: Pieces) -> float:
    return float(land.sizes[one & other].sum() / land.sizes[one | other].sum())


def _candidate(
    looked: Looked, answer: Answer, clicks: list[WorkingClick], extent: Extent
) -> Candidate:
    membership = sharpened(answer.chosen[looked.land.labels], looked.working)
    honour(membership, looked.working, clicks)
    height, width = membership.shape
    small = cv2.resize(
        membership, (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA
    )
    logits = (LOGIT_SCALE * (small - 0.5)).astype(np.float32)
    return Candidate(at_size(membership, extent), answer.score(len(clicks)), logits)


def _obey(mask: NDArray[np.bool_], prompt: Prompt, land: Landscape) -> None:
    """Give clicked pixels that growing the mask has lost their label, as large as a pixel of the
    working picture is."""
    half = max(mask.shape[0] // land.labels.shape[0], mask.shape[1] // land.labels.shape[1]) // 2
    places = prompt.points.astype(int)
    for (x, y), label in zip(places, prompt.labels, strict=True):
        if mask[y, x] != label:
            mask[max(0, y - half) : y + half + 1, max(0, x - half) : x + half + 1] = label
    for (x, y), label in zip(places, prompt.labels, strict=True):
        mask[y, x] = label
