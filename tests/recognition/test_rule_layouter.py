"""A sentence becomes a first layout: what it names, how many, and where."""

from __future__ import annotations

import pytest

from studio.recognition.rule_layouter import RuleLayouter
from studio.scene.errors import PromptError
from studio.scene.geometry import Bounds, Extent
from studio.scene.region import Region
from studio.scene.scene import Scene

EXTENT = Extent(128, 96)


def laid_out(sentence: str) -> Scene:
    return RuleLayouter().lay_out(sentence, EXTENT)


def box(region: Region) -> Bounds:
    assert region.mask.bounds is not None
    return region.mask.bounds


def boxes(scene: Scene, caption: str) -> list[Bounds]:
    return [box(each) for each in scene.regions if each.caption == caption]


def test_every_thing_of_a_sentence_becomes_a_region_from_back_to_front() -> None:
    said = "Three red balloons above a white house on a green hill under a blue sky."
    scene = laid_out(said)

    captions = [each.caption for each in scene.regions]
    assert captions[:2] == ["blue sky", "green hill"]
    assert captions.count("red balloon") == 3
    assert captions.count("white house") == 1
    assert scene.caption == said
    (house,) = boxes(scene, "white house")
    assert all(each.bottom <= house.top + 8 for each in boxes(scene, "red balloon"))


def test_sky_and_ground_reach_from_side_to_side_and_meet() -> None:
    sky, ground = laid_out("grass and a blue sky").regions

    assert (sky.caption, ground.caption) == ("blue sky", "grass")
    assert box(sky)[0::2] == box(ground)[0::2] == (0, 128)
    assert box(sky).bottom == box(ground).top


@pytest.mark.parametrize(
    ("sentence", "is_so"),
    [
        ("a cat to the left of a dog", lambda one, other: one.right <= other.left + 1),
        ("a cat to the right of a dog", lambda one, other: one.left >= other.right - 1),
        ("a cat above a dog", lambda one, other: one.bottom <= other.top),
        ("a cat on a dog", lambda one, other: one.top < other.top < one.bottom + 6),
        ("a cat in front of a dog", lambda one, other: one.bottom > other.bottom),
        ("a cat behind a dog", lambda one, other: one.bottom < other.bottom),
        (
            "a cat next to a dog",
            lambda one, other: one.right <= other.left or one.left >= other.right,
        ),
    ],
)
def test_things_are_where_the_words_say(sentence: str, is_so) -> None:  # type: ignore[no-untyped-def]
    scene = laid_out(sentence)

    assert is_so(boxes(scene, "cat")[0], boxes(scene, "dog")[0])


def test_what_is_behind_lies_below_and_what_is_in_front_on_top() -> None:
    assert [each.caption for each in laid_out("a cat behind a dog").regions] == ["cat", "dog"]
    assert [each.caption for each in laid_out("a cat in front of a dog").regions] == ["dog", "cat"]


def test_between_lies_in_the_middle_of_both() -> None:
    scene = laid_out("a bird between a tree and a house")

    (bird,), (tree,), (house,) = (boxes(scene, name) for name in ("bird", "tree", "house"))
    middle = (bird.left + bird.right) / 2
    assert (tree.left + tree.right) / 2 < middle < (house.left + house.right) / 2


def test_places_and_sizes_are_followed() -> None:
    scene = laid_out("a big tree on the left, a small tree on the right")

    left, right = sorted(boxes(scene, "tree"))
    assert left.right < 64 < right.left
    assert left.extent.height > 1.5 * right.extent.height


def test_what_was_named_before_is_the_same_thing() -> None:
    scene = laid_out("a house and a dog in front of the house")

    assert sorted(each.caption for each in scene.regions) == ["dog", "house"]


def test_a_part_belongs_to_its_thing_and_what_stands_on_something_does_not() -> None:
    assert [each.caption for each in laid_out("a house with a red roof").regions] == [
        "house with red roof"
    ]
    assert [each.caption for each in laid_out("a table with two cups").regions] == [
        "table",
        "cup",
        "cup",
    ]


def test_shapes_of_things_are_hints_and_bands_are_borders() -> None:
    sky, moon = laid_out("the moon in a night sky").regions

    assert (sky.gamma, moon.gamma) == (None, 0.5)
    assert moon.mask.area < 0.85 * moon.mask.extent.width * box(moon).extent.height


def test_chinese_is_laid_out_with_its_own_words_as_captions() -> None:
    scene = laid_out("左边有一棵树,桌子上有两只猫。天空中有三个红色的气球")

    captions = [each.caption for each in scene.regions]
    assert captions.count("猫") == 2
    assert captions.count("红色的气球") == 3
    assert captions[0] == "天空"
    assert boxes(scene, "树")[0].right < 64
    assert all(each.bottom < boxes(scene, "桌子")[0].bottom for each in boxes(scene, "猫"))


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("", "Say in a sentence"),
        ("  \n ", "Say in a sentence"),
        ("!?", "No thing is named"),
        ("there is", "No thing is named"),
        ("a tree " * 200, "letters long; 1000 at most"),
        (", ".join(["twelve cats"] * 4), "more than 40 things"),
    ],
)
def test_a_sentence_that_cannot_be_laid_out_is_told(sentence: str, told: str) -> None:
    with pytest.raises(PromptError, match=told):
        laid_out(sentence)


@pytest.mark.parametrize("extent", [Extent(16, 16), Extent(640, 32), Extent(32, 640)])
def test_every_region_covers_something_at_any_size(extent: Extent) -> None:
    scene = RuleLayouter().lay_out("ten tiny mice under a table on a beach, the sun above", extent)

    assert scene.extent == extent
    assert all(each.mask.area for each in scene.regions)
