"""The NVIDIA card of this computer, and which build of torch can use it.

PyPI has one torch for each system: on Linux the newest CUDA build, on Windows one without CUDA.
PyTorch's own index has the others. https://github.com/pytorch/pytorch/blob/main/RELEASE.md lists
the builds of a release and their cards; NVIDIA's CUDA release notes list the drivers.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass

WHEELS = "https://download.pytorch.org/whl"
DRIVERS = "https://www.nvidia.com/drivers"
# Windows puts it into System32; drivers of some years ago did not
_PLACES = ("C:/Program Files/NVIDIA Corporation/NVSMI/nvidia-smi.exe",)


@dataclass(frozen=True)
class Card:
    """What nvidia-smi tells of a card; None where it does not tell."""

    name: str
    driver: tuple[int, ...] | None = None
    capability: tuple[int, int] | None = None  # 8.9 is Ada


@dataclass(frozen=True)
class CudaBuild:
    """A CUDA build of the pinned torch: its oldest driver, and the cards it has code for."""

    name: str
    linux_driver: tuple[int, ...]
    windows_driver: tuple[int, ...]
    oldest: tuple[int, int]
    newest: tuple[int, int]

    def driver(self, system: str) -> tuple[int, ...]:
        return self.windows_driver if system == "Windows" else self.linux_driver

    def knows(self, card: Card) -> bool:
        return card.capability is None or self.oldest <= card.capability <= self.newest

    def runs_on(self, card: Card, system: str) -> bool:
        return card.driver is None or card.driver >= self.driver(system)


# torch 2.13 in the order of preference. It is also built for CUDA 13.2, which knows no more cards.
BUILDS = (
    CudaBuild("cu130", (580,), (580,), oldest=(7, 5), newest=(12, 9)),
    CudaBuild("cu126", (525, 60), (528, 33), oldest=(5, 0), newest=(9, 0)),
)


@dataclass(frozen=True)
class Wheels:
    """Which torch suits: its build, the index beside PyPI that has it, and what to tell the user.

    build: "cpu", a CUDA build, or None where PyPI's own is the only one.
    index: None where PyPI's own is the right one.
    """

    build: str | None
    index: str | None = None
    advice: str | None = None


@dataclass(frozen=True)
class UnusedCard:
    """A card that stands idle: what to say, and the command that mends it where one does."""

    name: str
    torch: str
    text: str
    command: str | None


def wheel_index(system: str, machine: str, card: Card | None) -> Wheels:
    """The torch for this computer. `system` and `machine` as `platform` names them."""
    without_cuda = Wheels("cpu", f"{WHEELS}/cpu") if system == "Linux" else Wheels(None)
    if card is None or system not in ("Linux", "Windows"):
        return without_cuda
    if system == "Windows" and machine.lower() not in ("amd64", "x86_64"):
        advice = f"torch has no CUDA build for Windows on {machine}; {card.name} stays idle."
        return Wheels(None, None, advice)
    build = next(filter(lambda each: each.knows(card) and each.runs_on(card, system), BUILDS), None)
    if build is None:
        return Wheels(without_cuda.build, without_cuda.index, _why_none(card, system))
    is_pypis_own = system == "Linux" and build is BUILDS[0]
    return Wheels(build.name, None if is_pypis_own else f"{WHEELS}/{build.name}")


def read_card() -> Card | None:
    """The most capable NVIDIA card; None without one."""
    program = shutil.which("nvidia-smi") or next(filter(os.path.exists, _PLACES), None)
    if program is None:
        return None
    for fields in ("name,driver_version,compute_cap", "name,driver_version"):  # the third is new
        command = [program, f"--query-gpu={fields}", "--format=csv,noheader"]
        try:
            answer = subprocess.run(command, capture_output=True, text=True, timeout=20)
        except (OSError, subprocess.TimeoutExpired):
            break
        if answer.returncode == 0:
            return parse_cards(answer.stdout)
    return Card("an NVIDIA card")  # its driver is at odds with itself, until the next start


def parse_cards(listing: str) -> Card | None:
    """The most capable of "name, driver, compute capability" lines."""
    cards: list[Card] = []
    for line in listing.splitlines():
        name, *rest = (part.strip() for part in line.split(","))
        numbers = [_numbers(part) for part in rest] + [None, None]
        driver, capability = numbers[:2]
        if name:
            pair = (capability[0], capability[-1]) if capability else None
            cards.append(Card(name, driver, pair))
    return max(cards, key=lambda card: card.capability or (0, 0), default=None)


def unused_card(
    card: Card | None, torch_version: str, cuda: str | None, python: str
) -> UnusedCard | None:
    """What to say where torch sees no GPU though there is a card.

    cuda: the CUDA that this torch was built for, None for none. `python` runs the command.
    """
    wheels = wheel_index(platform.system(), platform.machine(), card)
    if card is None:
        return None
    version = torch_version.split("+")[0]
    text = f"{card.name} is here, but this torch ({torch_version}) cannot use it."
    if wheels.build in (None, "cpu"):
        told = f"{text} {wheels.advice or ''}".rstrip()
        return UnusedCard(card.name, torch_version, told, None)
    if cuda is not None and wheels.build == f"cu{cuda.replace('.', '')}":
        return None  # the right build: whoever hid the card from it meant to
    command = (
        f'{python} -m pip install "torch=={version}+{wheels.build}" '
        f"--extra-index-url {WHEELS}/{wheels.build}"
    )
    return UnusedCard(card.name, torch_version, text, command)


def _why_none(card: Card, system: str) -> str:
    known = [build for build in BUILDS if build.knows(card)]
    if not known:
        return f"torch no longer has code for {card.name}; the studio runs on the processor."
    needed = _dotted(min(build.driver(system) for build in known))
    return (
        f"{card.name} has driver {_dotted(card.driver or ())} and needs {needed} or newer; until "
        f"then the studio runs on the processor. Update it from {DRIVERS}, then see what "
        "`python launch.py doctor` says."
    )


def _numbers(text: str) -> tuple[int, ...] | None:
    parts = text.split(".")
    return tuple(int(part) for part in parts) if all(part.isdigit() for part in parts) else None


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))
