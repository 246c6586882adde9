"""Which segmenter a name means, and reading SAM 2.1's weights from a folder or the hub."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.config import HOME
from studio.inventory.hub import fetch, is_hub_id
from studio.inventory.sam2 import SAM2_FILES, SAM2_SIZES, find_sam2, sam2_folder
from studio.scene.errors import DamagedWeights, MissingWeights, RequestError, WrongArchitecture
from studio.scene.sentences import say
from studio.segmentation.click.click_segmenter import ClickSegmenter

if TYPE_CHECKING:
    import torch

    from studio.segmentation.sam2.sam2_segmenter import Sam2Segmenter
    from studio.segmentation.segmenter import Segmenter

CLICK_NAMES = ("click", "classical")


def load_segmenter(
    name_or_path: str | Path | None = None, device: str = "auto", weights: Path = HOME / "weights"
) -> Segmenter:
    """None: the largest SAM 2.1 in `weights`, else the click segmenter; "click" forces that one.

    Otherwise a name ("sam2.1-tiny"), a folder or a hub id ("facebook/sam2.1-hiera-large").
    """
    folder = chosen_sam2(name_or_path, weights)
    return ClickSegmenter() if folder is None else load_sam2(folder, device)


def chosen_sam2(name_or_path: str | Path | None, weights: Path) -> Path | None:
    """The folder of the SAM 2.1 that is meant; None: the click segmenter is."""
    if name_or_path is None:
        return find_sam2(weights)
    name = str(name_or_path)
    return None if name in CLICK_NAMES else _folder(name, weights)


def load_sam2(folder: Path, device: str = "auto") -> Sam2Segmenter:
    """Read a folder with config.json and model.safetensors."""
    import torch

    from studio.segmentation.sam2.sam2_segmenter import Sam2Segmenter

    for file in SAM2_FILES:
        if not (folder / file).is_file():
            raise MissingWeights(_how_to_fetch(folder, file))
    place = device_of(device)
    model = _read_model(folder).to(place)
    model.requires_grad_(False)
    return Sam2Segmenter(
        model=model.eval(),
        name=folder.name,
        digest=f"sam2:{_weights_digest(folder / SAM2_FILES[1])}",
        dtype=torch.bfloat16 if place.type == "cuda" else torch.float32,
        embedding_dtype=torch.float16 if place.type == "cuda" else torch.float32,
    )


def _folder(name: str, weights: Path) -> Path:
    if Path(name).is_dir():
        return Path(name)
    if Path(name).is_file() or name.endswith((".pt", ".pth", ".bin", ".ckpt")):
        raise MissingWeights(
            "{name} is one file; give the folder that holds {files}. Pickles (.pt) are never read "
            "here; make a folder of Meta's SAM 2.1 once: python -m studio convert {name}",
            name=name,
            files=" and ".join(SAM2_FILES),
        )
    size = name.removeprefix("sam2.1-").removeprefix("hiera-").replace("base+", "base-plus")
    if size in SAM2_SIZES:
        return sam2_folder(weights, size)
    if is_hub_id(name):
        return _from_hub(name)
    raise MissingWeights(
        "There is no segmenter {name!r}. Give click, {names}, a folder, or a hub id such as "
        "facebook/sam2.1-hiera-large.",
        name=name,
        names=", ".join("sam2.1-" + s for s in SAM2_SIZES),
    )


def _from_hub(name: str) -> Path:
    try:
        return fetch(name, SAM2_FILES)
    except (OSError, ValueError) as fault:
        reason = str(fault).strip().splitlines()[0]
        raise MissingWeights(
            "{name} was not fetched: {reason} Put the files into a folder with\n    hf download "
            "{name} {files} --local-dir weights/{folder}",
            name=name,
            reason=reason,
            files=" ".join(SAM2_FILES),
            folder=name.split("/")[1],
        ) from fault


def _how_to_fetch(folder: Path, file: str) -> str:
    known = folder.name if folder.name.startswith("sam2.1-hiera-") else "sam2.1-hiera-large"
    return say(
        "{path} is missing. Fetch it with\n"
        "    hf download facebook/{known} {files} --local-dir {folder}\n"
        "or start with --segmenter click, which needs no weights.",
        path=folder / file,
        known=known,
        files=" ".join(SAM2_FILES),
        folder=folder,
    )


def device_of(device: str) -> torch.device:
    """auto: the first GPU, else the processor; RequestError for one that is not here."""
    import torch

    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        place = torch.device(device)
    except RuntimeError:
        raise RequestError(
            "There is no device {device!r}; give auto, cpu or cuda.", device=device
        ) from None
    if place.type == "cuda" and not torch.cuda.is_available():
        raise RequestError(
            "The device is {device!r}, but no CUDA device is found; give cpu.", device=device
        )
    return place


def _read_model(folder: Path) -> Any:
    import torch
    from safetensors import SafetensorError
    from transformers import Sam2Config, Sam2Model

    try:
        config = Sam2Config.from_pretrained(folder)
        # mismatches are collected, not raised, so that the message can name the tensor
        loaded: Any = Sam2Model.from_pretrained(
            folder,
            config=config,
            dtype=torch.float32,
            use_safetensors=True,
            local_files_only=True,
            ignore_mismatched_sizes=True,
            output_loading_info=True,
        )
        model, report = loaded
    except SafetensorError as fault:
        raise DamagedWeights(
            "{file} is damaged: {fault}. Fetch it again.", file=folder / SAM2_FILES[1], fault=fault
        ) from fault
    except (OSError, ValueError, TypeError, KeyError) as fault:
        reason = str(fault).strip().splitlines()[0]
        raise WrongArchitecture(
            "{folder} holds no SAM 2.1: {reason}", folder=folder, reason=reason
        ) from fault
    _check(folder, report)
    return model


def _check(folder: Path, report: dict[str, Any]) -> None:
    """Name the first tensor that is missing, of another shape, or not known."""
    for entry in sorted(report["mismatched_keys"]):
        name, found, wanted = entry
        raise WrongArchitecture(
            "{file}: {name} is {found}; this SAM 2.1 has {wanted}.",
            file=folder / SAM2_FILES[1],
            name=name,
            found=tuple(found),
            wanted=tuple(wanted),
        )
    file = folder / SAM2_FILES[1]
    for name in sorted(report["missing_keys"]):
        raise WrongArchitecture("{file} lacks {name}; it is no SAM 2.1.", file=file, name=name)
    for name in sorted(report["unexpected_keys"]):
        raise WrongArchitecture(
            "{file} has an unknown tensor {name}; it is no SAM 2.1.", file=file, name=name
        )


def _weights_digest(file: Path) -> str:
    """From the header and size alone plus samples of the data: a second for 900 MB is too long."""
    size = file.stat().st_size
    content = hashlib.blake2b(str(size).encode(), digest_size=8)
    with file.open("rb") as stream:
        for start in range(0, size, max(1, size // 64)):
            stream.seek(start)
            content.update(stream.read(65536))
    return content.hexdigest()
