"""What lies in the weights folder, and what is known and not there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from studio.inventory.assembly import Places, assemble, single_files
from studio.inventory.comfyui import find_models_folder
from studio.inventory.known import KNOWN, Kind, command_for, download_command
from studio.inventory.layouts import ADAPTER_FILE, BASE_FILE, CONTOUR_FILE, OWN_ADAPTERS
from studio.inventory.recognisers import RECOGNISERS, recogniser_folders
from studio.scene.errors import MissingWeights, WeightsError
from studio.scene.sentences import Sentence, say

INCOMPLETE = "*.incomplete"  # what an interrupted `hf download` leaves


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


def take_stock(weights: Path, comfyui: Path | None = None) -> list[Found]:
    """What lies in `weights` and in another tool's folder, then what is known and not there."""
    there = [
        *_bases(weights),
        *_single_bases(weights, comfyui),
        *_adapters(weights),
        *_segmenters(weights),
        *_recognisers(weights),
    ]
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
        command = command_for(folder.name, weights) if missing else None
        yield Found("base", folder.name, folder, missing, command)


def _single_bases(weights: Path, comfyui: Path | None) -> Iterator[Found]:
    """Transformers in files of their own; each is ready if all that it needs is found."""
    places = Places(weights, find_models_folder(comfyui))
    known: set[str] = {index.parent.name.lower() for index in weights.glob(f"*/{BASE_FILE}")}
    for each in single_files(places):
        name = each.path.stem
        if name.lower() in known:
            continue
        known.add(name.lower())
        missing: Sentence | None = None
        try:
            assemble(each.path, places)
        except WeightsError as exc:
            missing = exc.args[0]
        yield Found("base", name, each.path, missing, None, each.text)


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
        command = command_for(folder.name, weights) if missing else None
        yield Found("segmenter", folder.name, folder, missing, command)


def _recognisers(weights: Path) -> Iterator[Found]:
    for folder, family in recogniser_folders(weights):
        missing = _incomplete(folder)
        if missing is None and not any(folder.glob("*.safetensors")):
            missing = say("no .safetensors file is there")
        command = command_for(folder.name, weights) if missing else None
        yield Found(RECOGNISERS[family].kind, folder.name, folder, missing, command)


def _incomplete(folder: Path) -> str | None:
    if any(folder.glob(f".cache/**/{INCOMPLETE}")):
        return say("the download did not finish; the same command goes on with it")
    return None
