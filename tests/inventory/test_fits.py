"""What a base needs in memory follows from the sizes of its models."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.inventory.base_files import folder_files
from studio.inventory.fits import Sizes, adapter_terms, fitting, main_memory, sizes_of
from tests.single_files import FLUX_DEV

MINI = Path(__file__).parents[2] / "weights" / "mini"
EVERY, IMAGE = adapter_terms(FLUX_DEV)
FLUX = Sizes(11_901_408_320, 4_762_310_656, 123_060_480, 83_819_683, EVERY, IMAGE)


def test_the_published_adapters_have_as_many_weights_as_their_files() -> None:
    # rank 64 times the inputs and outputs of 19 x 14 and 38 x 6 layers, counted by hand
    assert (EVERY, IMAGE) == (343_670_784, 250_281_984)


@pytest.mark.parametrize(
    ("card", "first"),
    [
        (80, ("none", "none")),
        (48, ("none", "none")),
        (24, ("none", "int8")),
        (16, ("none", "nf4")),
        (12, ("model", "nf4")),
        (8, ("group", "none")),
    ],
)
def test_a_card_is_offered_the_fastest_way_first(card: int, first: tuple[str, str]) -> None:
    way = fitting(FLUX, card)[0]
    assert (way.offload, way.quantize) == first


def test_a_packed_file_needs_what_it_has_and_is_not_quantised_again() -> None:
    packed = Sizes(**{**FLUX.__dict__, "packed": 6_800_000_000})
    ways = fitting(packed, 24)
    assert [(way.offload, way.quantize) for way in ways] == [
        ("none", "none"),
        ("model", "none"),
        ("group", "none"),
    ]
    assert ways[0].options == ""
    assert 21 < ways[0].gigabytes < 23
    assert main_memory(packed) == pytest.approx(16.7, abs=0.1)


def test_a_tiny_card_fits_nothing() -> None:
    assert fitting(FLUX, 2) == []


def test_a_base_in_folders_is_counted_too() -> None:
    sizes = sizes_of(folder_files(MINI))
    assert sizes is not None
    assert 13_000_000 < sizes.transformer < 14_000_000
    assert sizes_of(folder_files(MINI / "absent")) is None
