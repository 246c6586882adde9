"""Where weights lie: which are there, which are missing, and how to get them."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from studio.scene.errors import MissingWeights
from studio.scene.sentences import say

Kind = Literal["base", "adapters", "segmenter"]
BASE_FILE = "model_index.json"
OWN_ADAPTERS = "seg2any"  # a folder of this name inside a base holds the adapters made for it
ADAPTER_FILE = Path("default") / "pytorch_lora_weights.safetensors"
CONTOUR_FILE = Path("cond") / "pytorch_lora_weights.safetensors"
SAM2_FILES = ("config.json", "model.safetensors")
INCOMPLETE = "*.incomplete"  # what an interrupted `hf download` leaves


@dataclass(frozen=True)
class Known:
    """Published weights: where they come from and on which terms."""

    kind: Kind
    name: str  # also the folder in weights/
    repository: str
    gigabytes: float
    licence: str
    options: str = ""  # of `hf download`
    is_gated: bool = False


@dataclass(frozen=True)
class Found:
    """Weights that are there, or the way to get them."""

    kind: Kind
    name: str
    path: Path | None  # None: not there
    missing: str | None  # what hinders its use, in one sentence
    command: str | None  # the command that gets it
    note: str = ""

    @property
    def is_ready(self) -> bool:
        return self.path is not None and self.missing is None


_FLUX_OPTIONS = '--exclude "flux1-*.safetensors" "ae.safetensors"'
_SAM_OPTIONS = '--include "*.json" "model.safetensors"'
_SAM2_GIGABYTES = {"tiny": 0.16, "small": 0.18, "base-plus": 0.32, "large": 0.9}
SAM2_SIZES = tuple(reversed(_SAM2_GIGABYTES))  # the best that is found is taken
_HUB_FILES = ("*/*.safetensors", "*/*.json", "*/*.txt", "*/*.model", "*.json")
KNOWN = (
    Known(
        "base",
        "FLUX.1-dev",
        "black-forest-labs/FLUX.1-dev",
        34,
        "FLUX.1 [dev] non-commercial licence",
        _FLUX_OPTIONS,
        is_gated=True,
    ),
    Known(
        "base",
        "FLUX.1-Krea-dev",
        "black-forest-labs/FLUX.1-Krea-dev",
        34,
        "FLUX.1 [dev] non-commercial licence",
        _FLUX_OPTIONS,
        is_gated=True,
    ),
    Known(
        "base",
        "FLUX.1-schnell",
        "black-forest-labs/FLUX.1-schnell",
        34,
        "Apache-2.0",
        _FLUX_OPTIONS,
        is_gated=True,
    ),
    Known("adapters", "seg2any", "0xLDF/Seg2Any", 7, "Apache-2.0"),
    *(
        Known(
            "segmenter",
            f"sam2.1-hiera-{size}",
            f"facebook/sam2.1-hiera-{size}",
            gigabytes,
            "Apache-2.0",
            _SAM_OPTIONS,
        )
        for size, gigabytes in _SAM2_GIGABYTES.items()
    ),
)


def take_stock(weights: Path) -> list[Found]:
    """What lies in `weights`, then what is known and not there."""
    there = [*_bases(weights), *_adapters(weights), *_segmenters(weights)]
    names = {found.name for found in there}
    has_adapters = any(found.kind == "adapters" and found.name != "mini" for found in there)
    absent = [
        Found(known.kind, known.name, None, say("not downloaded"), download_command(known, weights))
        for known in KNOWN
        if known.name not in names and not (known.kind == "adapters" and has_adapters)
    ]
    return there + absent


def locate(name: str, weights: Path, kind: Kind) -> str:
    """A path as it is, the folder of what `weights` holds by that name, or a hub id as it is."""
    if Path(name).expanduser().exists():
        return str(Path(name).expanduser())
    for found in take_stock(weights):
        if found.kind == kind and found.name.lower() == name.lower():
            if found.path is None:
                raise MissingWeights(
                    "{name} is not in {weights}. Get it: {command}",
                    name=found.name,
                    weights=weights,
                    command=found.command,
                )
            return str(found.path)
    return name


def find_folder(source: str | Path, what: str) -> Path:
    """The local folder of `source`: itself, or the hub's copy of "owner/name"."""
    path = Path(source).expanduser()
    if path.is_dir():
        return path
    name = str(source)
    if path.exists() or not is_hub_id(name):
        raise MissingWeights(
            "{what} {name} is not a folder. See weights/README.md.", what=what, name=name
        )
    try:
        return fetch(name, _HUB_FILES)
    except (OSError, ValueError) as exc:
        raise MissingWeights(
            "{what} {name} is neither a folder here nor could it be fetched from the hub ({kind}: "
            "{fault}). FLUX.1-dev is gated: accept its licence on the hub and log in with 'hf "
            "auth login'.",
            what=what,
            name=name,
            kind=type(exc).__name__,
            fault=str(exc).splitlines()[0],
        ) from exc


