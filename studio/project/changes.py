"""What is different between two documents, in words and as a table."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from typing import Any, NamedTuple, cast

from studio.files.recipe import sampling_to_json
from studio.project.document import Document
from studio.scene.region import Region
from studio.scene.request import RenderRequest, Sampling
from studio.scene.sentences import in_a_row, say
from studio.scene.style import Style, style_to_json


class Change(NamedTuple):
    """One setting, before and after."""

    name: str
    before: str
    after: str


_NAMES = {
    "steps": say("steps"),
    "guidance": say("guidance"),
    "gamma": say("gamma"),
    "seed": say("seed"),
    "count": say("count"),
    "mask_method": say("method"),
    "isolation_blocks": say("isolation blocks"),
    "contour_scale": say("contour scale"),
    "filter_contour": say("filter contour"),
    "use_contour": say("use contour"),
    "overlap": say("overlap"),
    "thin_regions": say("thin regions"),
    "negative_caption": say("negative caption"),
    "true_cfg": say("CFG"),
    "sigmas": say("sigmas"),
    "styles": say("styles"),
}
_SILENT = {"draft", "caption_tokens", "region_tokens"}


def describe(before: Document | None, after: Document) -> str:
    """For the history: "gamma 0.6 -> 0.4; caption 2; shape 3"."""
    if before is None:
        return say("first picture")
    found: list[str] = [
        say(
            "{name} {before} -> {after}",
            name=change.name,
            before=change.before,
            after=change.after,
        )
        if _is_short(change)
        else change.name
        for change in setting_changes(before, after)
    ]
    found += _region_changes(before, after)
    found += _edit_changes(before, after)
    if len(found) > 6:
        found = [*found[:5], say("{count} more", count=len(found) - 5)]
    return in_a_row(found, "; ") or say("the same again")


def setting_changes(before: Document, after: Document) -> list[Change]:
    """Size, scene caption and sampling."""
    found: list[Change] = []
    if before.scene.extent != after.scene.extent:
        found.append(Change(say("size"), str(before.scene.extent), str(after.scene.extent)))
    if before.scene.caption != after.scene.caption:
        found.append(
            Change(say("scene caption"), before.scene.caption or "-", after.scene.caption or "-")
        )
    for field in fields(Sampling):
        old, new = getattr(before.sampling, field.name), getattr(after.sampling, field.name)
        if old != new and field.name not in _SILENT:
            name = _NAMES.get(field.name, field.name.replace("_", " "))
            found.append(Change(name, _shown(old), _shown(new)))
    return found


def request_key(request: RenderRequest, model_digest: str) -> str:
    """A digest of everything that decides the picture; names, locks and clicks do not."""
    scene = request.scene
    parts: dict[str, Any] = {
        "model": model_digest,
        "size": list(scene.extent),
        "caption": scene.caption,
        "regions": [
            [region.mask.digest, region.caption, region.gamma, *_of_an_edit(region)]
            for region in scene.visible_regions
        ],
        "sampling": sampling_to_json(request.sampling),
    }
    if request.edit is not None:
        parts["edit"] = [request.edit.digest, request.edit.settings()]
    text = json.dumps(parts, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _of_an_edit(region: Region) -> list[Any]:
    """Nothing where nothing is set: keys of earlier pictures stay what they were."""
    values = [region.seed, region.strength, region.feather]
    style = [] if region.style is None else [style_to_json(region.style)]
    return style if values == [None] * 3 else [*values, *style]


def _region_changes(before: Document, after: Document) -> list[str]:
    old = {region.identity: region for region in before.scene.regions}
    new = {region.identity: region for region in after.scene.regions}
    found: list[str] = []
    for number, region in enumerate(after.scene.regions, start=1):
        if region.identity not in old:
            found.append(say("new region {number}", number=number))
        else:
            found += _of_region(number, old[region.identity], region)
    removed = sum(identity not in new for identity in old)
    if removed:
        found.append(
            say("1 region removed")
            if removed == 1
            else say("{removed} regions removed", removed=removed)
        )
    kept_before = [identity for identity in old if identity in new]
    kept_after = [identity for identity in new if identity in old]
    if kept_before != kept_after:
        found.append(say("order"))
    return found


def _of_region(number: int, old: Region, new: Region) -> list[str]:
    found: list[str] = []
    if old.caption != new.caption:
        found.append(say("caption {number}", number=number))
    if old.mask != new.mask:
        found.append(say("shape {number}", number=number))
    if old.gamma != new.gamma:
        found.append(
            say(
                "gamma of {number} {before} -> {after}",
                number=number,
                before=_shown(old.gamma),
                after=_shown(new.gamma),
            )
        )
    if old.seed != new.seed:
        found.append(say("seed of {number}", number=number))
    if old.style != new.style:
        found.append(say("style of {number}", number=number))
    if (old.strength, old.feather) != (new.strength, new.feather):
        found.append(say("blending of {number}", number=number))
    if old.is_visible != new.is_visible:
        found.append(
            say("region {number} shown", number=number)
            if new.is_visible
            else say("region {number} hidden", number=number)
        )
    return found


_BLENDING = ("strength", "feather", "context", "match_colours", "contact_shadow", "fill")


def _edit_changes(before: Document, after: Document) -> list[str]:
    old, new = before.edit, after.edit
    if old is None or new is None:
        return [] if old is new else [say("edit of a photo") if old is None else say("sketch")]
    found: list[str] = []
    if old.original != new.original:
        found.append(say("another photo"))
    if any(getattr(old, name) != getattr(new, name) for name in _BLENDING):
        found.append(say("how the edit blends"))
    if old.subject != new.subject:
        found.append(say("subject"))
    return found


def _shown(value: Any) -> str:
    if value is None:
        return say("auto")
    if isinstance(value, bool):
        return say("on") if value else say("off")
    if isinstance(value, tuple):
        return _listed(cast("tuple[Any, ...]", value)) or "-"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _listed(values: tuple[Any, ...]) -> str:
    if not all(isinstance(each, Style) for each in values):
        return str(values)
    return ", ".join(f"{each.name} {each.strength:g}" for each in values)


def _is_short(change: Change) -> bool:
    return max(len(change.before), len(change.after)) <= 16
