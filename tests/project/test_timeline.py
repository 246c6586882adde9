"""Undo and redo."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from studio.project.document import Document, document_from_json, document_to_json
from studio.project.edits import add_region, set_caption, set_sampling
from studio.project.timeline import Timeline
from studio.scene.mask import Mask
from studio.scene.region import Region
from studio.scene.scene import Scene
from tests.builders import box_mask


def start() -> Document:
    return Document(Scene(16, 16))


def test_labels_say_what_would_be_undone_and_redone() -> None:
    timeline = Timeline(start())
    timeline.record(set_caption(timeline.document, "a"), "caption")
    assert (timeline.undo_label, timeline.redo_label) == ("caption", None)
    assert timeline.move(-1) == 1
    assert (timeline.undo_label, timeline.redo_label) == (None, "caption")
    assert timeline.move(-1) == 0


def test_an_edit_after_undo_forgets_what_was_undone() -> None:
    timeline = Timeline(start())
    for caption in "ab":
        timeline.record(set_caption(timeline.document, caption), "caption")
    timeline.move(-1)
    timeline.record(set_caption(timeline.document, "c"), "caption")
    assert timeline.move(1) == 0
    timeline.move(-1)
    assert timeline.document.scene.caption == "a"


def test_an_edit_that_changes_nothing_is_no_step() -> None:
    timeline = Timeline(start())
    assert not timeline.record(start(), "nothing")
    assert timeline.undo_label is None


def test_edits_of_one_gesture_are_one_step() -> None:
    timeline = Timeline(start())
    for gamma in (0.9, 0.5, 0.1):
        timeline.record(set_sampling(timeline.document, gamma=gamma), "gamma", "drag")
    timeline.move(-1)
    assert timeline.document == start()


def test_a_gesture_interrupted_by_another_edit_is_two_steps() -> None:
    timeline = Timeline(start())
    timeline.record(set_sampling(timeline.document, gamma=0.5), "gamma", "drag")
    timeline.record(set_caption(timeline.document, "x"), "caption")
    timeline.record(set_sampling(timeline.document, gamma=0.2), "gamma", "drag")
    timeline.move(-1)
    assert timeline.document.sampling.gamma == 0.5


def test_only_so_many_steps_are_kept() -> None:
    timeline = Timeline(start(), most_steps=5)
    for number in range(20):
        timeline.record(set_caption(timeline.document, str(number)), "caption")
    assert timeline.move(-100) == 5
    assert timeline.document.scene.caption == "14"


def test_large_masks_push_out_old_steps_but_one_is_always_left() -> None:
    timeline = Timeline(start(), most_bytes=600)
    for size in range(2, 12):
        region = Region(Mask(box_mask(16, 16, 0, 0, size, size)), "x", identity="r" * 12)
        before = timeline.document
        timeline.record(replace(before, scene=before.scene.with_region(region)), "draw")
    assert 1 <= timeline.move(-100) <= 3


def test_masks_that_the_scene_needs_anyway_cost_no_undo() -> None:
    """Ten regions weigh ten times what undo may; each edit changes one of them."""
    regions = [
        Region(Mask(box_mask(16, 16, 0, 0, 4, 4)), "x", identity=f"{number:012x}")
        for number in range(10)
    ]
    for number, region in enumerate(regions):
        regions[number] = replace(region, mask=Mask(box_mask(16, 16, number, 0, 16, 4)))
    timeline = Timeline(Document(Scene(16, 16, None, regions)), most_bytes=6 * 256)
    for size in range(5, 14):
        first = replace(regions[0], mask=Mask(box_mask(16, 16, 0, 0, size, size)))
        scene = timeline.document.scene.with_region(first)
        timeline.record(replace(timeline.document, scene=scene), "draw")
    assert timeline.move(-100) == 6


@given(st.lists(st.integers(-3, 3), max_size=30))
def test_undo_and_redo_walk_over_the_same_documents(moves: list[int]) -> None:
    documents = [start()]
    timeline = Timeline(documents[0])
    for number in range(6):
        documents.append(set_caption(timeline.document, str(number)))
        timeline.record(documents[-1], "caption")
    at = 6
    for move in moves:
        at = min(max(at + move, 0), 6)
        timeline.move(move)
        assert timeline.document is documents[at]


def test_colours_stay_with_their_regions_and_are_used_again() -> None:
    document = start()
    for identity in ("aaa", "bbb", "ccc"):
        region = Region(Mask(box_mask(16, 16, 0, 0, 4, 4)), "x", identity=identity)
        document = add_region(document, region)
    assert dict(document.slots) == {"aaa": 0, "bbb": 1, "ccc": 2}
    less = document.with_scene(document.scene.without_region("bbb"))
    assert dict(less.slots) == {"aaa": 0, "ccc": 2}
    again = add_region(less, Region(Mask(box_mask(16, 16, 1, 1, 4, 4)), "x", identity="ddd"))
    assert again.slots["ddd"] == 1


def test_a_document_comes_back_from_json() -> None:
    document = set_sampling(set_caption(start(), "x"), gamma=0.25, isolation_blocks=(1, 2))
    document = add_region(document, Region(Mask(box_mask(16, 16, 0, 0, 4, 4)), "y", gamma=0.5))
    assert document_from_json(document_to_json(document)).is_same_as(document)
