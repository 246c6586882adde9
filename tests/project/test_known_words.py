"""A known word is offered for an unknown one: by meaning first, then by spelling."""

from __future__ import annotations

import pytest

from studio.project.known_words import nearest_known, reworded

KNOWN = ("blue", "boat", "cat", "dog", "grass", "mountain", "sand", "ship", "umbrella", "wolf")


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("puppy", "dog"),
        ("Puppies", "dog"),
        ("wolves", "wolf"),
        ("beach", "sand"),
        ("galleon", "ship"),
        ("moutain", "mountain"),
        ("umbrela", "umbrella"),
        ("bule", "blue"),
        ("zzblue", None),
        ("xylophone", None),
        ("gra", None),
        ("", None),
    ],
)
def test_the_nearest_known_word(word: str, known: str | None) -> None:
    assert nearest_known(word, KNOWN) == known


def test_the_nearer_of_two_meanings_comes_first() -> None:
    assert nearest_known("ferry", ("boat", "ship")) == "ship"
    assert nearest_known("ferry", ("boat",)) == "boat"


def test_a_model_that_reads_pieces_of_words_is_offered_nothing() -> None:
    assert nearest_known("puppy", ()) is None


def test_whole_words_of_a_caption_are_replaced() -> None:
    meant = {"puppy": "dog", "gras": "grass"}
    assert reworded("a puppy, on gras; grassy", meant) == "a dog, on grass; grassy"
