"""Auto-gamma: the loosest gamma whose draft keeps every region's measured overlap at a wish.

log(gamma) is what the model adds to its attention, so the search halves that. It begins at gamma 1:
where even that misses the wish, nothing looser is tried.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.project.fidelity import Fidelity, measure_scene
from studio.scene.checks import check_number
from studio.scene.errors import RequestError
from studio.scene.request import Picture, RenderRequest
from studio.scene.scene import Scene
from studio.scene.sentences import Sentence, say

if TYPE_CHECKING:
    from studio.segmentation.segmenter import Segmenter

MOST_DRAFTS = 4
LOOSEST = 0.05
WISH = 0.8

Overlaps = Mapping[str, float]  # by region; those that cannot be measured are left out


@dataclass(frozen=True)
class Trial:
    """One draft, and the overlap of each region that could be measured in it."""

    gamma: float
    overlaps: Overlaps

    def lowest(self, judged: Collection[str]) -> tuple[str, float] | None:
        """Of the judged regions the one that keeps to its shape least, and its overlap."""
        known = [(name, each) for name, each in self.overlaps.items() if name in judged]
        return min(known, key=lambda each: each[1], default=None)


@dataclass(frozen=True)
class GammaFound:
    """What a search found, and all it measured on the way.

    `judged` are the regions that follow the scene's gamma; one with a gamma of its own keeps that,
    and is measured without having a say.
    """

    wish: float
    judged: frozenset[str]
    trials: tuple[Trial, ...]  # in the order they were made; the first is of gamma 1

    @property
    def best(self) -> Trial:
        """The loosest draft that keeps the wish; where none does, the one of gamma 1."""
        kept = [trial for trial in self.trials if self._keeps(trial)]
        return min(kept, key=lambda trial: trial.gamma, default=self.trials[0])

    @property
    def is_met(self) -> bool:
        return self._keeps(self.best)

    def _keeps(self, trial: Trial) -> bool:
        lowest = trial.lowest(self.judged)
        return lowest is not None and lowest[1] >= self.wish


def loosest_gamma(
    render: Callable[[RenderRequest], Picture],
    segmenter: Segmenter,
    request: RenderRequest,
    wish: float = WISH,
) -> GammaFound:
    """Search with drafts of the request: `render` is an engine's, `segmenter` measures."""
    check_wish(wish)
    judged = judged_regions(request.scene)

    def overlaps_at(gamma: float) -> Overlaps:
        draft = request.with_sampling(draft=True, steps=None, sigmas=None, count=1, gamma=gamma)
        image = render(draft).images[0].convert("RGB")
        return overlaps_of(measure_scene(segmenter, image, request.scene))

    return find_loosest_gamma(wish, judged, overlaps_at)


def check_wish(wish: float | None) -> float:
    """RequestError unless it is an overlap that can be wished for."""
    if wish is None:
        raise RequestError("The wished overlap is missing; give a number up to 1, such as 0.8.")
    check_number(say("The wished overlap"), wish, (0.01, 1), RequestError)
    return float(wish)


def judged_regions(scene: Scene) -> frozenset[str]:
    """The regions whose shape follows the scene's gamma; RequestError where there is none."""
    visible = scene.visible_regions
    judged = frozenset(region.identity for region in visible if region.gamma is None)
    if not visible:
        raise RequestError("There is no region yet, so no gamma can be chosen by its shape.")
    if not judged:
        raise RequestError(
            "Every region has a gamma of its own, so the scene's gamma changes nothing; let one "
            "follow the scene first."
        )
    return judged


def find_loosest_gamma(
    wish: float, judged: frozenset[str], overlaps_at: Callable[[float], Overlaps]
) -> GammaFound:
    """Search with `overlaps_at`, which makes a draft at a gamma and measures it; four at most."""
    found = GammaFound(check_wish(wish), judged, (Trial(1.0, overlaps_at(1.0)),))
    if found.trials[0].lowest(judged) is None:
        raise RequestError(
            "No region can be measured in a draft: all are too small, hidden or as large as the "
            "picture. Choose gamma by hand."
        )
    if not found.is_met:
        return found
    low, high = math.log(LOOSEST), 0.0
    while len(found.trials) < MOST_DRAFTS:
        middle = (low + high) / 2
        gamma = round(math.exp(middle), 2)
        trial = Trial(gamma, overlaps_at(gamma))
        found = GammaFound(found.wish, judged, (*found.trials, trial))
        if found.best is trial:
            high = middle
        else:
            low = middle
    return found


def overlaps_of(measured: Mapping[str, Fidelity]) -> Overlaps:
    return {name: each.iou for name, each in measured.items() if each.iou is not None}


def told(found: GammaFound, scene: Scene) -> Sentence:
    """The finding in one sentence."""
    best = found.best
    lowest = best.lowest(found.judged)
    assert lowest is not None
    identities = [region.identity for region in scene.regions]
    number, overlap = identities.index(lowest[0]) + 1, lowest[1]
    if not found.is_met:
        return say(
            "Even gamma 1 misses the wished overlap of {wish:.2f}: region {number} reaches "
            "{overlap:.2f}. Give it a simpler shape, or wish for less.",
            wish=found.wish,
            number=number,
            overlap=overlap,
        )
    return say(
        "Gamma {gamma:.2f} is the loosest of {drafts} drafts that keeps every shape: the lowest "
        "overlap is {overlap:.2f} (region {number}), {wish:.2f} was wished.",
        gamma=best.gamma,
        drafts=len(found.trials),
        overlap=overlap,
        number=number,
        wish=found.wish,
    )
