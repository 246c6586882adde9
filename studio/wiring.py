"""The only module that knows every concrete class: settings in, working objects out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from studio.config import Settings, read_settings
from studio.installation.graphics_card import UnusedCard, read_card, unused_card
from studio.inventory.bases import find_base
from studio.inventory.known import shown_path
from studio.inventory.stock import locate
from studio.scene.errors import MissingWeights

if TYPE_CHECKING:
    from studio.engine.engine import Engine
    from studio.recognition.agreement import Agreement
    from studio.recognition.captioner import Captioner
    from studio.recognition.features import FeatureReader
    from studio.recognition.finder import Finder, SimilarFinder
    from studio.recognition.frames.tracker import FrameTracker
    from studio.recognition.recognisers import Recognisers
    from studio.segmentation.segmenter import Segmenter
    from studio.ui.web.way import Way


def load_engine(
    base: str | Path | None = None,
    adapters: str | Path | None = None,
    device: str = "auto",
    dtype: str = "auto",
    offload: str = "none",
    quantize: str = "none",
    comfyui: str | Path | None = None,
) -> Engine:
    """A folder, a file, a name in weights/ or a hub id becomes an engine.

    comfyui: another tool's folder in which files are looked for too. base None: the transformer
    that lies there, or else the embedded model.
    """
    return build_engine(
        read_settings(
            base=None if base is None else str(base),
            adapters=None if adapters is None else str(adapters),
            device=device,
            dtype=dtype,
            offload=offload,
            quantize=quantize,
            comfyui=None if comfyui is None else Path(comfyui),
        )
    )


def load_segmenter(name_or_path: str | Path | None = None, device: str = "auto") -> Segmenter:
    """None: SAM 2.1 if found in weights/, else the click segmenter; "click" forces that one."""
    return build_segmenter(read_settings(segmenter=_name(name_or_path), device=device))


def load_finder(name_or_path: str | Path | None = None, device: str = "auto") -> Finder:
    """None: the best found in weights/, else what measures colours and materials ("measured")."""
    settings = read_settings(finder=_name(name_or_path), device=device)
    return build_recognisers().finder(settings, build_segmenter(settings))


def load_similar_finder(features: str | Path | None = None, device: str = "auto") -> SimilarFinder:
    """None: by the best features found in weights/, else by measured looks ("measured")."""
    settings = read_settings(features=_name(features), device=device)
    from studio.recognition.recognisers import similar_finder

    return similar_finder(build_recognisers().features(settings), build_segmenter(settings))


def load_captioner(name_or_path: str | Path | None = None, device: str = "auto") -> Captioner:
    """None: the best found in weights/, else measured colour and material words ("measured")."""
    return build_recognisers().captioner(
        read_settings(captioner=_name(name_or_path), device=device)
    )


def load_features(name_or_path: str | Path | None = None, device: str = "auto") -> FeatureReader:
    """None: the best found in weights/; MissingWeights where there is none."""
    settings = read_settings(features=_name(name_or_path), device=device)
    features = build_recognisers().features(settings)
    if features is None:
        raise MissingWeights(
            "There are no features in {weights}. Get dinov2-small, see weights/README.md.",
            weights=settings.weights,
        )
    return features


def load_agreement(name_or_path: str | Path | None = None, device: str = "auto") -> Agreement:
    """None: the best found in weights/, else measured colour and material words ("measured")."""
    return build_recognisers().agreement(
        read_settings(agreement=_name(name_or_path), device=device)
    )


def load_tracker(segmenter: str | Path | None = None, device: str = "auto") -> FrameTracker:
    """Follows a thing through frames: SAM 2.1 if found in weights/, else optical flow ("click")."""
    from studio.recognition import loading

    return loading.load_tracker(read_settings(segmenter=_name(segmenter), device=device))


def build_engine(settings: Settings) -> Engine:
    from transformers.utils.logging import disable_progress_bar

    from studio.engine.loading import load_engine as load

    disable_progress_bar()  # its bars are over in a tenth of a second each
    base = find_base(settings.base, settings.weights, settings.comfyui)
    adapters = settings.adapters
    if adapters is not None:
        adapters = locate(adapters, settings.weights, "adapters")
    engine = load(
        base,
        adapters,
        device=settings.device,
        dtype=settings.dtype,
        offload=settings.offload,
        quantize=settings.quantize,
        compiles=settings.compiles,
    )
    engine.styles.folder = settings.styles
    return engine


def build_segmenter(settings: Settings) -> Segmenter:
    from studio.segmentation.loading import load_segmenter as load

    return load(settings.segmenter, settings.device, settings.weights)


def build_recognisers() -> Recognisers:
    """Builders of all that recognises things in pictures; each reads its weights when called."""
    from studio.recognition import loading
    from studio.recognition.recognisers import Recognisers

    return Recognisers(
        finder=loading.load_finder,
        captioner=loading.load_captioner,
        features=loading.load_features,
        agreement=loading.load_agreement,
    )


def _name(name_or_path: str | Path | None) -> str | None:
    return None if name_or_path is None else str(name_or_path)


def find_unused_card() -> UnusedCard | None:
    """A graphics card that is here and that the installed torch cannot use."""
    import torch

    if torch.cuda.is_available() or torch.backends.mps.is_available():
        return None
    python = shown_path(Path(sys.executable))
    return unused_card(read_card(), torch.__version__, torch.version.cuda, python)


def serve(
    settings: Settings,
    way: Way,
    *,
    opens_browser: bool = True,
    on_ready: Callable[[str], None] = lambda address: None,
) -> None:
    """Open the studio's page until the user or the system stops it. The model loads meanwhile.

    The very first page opens on an example.
    """
    os.environ["GRADIO_TEMP_DIR"] = str(settings.projects / ".gradio")  # else all users' /tmp
    from studio.service.studio import Builders, Studio
    from studio.ui.api.client import ACTIONS, Client
    from studio.ui.web import app
    from studio.ui.web.ending import Closing
    from studio.ui.web.entries import Entries, entries_file

    studio = Studio(settings, Builders(build_engine, build_segmenter, build_recognisers()))

    def look_for_card() -> None:  # on the device thread, after torch was imported there
        studio.unused_card = find_unused_card()

    studio.when_loaded(look_for_card)
    with Closing(studio.close):
        studio.start()
        entries = Entries(entries_file(settings.projects))
        app.serve(
            app.build_app(Client(studio), ACTIONS, way, entries),
            way,
            projects=settings.projects,
            fragment="" if studio.store.has_projects else "#example",
            opens_browser=opens_browser,
            on_ready=on_ready,
        )
        entries.save()
