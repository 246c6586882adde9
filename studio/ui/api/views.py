"""How documents, jobs, history and the machine look in JSON."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any, cast

from studio.jobs.jobs import Job
from studio.project.document import Document
from studio.project.fidelity import Fidelity
from studio.project.hints import Hint, Survey, hints, survey
from studio.project.history import Node
from studio.project.leak_fixes import leak_fixes
from studio.project.model_facts import ModelFacts
from studio.project.photo_work import outside_to_json
from studio.project.session import Session
from studio.project.store.project_list import ProjectSummary
from studio.project.strips import Strip
from studio.scene.errors import BadInput
from studio.scene.mask import Mask
from studio.scene.region import Region
from studio.scene.request import Sampling
from studio.scene.run_lengths import shape_of
from studio.scene.scene import Scene
from studio.scene.style import style_to_json
from studio.service.renders import Outcome, is_current
from studio.service.studio import Studio
from studio.service.styles import missing_styles
from studio.ui.api.photo_views import edit_view, of_region
from studio.ui.api.word_views import word_view


def document_view(studio: Studio, session: Session) -> dict[str, Any]:
    document, facts = session.document, studio.facts
    scene = document.scene
    found = survey(document, facts)
    fidelity = shown_fidelity(studio, session)
    return {
        "revision": session.revision,
        "width": scene.width,
        "height": scene.height,
        "caption": scene.caption,
        "caption_tokens": found.scene_caption.tokens if found.scene_caption else 0,
        "caption_limit": facts.caption_limit,
        "photo": document.photo,
        "photo_size": list(scene.extent) if document.photo else None,
        "edit": edit_view(document),
        "regions": [
            _region_view(number, region, document, found, facts)
            | of_region(document, region)
            | {"fidelity": fidelity.get(region.identity)}
            for number, region in enumerate(scene.regions, start=1)
        ],
        "sampling": _sampling_view(document.sampling),
        "effective": effective(studio, document),
        "missing_styles": [
            style.digest for style in missing_styles(document, studio.settings.styles)
        ],
        "hints": hint_views(hints(document, found, facts)),
        "undo": session.timeline.undo_label,
        "redo": session.timeline.redo_label,
        "saved_at": session.saved_at,
    }


def shapes_of(scene: Scene) -> dict[str, Any]:
    return {region.identity: shape_of(region.mask) for region in scene.regions}


def changed_shapes(before: Scene, after: Scene) -> dict[str, Any]:
    """The shapes of regions that are new or whose mask is another; all if the size changed."""
    if before.extent != after.extent:
        return shapes_of(after)
    known = {region.identity: region.mask for region in before.regions}
    return {
        region.identity: shape_of(region.mask)
        for region in after.regions
        if known.get(region.identity) != region.mask
    }


def hint_views(found: list[Hint]) -> list[dict[str, Any]]:
    return [
        {
            "id": f"{hint.kind}:{hint.region or number}",
            "kind": hint.kind,
            "level": "warning" if hint.is_warning else "note",
            "region": hint.region,
            "text": hint.text,
            "fixes": fix_views(hint.fixes),
            "values": hint.values,
        }
        for number, hint in enumerate(found)
    ]


def fix_views(fixes: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    return [{"id": fix, "label": label} for fix, label in fixes]


def effective(studio: Studio, document: Document) -> dict[str, Any]:
    """The settings with every null resolved by the model, as far as the scene can be rendered."""
    loaded = studio.loaded
    if loaded is None:
        return _sampling_view(document.sampling)
    try:
        return _sampling_view(loaded.engine.resolve(document.request).sampling)
    except BadInput:
        known = dict(loaded.facts.recommended)
        own = _sampling_view(document.sampling)
        return {name: known.get(name) if value is None else value for name, value in own.items()}


def job_view(studio: Studio, job: Job) -> dict[str, Any]:
    progress, result = job.progress, job.result
    view: dict[str, Any] = {
        "id": job.identity,
        "kind": "measure" if job.spec.kind == "peek" else job.spec.kind,
        "state": job.state,
        "position": studio.queue.position(job),
        "phase": progress.phase,
        "step": progress.step,
        "steps": progress.steps,
        "seconds": round(job.seconds, 2),
        "seconds_left": None if progress.seconds_left is None else round(progress.seconds_left, 2),
        "error": job.error,
        "suspicious": job.suspicion,
        "node": result.node if isinstance(result, Outcome) else None,
        "strip": result if job.spec.kind in ("strip", "auto_gamma") else None,
        "summary": result.summary if isinstance(result, Outcome) else None,
    }
    if job.spec.kind == "proposals" and job.state == "done":
        masks = cast("list[Mask]", result)
        view["proposals"] = [{"shape": shape_of(mask)} for mask in masks]
    return view | word_view(job)


def frame_view(job: Job, known: int | None) -> dict[str, Any] | None:
    """The newest preview, unless it is the one the page has."""
    progress = job.progress
    number = job.number * 100_000 + progress.frame_number
    if progress.frame is None or number == known:
        return None
    return {
        "job": job.identity,
        "number": number,
        "image": "data:image/jpeg;base64," + base64.b64encode(progress.frame).decode(),
        "step": progress.step,
        "steps": progress.steps,
    }


def history_view(session: Session) -> dict[str, Any]:
    return {
        "nodes": [_node_view(node) for node in session.history],
        "shown": session.history.shown,
        "base": session.history.base,
    }


def fidelity_view(fidelity: Fidelity) -> dict[str, Any]:
    return {
        "iou": fidelity.iou,
        "measurable": fidelity.iou is not None,
        "reason": fidelity.reason,
        "shows": fidelity.shows,
        "warning": fidelity.warning,
        "likeness": fidelity.likeness,
    }


def shown_fidelity(studio: Studio, session: Session) -> dict[str, Any]:
    node = next((node for node in session.history if node.identity == session.history.shown), None)
    if node is None:
        return {}
    return {
        identity: {
            **fidelity_view(each),
            "node": node.identity,
            "fixes": fix_views(leak_fixes(session.document, identity, studio.facts.blocks))
            if each.shows
            else [],
        }
        for identity, each in node.fidelity.items()
    }


def strip_views(session: Session) -> list[dict[str, Any]]:
    """The page shows the latest, so that one tells whether it is stale."""
    strips = list(session.strips.values())
    views = [strip_view(strip) for strip in strips]
    if strips:
        views[-1]["stale"] = not is_current(session, strips[-1])
    return views


def strip_view(strip: Strip) -> dict[str, Any]:
    return {
        "id": strip.identity,
        "at": strip.at,
        "seed": strip.seed,
        "items": [
            {
                "gamma": item.gamma,
                "image": item.image,
                "iou": item.iou,
                "overlaps": dict(item.overlaps),
            }
            for item in strip.items
        ],
        "done": strip.is_done,
        "wish": strip.wish,
        "found": strip.found,
        "note": strip.note,
        "stale": False,  # whether it shows an earlier scene; told of the latest
    }


def project_view(summary: ProjectSummary) -> dict[str, Any]:
    thumbnail = summary.thumbnail
    return {
        "id": summary.identity,
        "name": summary.name,
        "saved_at": summary.saved_at,
        "thumbnail": f"project/{summary.identity}/{thumbnail}" if thumbnail else None,
        "regions": summary.regions,
        "renders": summary.renders,
        "is_open": summary.is_open,
    }


def _region_view(
    number: int,
    region: Region,
    document: Document,
    found: Survey,
    facts: ModelFacts,
) -> dict[str, Any]:
    extent, read = document.scene.extent, found.captions[region.identity]
    box = region.mask.bounds
    owned = found.areas.get(region.identity, 0)
    return {
        "id": region.identity,
        "number": number,
        "name": region.name,
        "caption": region.caption,
        "gamma": region.gamma,
        "style": None if region.style is None else style_to_json(region.style),
        "visible": region.is_visible,
        "locked": region.is_locked,
        "slot": document.slots[region.identity],
        "mask": region.mask.digest,
        "box": None if box is None else list(box),
        "area": region.mask.area,
        "share": round(owned / (extent.width * extent.height), 5),
        "clicks": [list(click) for click in region.clicks],
        "tokens": found.tokens.get(region.identity, 0),
        "caption_tokens": read.tokens,
        "caption_limit": facts.region_limit,
        "unknown_words": list(read.unknown),
    }


def _sampling_view(sampling: Sampling) -> dict[str, Any]:
    view = dict(vars(sampling))
    view.pop("draft")
    view["styles"] = [style_to_json(style) for style in sampling.styles]
    return view


def _node_view(node: Node) -> dict[str, Any]:
    return {
        "id": node.identity,
        "parent": node.parent,
        "kind": node.kind,
        "at": node.at,
        "images": list(node.images),
        "thumbnail": node.thumbnail,
        "size": [node.width, node.height],
        "seed": node.seed,
        "gamma": node.gamma,
        "seconds": node.seconds,
        "changes": node.changes,
        "score": None if node.score is None else round(node.score, 4),
        "fidelity": {key: fidelity_view(each) for key, each in node.fidelity.items()},
        "measured": node.measured is not None,
        "star": node.is_starred,
        "summary": node.summary,
        "model": node.model,
        "notices": list(node.notices),
        "outside": outside_to_json(node.outside),
        "scores": dict(node.scores),
    }
