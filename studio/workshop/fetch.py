"""The drawings that things are cut out of: fetched once, checked, unpacked beside the run."""

from __future__ import annotations

import hashlib
import tarfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from studio.scene.errors import DamagedWeights, MissingWeights
from studio.training.trainer import Say

_SECONDS = 60  # without a byte before the download is given up
_LARGEST = 64 << 20  # bytes of a package, packed


@dataclass(frozen=True)
class Package:
    """A package of a registry: a .tgz and the digest it must have."""

    address: str
    sha512: str


# Microsoft's Fluent Emoji (MIT) as LobeHub packs them (MIT); see weights/mini/README.md.
FLUENT_EMOJI = Package(
    "https://registry.npmjs.org/@lobehub/fluent-emoji-3d/-/fluent-emoji-3d-1.1.0.tgz",
    "5a5ab69554ad4e7afc043a48274a449d328ee0bb83c71a931214ef46d0f50cb4"
    "45d267bba207914232a87a10c75ee549d9069e720979c1106feb4954006de1ee",
)


def fetched_drawings(folder: Path, say: Say, package: Package = FLUENT_EMOJI) -> Path:
    """The folder of the package's drawings (.webp); downloads them if it is not there yet."""
    unpacked = folder / "drawings"
    if unpacked.exists():
        return unpacked
    folder.mkdir(parents=True, exist_ok=True)
    say(f"fetching the drawings from {package.address}")
    packed = folder / "drawings.tgz"
    packed.write_bytes(_downloaded(package))
    beside = folder / "drawings.part"
    beside.mkdir(exist_ok=True)
    _unpack(packed, beside)
    beside.rename(unpacked)
    packed.unlink()
    return unpacked


def _downloaded(package: Package) -> bytes:
    try:
        with urllib.request.urlopen(package.address, timeout=_SECONDS) as answer:
            content = answer.read(_LARGEST)
    except (urllib.error.URLError, TimeoutError) as exc:
        raise MissingWeights(
            f"The drawings could not be fetched from {package.address} ({exc}). Try again, or "
            "give a folder of them with --drawings."
        ) from exc
    found = hashlib.sha512(content).hexdigest()
    if found != package.sha512:
        raise DamagedWeights(
            f"What came from {package.address} is not the expected package: its SHA-512 begins "
            f"with {found[:12]}, not {package.sha512[:12]}. Try again later."
        )
    return content


def _unpack(packed: Path, folder: Path) -> None:
    """The drawings alone, each by its bare name: nothing can land outside the folder."""
    with tarfile.open(packed) as archive:
        for member in archive:
            name = Path(member.name).name
            content = archive.extractfile(member) if name.endswith(".webp") else None
            if content is not None:
                (folder / name).write_bytes(content.read())
