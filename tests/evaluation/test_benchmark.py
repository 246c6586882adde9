"""The benchmark's scenes: what perfect pictures get, so that a model's figures mean something."""

from __future__ import annotations

import numpy as np

from studio.evaluation import benchmark as bench
from studio.evaluation.judge import Judge
from studio.evaluation.sheets import label_picture
from studio.scene.geometry import Extent
from studio.scene.region_look import features_of
from studio.workshop.painting.subjects import is_unseen

EXTENT = Extent(128, 128)


def test_painted_scenes_have_the_colours_they_name() -> None:
    found = bench.colours(bench.truth(bench.held_out(12, EXTENT)))
    assert np.mean(found.right) >= 0.9
    assert found.share == 1


def test_colours_are_asked_only_where_the_painting_shows_them() -> None:
    found = bench.Colours(right=(True, False, False), painted=(True, True, False))
    assert found.share == 0.5
    assert "of 2 regions" in str(found)
    assert "of all 3: 33.3%" in str(found)


def test_a_grey_picture_has_few_of_the_colours() -> None:
    trials = [
        bench.Trial(t.scene, np.full_like(t.picture, 128))
        for t in bench.truth(bench.held_out(12, EXTENT))
    ]
    assert bench.colours(trials).share < 0.3


def test_painted_shapes_beat_a_flat_picture() -> None:
    trials = bench.truth(bench.held_out(6, EXTENT))
    flat = [bench.Trial(t.scene, np.full_like(t.picture, 128)) for t in trials]
    iou, border = bench.shape_means(trials)
    flat_iou, flat_border = bench.shape_means(flat)
    assert iou > flat_iou + 0.2
    assert border > flat_border + 0.2


def test_all_twenty_painted_badges_are_right() -> None:
    scene = bench.badges(Extent(256, 256))
    assert len(scene.regions) == 21
    assert bench.badges_right(bench.truth([scene])[0]) == 20


def test_painted_neighbours_do_not_leak() -> None:
    trials = bench.truth(bench.neighbours(4, EXTENT))
    assert bench.leak_share(trials) == 0
    swapped = [bench.Trial(t.scene, t.picture[:, ::-1].copy()) for t in trials]
    assert bench.leak_share(swapped) > 0.8
    assert bench.leak_pull(trials) == 0
    assert bench.leak_pull(swapped) > 0.8


def test_unseen_scenes_hold_only_pairs_that_training_left_out() -> None:
    for scene in bench.held_out(6, EXTENT, unseen=True):
        for region in scene.regions:
            subject = region.subject
            base = subject.material or subject.thing
            if subject.colour is not None and base is not None:
                assert is_unseen(base.name, subject.colour.name)


def test_the_judge_knows_most_painted_materials() -> None:
    train = bench.truth(bench.material_scenes(3, EXTENT, 100_000))
    features = [features_of(t.picture, r.mask) for t in train for r in t.scene.regions[1:]]
    names = [r.subject.name for t in train for r in t.scene.regions[1:]]
    trials = bench.truth(bench.material_scenes(1, EXTENT, 300_000))
    assert bench.material_share(Judge(features, names), trials) > 0.6


def test_a_request_says_what_the_scene_says() -> None:
    scene = bench.held_out(1, EXTENT)[0]
    request = bench.as_request(scene, seed=3, gamma=0.5)
    assert request.scene.extent == EXTENT
    assert [r.caption for r in request.scene.regions] == [r.caption for r in scene.regions]
    assert request.sampling.gamma == 0.5


def test_masks_are_shown_in_colours_of_their_own() -> None:
    scene = bench.held_out(1, EXTENT)[0]
    picture = label_picture(scene)
    colours = {tuple(picture[region.mask][0]) for region in scene.regions}
    assert len(colours) == min(len(scene.regions), 7)
