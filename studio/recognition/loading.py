"""Which finder, captioner and features a name means, and reading their weights."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from studio.config import Settings
from studio.inventory.hub import fetch, is_hub_id
from studio.inventory.known import KNOWN, download_command
from studio.inventory.recognisers import RECOGNISERS, Recogniser, find_recogniser, recogniser_in
from studio.recognition.agreement import Agreement
from studio.recognition.captioner import Captioner
from studio.recognition.features import FeatureReader
from studio.recognition.finder import Finder
from studio.recognition.frames.tracker import FrameTracker
from studio.recognition.measured_captioner import MeasuredCaptioner
from studio.recognition.measured_finder import MeasuredFinder
from studio.recognition.recognisers import MEASURED
from studio.recognition.word_agreement import WordAgreement
from studio.scene.errors import MissingWeights, WrongArchitecture
from studio.scene.sentences import say
from studio.segmentation.loading import chosen_sam2
from studio.segmentation.segmenter import Segmenter

_KINDS = {
    "finder": say("finder"),
    "captioner": say("captioner"),
    "features": say("model of features"),
    "agreement": say("judge of captions"),
}
_FILES = ("*.json", "*.safetensors", "*.txt", "*.model")


def load_finder(settings: Settings, segmenter: Segmenter) -> Finder:
    """`settings.finder`: None is the best that is found, "measured" needs no weights."""
    chosen = _chosen("finder", settings.finder, settings)
    if chosen is None:
        return MeasuredFinder()
    if chosen.family == "sam3":
        from studio.recognition.models.sam3_finder import read_sam3

        return read_sam3(chosen.folder, settings.device)
    if chosen.family == "clipseg":
        from studio.recognition.models.clipseg_finder import read_clipseg

        return read_clipseg(chosen.folder, settings.device, segmenter)
    from studio.recognition.models.grounding_finder import read_grounding

    return read_grounding(chosen.folder, settings.device, segmenter)


def load_captioner(settings: Settings) -> Captioner:
    """`settings.captioner`: None is the best that is found, "measured" needs no weights."""
    chosen = _chosen("captioner", settings.captioner, settings)
    if chosen is None:
        return MeasuredCaptioner()
    if chosen.family == "qwen2_5_vl":
        from studio.recognition.models.qwen_captioner import read_qwen

        return read_qwen(chosen.folder, settings.device)
    from studio.recognition.models.florence_captioner import read_florence

    return read_florence(chosen.folder, settings.device)


def load_features(settings: Settings) -> FeatureReader | None:
    """`settings.features`: None is the best that is found; "measured" is none of them."""
    chosen = _chosen("features", settings.features, settings)
    if chosen is None:
        return None
    from studio.recognition.models.dinov2_features import read_dinov2

    return read_dinov2(chosen.folder, settings.device)


def load_agreement(settings: Settings) -> Agreement:
    """`settings.agreement`: None is the best that is found, "measured" needs no weights."""
    chosen = _chosen("agreement", settings.agreement, settings)
    if chosen is None:
        return WordAgreement()
    from studio.recognition.models.clip_agreement import read_clip

    return read_clip(chosen.folder, settings.device)


def load_tracker(settings: Settings) -> FrameTracker:
    """What follows things through frames goes with the segmenter: SAM 2.1, or the click segmenter
    with optical flow."""
    folder = chosen_sam2(settings.segmenter, settings.weights)
    if folder is None:
        from studio.recognition.frames.flow_tracker import FlowTracker

        return FlowTracker()
    from studio.recognition.frames.sam2_tracker import read_sam2_video

    return read_sam2_video(folder, settings.device)


class _Chosen(NamedTuple):
    folder: Path
    family: str  # what its config calls itself


def _chosen(kind: Recogniser, name: str | None, settings: Settings) -> _Chosen | None:
    """The folder that a name means; None for what needs no weights."""
    if name == MEASURED:
        return None
    if name is None:
        folder = find_recogniser(settings.weights, kind)
        return None if folder is None else _Chosen(folder, str(recogniser_in(folder)))
    folder = _folder(kind, name, settings.weights)
    family = recogniser_in(folder)
    if family is None or RECOGNISERS[family].kind != kind:
        raise WrongArchitecture(
            "{folder} is no {kind}; its config.json has to say {families}.",
            folder=folder,
            kind=_KINDS[kind],
            families=" or ".join(each for each, own in RECOGNISERS.items() if own.kind == kind),
        )
    return _Chosen(folder, family)


def _folder(kind: Recogniser, name: str, weights: Path) -> Path:
    if Path(name).expanduser().is_dir():
        return Path(name).expanduser()
    if (weights / name).is_dir():
        return weights / name
    for known in KNOWN:
        if known.kind == kind and known.name.lower() == name.lower():
            raise MissingWeights(
                "{name} is not in {weights}. Get it: {command}",
                name=known.name,
                weights=weights,
                command=download_command(known, weights),
            )
    if is_hub_id(name):
        return _from_hub(name)
    raise MissingWeights(
        "There is no {kind} called {name!r}. Give {names}, a folder or a hub id.",
        kind=_KINDS[kind],
        name=name,
        names=", ".join((MEASURED, *(known.name for known in KNOWN if known.kind == kind))),
    )


def _from_hub(name: str) -> Path:
    try:
        return fetch(name, _FILES)
    except (OSError, ValueError) as fault:
        raise MissingWeights(
            "{name} is not here and was not fetched from the hub: {reason}",
            name=name,
            reason=str(fault).strip().splitlines()[0],
        ) from fault
