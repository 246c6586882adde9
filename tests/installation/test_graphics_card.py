"""Which torch suits which computer, and what is said of a card that stands idle."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from studio.installation.graphics_card import (
    WHEELS,
    Card,
    Wheels,
    parse_cards,
    read_card,
    unused_card,
    wheel_index,
)

ADA = Card("NVIDIA GeForce RTX 4060", (581, 15), (8, 9))
PASCAL = Card("NVIDIA GeForce GTX 1080", (581, 15), (6, 1))
BLACKWELL = Card("NVIDIA GeForce RTX 5070", (572, 16), (12, 0))
KEPLER = Card("NVIDIA GeForce GTX 780", (475, 14), (3, 5))
CPU = Wheels("cpu", f"{WHEELS}/cpu")


def test_windows_with_a_card_gets_a_torch_with_cuda() -> None:
    """PyPI's torch for Windows has none."""
    assert wheel_index("Windows", "AMD64", ADA) == Wheels("cu130", f"{WHEELS}/cu130")


def test_linux_with_a_card_takes_pypis_torch_which_has_cuda() -> None:
    assert wheel_index("Linux", "x86_64", ADA) == Wheels("cu130", None)
    assert wheel_index("Linux", "aarch64", ADA) == Wheels("cu130", None)


def test_without_a_card_nobody_downloads_cuda() -> None:
    assert wheel_index("Linux", "x86_64", None) == CPU
    assert wheel_index("Windows", "AMD64", None) == Wheels(None)


@pytest.mark.parametrize("card", [None, ADA])
def test_a_mac_takes_pypis_torch(card: Card | None) -> None:
    assert wheel_index("Darwin", "arm64", card) == Wheels(None)


@pytest.mark.parametrize(
    ("system", "machine", "driver", "build"),
    [
        ("Windows", "AMD64", (580, 0), "cu130"),
        ("Windows", "AMD64", (579, 99), "cu126"),
        ("Windows", "AMD64", (528, 33), "cu126"),
        ("Windows", "AMD64", (528, 32), None),
        ("Linux", "x86_64", (580, 65, 6), "cu130"),
        ("Linux", "x86_64", (550, 54, 14), "cu126"),
        ("Linux", "x86_64", (525, 60, 13), "cu126"),
        ("Linux", "x86_64", (525, 59), "cpu"),
    ],
)
def test_an_older_driver_gets_an_older_cuda(
    system: str, machine: str, driver: tuple[int, ...], build: str | None
) -> None:
    wheels = wheel_index(system, machine, Card(ADA.name, driver, (8, 9)))
    assert wheels.build == build
    is_pypis = build is None or (system == "Linux" and build == "cu130")
    assert wheels.index == (None if is_pypis else f"{WHEELS}/{build}")


def test_a_driver_too_old_for_any_cuda_is_named_with_the_one_that_is_needed() -> None:
    wheels = wheel_index("Windows", "AMD64", Card(ADA.name, (471, 11), (8, 9)))
    assert wheels.index is None
    assert wheels.advice is not None
    assert "has driver 471.11 and needs 528.33 or newer" in wheels.advice
    assert "https://www.nvidia.com/drivers" in wheels.advice


def test_an_old_card_gets_the_last_cuda_that_knows_it() -> None:
    assert wheel_index("Windows", "AMD64", PASCAL).build == "cu126"
    assert wheel_index("Linux", "x86_64", PASCAL) == Wheels("cu126", f"{WHEELS}/cu126")


def test_a_new_card_with_an_old_driver_is_told_to_update_it() -> None:
    wheels = wheel_index("Windows", "AMD64", BLACKWELL)
    assert wheels.build is None
    assert "needs 580 or newer" in (wheels.advice or "")


def test_a_card_that_no_build_knows_leaves_the_work_to_the_processor() -> None:
    wheels = wheel_index("Linux", "x86_64", KEPLER)
    assert (wheels.build, wheels.index) == ("cpu", CPU.index)
    assert "no longer has code for NVIDIA GeForce GTX 780" in (wheels.advice or "")


def test_a_card_that_tells_nothing_gets_the_newest_cuda() -> None:
    """Its driver was updated and waits for a new start, most likely."""
    assert wheel_index("Windows", "AMD64", Card("a card")).build == "cu130"


def test_windows_on_arm_has_no_cuda() -> None:
    wheels = wheel_index("Windows", "ARM64", ADA)
    assert wheels.index is None
    assert "no CUDA build for Windows on ARM64" in (wheels.advice or "")


def test_the_most_capable_of_several_cards_counts() -> None:
    listing = "NVIDIA GeForce GTX 1080, 581.15, 6.1\nNVIDIA GeForce RTX 4060, 581.15, 8.9\n"
    assert parse_cards(listing) == ADA
    assert parse_cards("NVIDIA GeForce GTX 780, 475.14") == Card(KEPLER.name, (475, 14))
    assert parse_cards("A, [N/A], [N/A]\n") == Card("A")
    assert parse_cards("\n") is None


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for nvidia-smi is a shell script")
@pytest.mark.parametrize(
    ("script", "card"),
    [
        ('echo "NVIDIA GeForce RTX 4060, 581.15, 8.9"', ADA),
        (
            'case "$1" in *compute_cap*) exit 2;; esac; echo "GTX 780, 475.14"',
            Card("GTX 780", (475, 14)),
        ),
        ("exit 9", Card("an NVIDIA card")),
        ("true", None),
    ],
)
def test_nvidia_smi_tells_card_and_driver(
    script: str, card: Card | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert read_card() == card


@pytest.mark.skipif(sys.platform != "linux", reason="it asks which system this is")
def test_an_idle_card_is_told_with_the_command_that_mends_it() -> None:
    found = unused_card(ADA, "2.13.0+cpu", None, "python")
    assert found is not None
    assert found.text == (
        "NVIDIA GeForce RTX 4060 is here, but this torch (2.13.0+cpu) cannot use it."
    )
    assert found.command == (
        'python -m pip install "torch==2.13.0+cu130" '
        "--extra-index-url https://download.pytorch.org/whl/cu130"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="it asks which system this is")
def test_a_torch_too_new_for_the_driver_is_replaced_by_an_older_cuda() -> None:
    card = Card(ADA.name, (550, 54), (8, 9))
    found = unused_card(card, "2.13.0+cu130", "13.0", "python")
    assert found is not None
    assert "cu126" in (found.command or "")


def test_nothing_is_said_without_a_card_or_when_the_right_torch_was_kept_from_it() -> None:
    assert unused_card(None, "2.13.0+cpu", None, "python") is None
    assert unused_card(ADA, "2.13.0+cu130", "13.0", "python") is None


def test_no_command_is_told_where_only_a_driver_mends_it() -> None:
    found = unused_card(Card(ADA.name, (400, 1), (8, 9)), "2.13.0", "13.0", "python")
    assert found is not None
    assert found.command is None
    assert "Update it from" in found.text
