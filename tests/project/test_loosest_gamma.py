"""Auto-gamma: the loosest gamma that keeps every region's measured overlap."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.project.loosest_gamma import (
    MOST_DRAFTS,
    Overlaps,
    check_wish,
    find_loosest_gamma,
    judged_regions,
    loosest_gamma,
    told,
)
from studio.scene.errors import RequestError
from studio.scene.request import RenderRequest, Sampling
from tests.builders import two_region_scene
from tests.scripted_engine import FlatSegmenter, ScriptedEngine

BALL = frozenset({"ball"})


class Drafts:
    """A region that keeps to its shape only from some gamma up; counts what is drawn."""

    def __init__(self, needed: float, **others: float) -> None:
        self.needed, self.others = needed, others
        self.gammas: list[float] = []

    def __call__(self, gamma: float) -> Overlaps:
        self.gammas.append(gamma)
        return {"ball": 0.9 if gamma >= self.needed else 0.6, **self.others}


@pytest.mark.parametrize("needed", [0.05, 0.11, 0.3, 0.5, 0.99])
def test_the_gamma_that_is_found_keeps_the_wish_with_four_drafts(needed: float) -> None:
    drafts = Drafts(needed)
    found = find_loosest_gamma(0.8, BALL, drafts)
    assert found.is_met
    assert found.best.gamma >= needed
    assert len(drafts.gammas) == MOST_DRAFTS
    looser = [trial.gamma for trial in found.trials if trial.gamma < found.best.gamma]
    assert all(gamma < needed for gamma in looser)


def test_the_search_halves_the_logarithm_of_gamma() -> None:
    assert Drafts(2.0).gammas == []
    drafts = Drafts(0.2)
    find_loosest_gamma(0.8, BALL, drafts)
    assert drafts.gammas == [1.0, 0.22, 0.11, 0.15]  # 0.05 ** (1/2, 3/4, 5/8)


def test_where_even_gamma_1_misses_the_wish_nothing_looser_is_tried_and_it_is_said() -> None:
    scene = two_region_scene()
    ball = scene.regions[1]
    scene = scene.with_region(replace(ball, gamma=None, identity="ball"))
    drafts = Drafts(2.0)
    found = find_loosest_gamma(0.8, BALL, drafts)
    assert not found.is_met
    assert drafts.gammas == [1.0]
    assert found.best.gamma == 1.0
    scene = replace(scene, regions=(scene.regions[0], replace(ball, identity="ball")))
    assert told(found, scene) == (
        "Even gamma 1 misses the wished overlap of 0.80: region 2 reaches 0.60. Give it a simpler "
        "shape, or wish for less."
    )


def test_a_region_with_a_gamma_of_its_own_is_measured_but_has_no_say() -> None:
    scene = two_region_scene()
    grass, ball = scene.regions
    assert judged_regions(scene) == {grass.identity}  # the ball has gamma 0.5
    found = find_loosest_gamma(0.8, BALL, Drafts(0.3, cat=0.1))
    assert found.is_met
    assert found.best.overlaps["cat"] == 0.1
    with pytest.raises(RequestError, match="gamma of its own"):
        judged_regions(scene.with_regions([ball]))
    with pytest.raises(RequestError, match="no region yet"):
        judged_regions(scene.with_regions([]))


def test_what_cannot_be_measured_has_no_say_and_if_nothing_can_it_is_refused() -> None:
    found = find_loosest_gamma(0.8, frozenset({"ball", "speck"}), Drafts(0.3))
    assert found.is_met
    with pytest.raises(RequestError, match="No region can be measured"):
        find_loosest_gamma(0.8, frozenset({"speck"}), Drafts(0.3))


@pytest.mark.parametrize("wish", [0.0, -1, 1.2, float("nan"), None])
def test_a_wish_is_an_overlap(wish: float) -> None:
    with pytest.raises(RequestError, match=r"The wished overlap is"):
        check_wish(wish)


def test_an_engine_and_a_segmenter_are_enough_to_search() -> None:
    engine = ScriptedEngine()
    scene = two_region_scene(64, 48)
    scene = scene.with_regions(replace(region, gamma=None) for region in scene.regions)
    found = loosest_gamma(
        engine.render, FlatSegmenter(), RenderRequest(scene, Sampling(seed=3)), 0.9
    )
    assert found.is_met
    assert [trial.gamma for trial in found.trials] == [1.0, 0.22, 0.11, 0.07]
    assert "is the loosest of 4 drafts that keeps every shape" in told(found, scene)