def find_sam2(weights: Path) -> Path | None:
    """The folder of the largest SAM 2.1 that is wholly there."""
    folders = (sam2_folder(weights, size) for size in SAM2_SIZES)
    return next(
        (each for each in folders if all((each / file).is_file() for file in SAM2_FILES)), None
    )


def sam2_folder(weights: Path, size: str) -> Path:
    return weights / f"sam2.1-hiera-{size}"


def is_hub_id(name: str) -> bool:
    """Whether a name is an "owner/model" of the hub rather than a path."""
    return name.count("/") == 1 and not name.startswith((".", "/", "~"))


def fetch(repository: str, files: Iterable[str]) -> Path:
    """The folder of the hub's copy; raises OSError or ValueError where it cannot be had."""
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(repository, allow_patterns=list(files)))


def download_command(known: Known, weights: Path) -> str:
    hf = Path(sys.executable).with_name("hf")
    target = weights / known.name
    return " ".join(
        part
        for part in (
            shown_path(hf),
            "download",
            known.repository,
            known.options,
            f"--local-dir {shown_path(target)}",
        )
        if part
    )


def shown_path(path: Path) -> str:
    """Relative to where the user is, if it lies below; quoted if it has to be."""
    with contextlib.suppress(ValueError):
        path = path.relative_to(Path.cwd())
    return f'"{path}"' if " " in str(path) else str(path)


def _bases(weights: Path) -> Iterator[Found]:
    for index in sorted(weights.glob(f"*/{BASE_FILE}")):
        folder = index.parent
        missing = _incomplete(folder) or next(
            (
                say("{folder}/ has no safetensors", folder=part)
                for part in ("transformer", "vae", "text_encoder", "text_encoder_2")
                if not any((folder / part).glob("*.safetensors"))
            ),
            None,
        )
        command = _command_for(folder.name, weights) if missing else None
        yield Found("base", folder.name, folder, missing, command)


def _adapters(weights: Path) -> Iterator[Found]:
    folders = {file.parent.parent for file in weights.glob(f"**/{ADAPTER_FILE.as_posix()}")}
    folders |= {file.parent.parent for file in weights.glob(f"**/{CONTOUR_FILE.as_posix()}")}
    for folder in sorted(folders):
        name = folder.relative_to(weights).as_posix()
        note = "" if (folder / CONTOUR_FILE).is_file() else say("without contour branch (no cond/)")
        yield Found("adapters", name.removesuffix(f"/{OWN_ADAPTERS}"), folder, None, None, note)


def _segmenters(weights: Path) -> Iterator[Found]:
    yield Found("segmenter", "click", Path("click"), None, None, say("classical, needs no weights"))
    for config in sorted(weights.glob("sam2*/config.json")):
        folder = config.parent
        missing = _incomplete(folder)
        if missing is None and not (folder / "model.safetensors").is_file():
            missing = say("model.safetensors is not there")
        command = _command_for(folder.name, weights) if missing else None
        yield Found("segmenter", folder.name, folder, missing, command)


def _incomplete(folder: Path) -> str | None:
    if any(folder.glob(f".cache/**/{INCOMPLETE}")):
        return say("the download did not finish; the same command goes on with it")
    return None


def _command_for(name: str, weights: Path) -> str | None:
    return next((download_command(known, weights) for known in KNOWN if known.name == name), None)
