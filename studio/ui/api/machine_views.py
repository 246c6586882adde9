"""How the model, its sizes and the machine look in JSON."""

from __future__ import annotations

from collections import Counter
from typing import Any, get_args

from studio.project.incoming import fitted
from studio.project.model_facts import ModelFacts
from studio.project.session import Session
from studio.project.store.disk import DiskBudget
from studio.scene.geometry import Extent
from studio.scene.sentences import say
from studio.service.studio import Studio
from studio.ui.api.fields import SceneFormat

_RATIOS = (
    (1, 1, say("square")),
    (4, 3, say("landscape")),
    (3, 4, say("portrait")),
    (3, 2, say("photo")),
    (2, 3, say("photo, upright")),
    (16, 9, say("wide")),
    (9, 16, say("tall")),
)


def model_view_of(studio: Studio) -> dict[str, Any]:
    facts, loaded = studio.facts, studio.loaded
    return {
        "name": facts.name,
        "digest": facts.digest,
        "token_pixels": facts.token_pixels,
        "size_step": facts.size_step,
        "size": list(facts.size),
        "sizes": [[*size, label] for size, label in sizes(facts)],
        "recommended": dict(facts.recommended),
        "caption_limit": facts.region_limit,
        "scene_caption_limit": facts.caption_limit,
        "vocabulary": None if facts.vocabulary is None else list(facts.vocabulary),
        "exports": list(get_args(SceneFormat)),
        "segmenter": loaded.segmenter.name if loaded else None,
        "mini": loaded is not None and loaded.settings.is_mini,
        "ready": loaded is not None,
        "error": studio.load_error,
    }


def status_view(studio: Studio, session: Session) -> dict[str, Any]:
    loaded, conditions, embeddings = (
        studio.loaded,
        studio.conditions.counts,
        studio.embeddings.counts,
    )
    return {
        "device": str(getattr(loaded.engine, "device", "cpu")) if loaded else None,
        "model": studio.facts.name if loaded else None,
        "model_digest": studio.facts.digest,
        "segmenter": loaded.segmenter.name if loaded else None,
        "ready": loaded is not None,
        "error": studio.load_error,
        "unused_card": unused_card_view(studio),
        "busy": studio.queue.running is not None,
        "queue": len(studio.queue.waiting),
        "cache": {
            "bytes": conditions.bytes_used + embeddings.bytes_used,
            "budget": conditions.budget + embeddings.budget,
            "on_devices": Counter(conditions.on_devices) + Counter(embeddings.on_devices),
            "device_budget": conditions.device_budget + embeddings.device_budget,
            "hits": conditions.hits + embeddings.hits,
            "misses": conditions.misses + embeddings.misses,
            "seconds_saved": round(conditions.seconds_saved + embeddings.seconds_saved, 2),
        },
        "saved_at": session.saved_at,
        "save_error": session.save_error,
        "disk": disk_view(studio.store.disk),
    }


def unused_card_view(studio: Studio) -> dict[str, Any] | None:
    """A graphics card that this torch cannot use, unless the processor was chosen."""
    card = studio.unused_card
    if card is None or studio.settings.device != "auto":
        return None
    return {"name": card.name, "torch": card.torch, "text": card.text, "command": card.command}


def disk_view(disk: DiskBudget) -> dict[str, Any]:
    """Bytes; `trouble` says why no more pictures are made, and what to do."""
    return {
        "used": disk.used,
        "limit": disk.most_bytes,
        "free": disk.free,
        "trouble": disk.trouble,
    }


def sizes(facts: ModelFacts) -> list[tuple[Extent, str]]:
    """Sizes of about the model's own area that divide as they must."""
    found: dict[Extent, str] = {facts.size: say("the model's own")}
    for across, down, shape in _RATIOS:
        label = say("{shape} {across}:{down}", shape=shape, across=across, down=down)
        found.setdefault(fitted(Extent(across, down), facts), label)
    return list(found.items())
