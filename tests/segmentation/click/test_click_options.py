"""What a click could mean, and the measurements that speak for it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from studio.segmentation.click.change_looks import Frontier
from studio.segmentation.click.click_options import CENTRAL, click_options
from studio.segmentation.click.landscape import Landscape, Pieces, WorkingClick
from studio.segmentation.click.merge_tree import build_merge_tree
from studio.segmentation.click.outline import sharpened
from studio.segmentation.click.small_net import Ranker, learnt_net
from studio.segmentation.click.superpixels import build_piece_graph

DISC = (100, 90, 40)  # x, y, radius


def disc() -> NDArray[np.uint8]:
    pixels = np.full((180, 240, 3), (70, 120, 50), np.uint8)
    cv2.circle(pixels, DISC[:2], DISC[2], (200, 40, 30), -1)
    noise = np.random.default_rng(0).normal(0, 4, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def land() -> Landscape:
    graph = build_piece_graph(disc())
    return Landscape.of(build_merge_tree(graph, learnt_net("merge")), graph)


def nothing(land: Landscape) -> Pieces:
    return np.zeros(land.tree.pieces, np.bool_)


def disc_option(land: Landscape, nodes: list[int]) -> int:
    area = np.pi * DISC[2] ** 2
    return int(np.abs(land.tree.looks[nodes, 0] - area).argmin())


def test_options_grow_from_the_clicked_piece_to_the_picture(land: Landscape) -> None:
    click = WorkingClick.at(land, 100, 90, adds=True)

    options = click_options(land, click, nothing(land), [])

    sizes = land.tree.looks[options.nodes, 0]
    assert all(land.holds(node, click.piece) for node in options.nodes)
    assert (np.diff(sizes) > 0).all()
    assert sizes[-1] == 180 * 240
    assert len(options.features) == len(options.nodes)
    assert np.isfinite(options.features).all()


def test_no_option_holds_a_click_of_the_other_label(land: Landscape) -> None:
    outside = WorkingClick.at(land, 10, 10, adds=False)
    click = WorkingClick.at(land, 100, 90, adds=True)

    options = click_options(land, click, nothing(land), [outside])

    assert not any(land.holds(node, outside.piece) for node in options.nodes)


@pytest.mark.parametrize(
    ("place", "central"), [((100, 90), 1.0), ((120, 90), 0.5), ((132, 90), 0.2)]
)
def test_how_central_a_click_is_falls_from_the_middle_to_the_rim(
    land: Landscape, place: tuple[int, int], central: float
) -> None:
    options = click_options(land, WorkingClick.at(land, *place, adds=True), nothing(land), [])

    at = disc_option(land, options.nodes)

    assert options.features[at, CENTRAL] == pytest.approx(central, abs=0.1)


def test_the_frontier_adds_up_to_every_options_outline(land: Landscape) -> None:
    click = WorkingClick.at(land, 100, 90, adds=True)
    path = click_options(land, click, nothing(land), []).nodes
    entry = np.full(land.tree.pieces, len(path), np.int32)
    for index in range(len(path) - 1, -1, -1):
        entry[land.pieces_of(path[index])] = index

    frontier = Frontier.of(land, entry, ~nothing(land))

    for index, node in enumerate(path):
        is_crossed = (frontier.first <= index) & (index < frontier.last)
        outline = frontier.borders[is_crossed].sum(axis=0)
        assert outline == pytest.approx(land.tree.edges[node], rel=1e-3, abs=0.5)


def test_what_is_already_selected_makes_a_seam_and_no_outline(land: Landscape) -> None:
    is_open = nothing(land)
    is_open[0] = True
    entry = np.where(is_open, 0, 1).astype(np.int32)

    frontier = Frontier.of(land, entry, is_open)

    assert frontier.is_seam.all()
    assert frontier.borders[:, 0].sum() == pytest.approx(land.tree.edges[0, 0])


def test_an_outline_is_sharpened_alike_wherever_it_lies() -> None:
    picture = disc()
    mask = np.zeros((180, 240), np.bool_)
    mask[50:130, 62:138] = True
    around = ((40, 60), (70, 30))

    alone = sharpened(mask, picture)
    larger = sharpened(np.pad(mask, around), np.pad(picture, (*around, (0, 0)), mode="edge"))

    assert np.array_equal(alone, larger[40:-60, 70:-30])


def test_a_judge_stretches_and_shifts_for_the_number_of_clicks() -> None:
    ranker = Ranker(learnt_net("box"), np.array([[1.0, 0.0], [2.0, -1.0]], np.float32))

    assert ranker.share(0.0, clicks=0) == 0.5
    assert ranker.share(1.0, clicks=1) == pytest.approx(1 / (1 + np.exp(-1)))
    assert ranker.share(0.0, clicks=7) == pytest.approx(1 / (1 + np.e))
