"""A photo that is being edited: the untouched file, and what its regions have become so far."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from studio.scene.errors import BadInput, ProjectFileError, SceneError
from studio.scene.geometry import Bounds, Extent
from studio.scene.photo_edit import Context, PhotoEdit, PhotoName
from studio.scene.photo_layer import Outside
from studio.scene.region import Region
from studio.scene.scene import Scene
from studio.scene.style import style_to_json

LARGEST_WORKING_SIDE = 2048
_SETTINGS = (
    "strength",
    "feather",
    "context",
    "match_colours",
    "subject",
    "contact_shadow",
    "fill",
)


@dataclass(frozen=True)
class Made:
    """What a region became.

    layer: PNG with opacity, in the photo's size and depth, of `box` in the photo; shown: the same
    for the page, of `shown_box` in the scene; mask: the digest of the shape it was made in; key:
    what it was made from; is_around: it is what lies round the subject.
    """

    layer: str
    box: Bounds
    shown: str
    shown_box: Bounds
    mask: str
    key: str
    seed: int
    is_around: bool = False


@dataclass(frozen=True)
class PhotoWork:
    """The edits of one photo. All of it is by reference and by region.

    original: the file as it came; made: the layers, by region; settled: what those regions were
    made from that the photo itself shows already; opacities: of layers that do not show wholly;
    context: a box is in pixels of the scene; subject: the region that stays while all else
    changes; contact_shadow: of that subject, 0 to 1; fill: a region without a caption is filled
    from its surroundings; outside: what was measured when the last edit ended.
    """

    original: str
    name: str
    extent: Extent
    made: Mapping[str, Made] = field(default_factory=dict[str, Made])
    settled: Mapping[str, str] = field(default_factory=dict[str, str])
    pinned: frozenset[str] = frozenset()
    opacities: Mapping[str, float] = field(default_factory=dict[str, float])
    strength: float = 1.0
    feather: float | None = None
    context: Context = None
    match_colours: bool | float = True
    subject: str | None = None
    contact_shadow: bool | float = False
    fill: bool = False
    outside: Outside | None = None

    @property
    def references(self) -> set[str]:
        """Everything in the project's folder that it needs."""
        layers = {name for made in self.made.values() for name in (made.layer, made.shown)}
        return {self.original} | layers

    @property
    def working_extent(self) -> Extent:
        return working_extent(self.extent)

    def opacity(self, region: str) -> float:
        return self.opacities.get(region, 1.0)

    def shows(self, region: Region) -> bool:
        """Whether the region's layer is there and is seen."""
        return (
            region.identity in self.made and region.is_visible and self.opacity(region.identity) > 0
        )

    def key(self, region: Region, scene: Scene) -> str:
        """What the region's picture is made from; a subject's is the world, of which the scene's
        caption tells."""
        own = region_key(region)
        if region.identity != self.subject:
            return own
        caption = hashlib.blake2b(repr(scene.caption).encode(), digest_size=8).hexdigest()
        return f"{own} {caption}"

    def is_to_do(self, region: Region, scene: Scene) -> bool:
        """Its picture is still to be made, or is of an earlier caption, shape or seed."""
        identity = region.identity
        if not region.is_visible or identity in self.pinned:
            return False
        made = self.made.get(identity)
        return self.key(region, scene) != (made.key if made else self.settled.get(identity))

    def to_do(self, scene: Scene) -> tuple[str, ...]:
        return tuple(region.identity for region in scene.regions if self.is_to_do(region, scene))

    def with_made(self, made: Mapping[str, Made], outside: Outside | None) -> PhotoWork:
        settled = {name: key for name, key in self.settled.items() if name not in made}
        return replace(self, made={**self.made, **made}, settled=settled, outside=outside)

    def only(self, identities: Collection[str]) -> PhotoWork:
        """Without what belongs to regions that are no longer there."""
        names = set(identities)
        known = {*self.made, *self.settled, *self.pinned, *self.opacities, self.subject} - {None}
        if known <= names:
            return self
        return replace(
            self,
            made={name: made for name, made in self.made.items() if name in names},
            settled={name: key for name, key in self.settled.items() if name in names},
            pinned=self.pinned & names,
            opacities={name: each for name, each in self.opacities.items() if name in names},
            subject=self.subject if self.subject in names else None,
        )

    def photo_edit(
        self, photo: Any, working: Extent, *, makes_the_world: bool = False
    ) -> PhotoEdit:
        """What the engine is asked for, of the photo as it is under these regions."""
        return PhotoEdit(
            photo,
            strength=self.strength,
            feather=self.feather,
            context=_in_photo(self.context, working, self.extent),
            match_colours=self.match_colours,
            keep_subject=makes_the_world,
            contact_shadow=self.contact_shadow,
        )


def region_key(region: Region) -> str:
    """A digest of what a region's picture is made from, as far as the region decides it."""
    parts: list[Any] = [
        region.mask.digest,
        region.caption,
        region.gamma,
        region.seed,
        region.strength,
        region.feather,
    ]
    if region.style is not None:  # keys of what was made without one stay what they were
        parts.append(style_to_json(region.style))
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=12).hexdigest()


def working_extent(extent: Extent) -> Extent:
    """The size in which a photo is shown and drawn on: its own, but at most 2048 pixels long."""
    scale = min(1.0, LARGEST_WORKING_SIDE / max(extent))
    return Extent(*(max(1, round(side * scale)) for side in extent))


def scaled_box(box: Bounds, before: Extent, after: Extent) -> Bounds:
    """The pixels of a picture of another size that the box touches."""
    across, down = after.width / before.width, after.height / before.height
    return Bounds(
        int(box.left * across),
        int(box.top * down),
        min(after.width, -int(-box.right * across // 1)),
        min(after.height, -int(-box.bottom * down // 1)),
    )


def work_to_json(work: PhotoWork) -> dict[str, Any]:
    return {
        "original": work.original,
        "name": work.name,
        "extent": list(work.extent),
        "made": {name: made_to_json(made) for name, made in work.made.items()},
        "settled": dict(work.settled),
        "pinned": sorted(work.pinned),
        "opacities": dict(work.opacities),
        "outside": outside_to_json(work.outside),
        **{name: getattr(work, name) for name in _SETTINGS},
    }


def work_from_json(content: Any) -> PhotoWork:
    """ProjectFileError for what is no work of ours."""
    try:
        entry = dict(content)
        settings = {name: entry[name] for name in _SETTINGS if name in entry}
        work = PhotoWork(
            original=_text(entry["original"]),
            name=_text(entry["name"]),
            extent=Extent(*map(int, entry["extent"])),
            made={str(name): made_from_json(made) for name, made in entry["made"].items()},
            settled={str(name): _text(key) for name, key in entry["settled"].items()},
            pinned=frozenset(map(_text, entry["pinned"])),
            opacities={str(name): float(each) for name, each in entry["opacities"].items()},
            outside=outside_from_json(entry.get("outside")),
            **settings,
        )
        if isinstance(work.context, list):
            work = replace(work, context=tuple(cast("list[int]", work.context)))
        check_work(work)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, BadInput) as fault:
        raise ProjectFileError(
            "The project's photo edit cannot be read: {fault}", fault=fault
        ) from fault
    return work


def made_to_json(made: Made) -> dict[str, Any]:
    return {**vars(made), "box": list(made.box), "shown_box": list(made.shown_box)}


def made_from_json(content: Any) -> Made:
    entry = dict(content)
    for name in ("box", "shown_box"):
        entry[name] = Bounds(*map(int, entry[name]))
    for name in ("layer", "shown", "mask", "key"):
        _text(entry[name])
    return Made(**entry)


def outside_to_json(outside: Outside | None) -> dict[str, int] | None:
    if outside is None:
        return None
    return {"largest": outside.largest, "count": outside.count, "of": outside.of}


def outside_from_json(content: Any) -> Outside | None:
    return None if content is None else Outside(*(int(content[name]) for name in _OUTSIDE))


def check_work(work: PhotoWork) -> None:
    """A BadInput for a setting that cannot be."""
    Scene(*work.extent)
    PhotoEdit(
        PhotoName(""),
        strength=work.strength,
        feather=work.feather,
        context=work.context,
        match_colours=work.match_colours,
        contact_shadow=work.contact_shadow,
    )
    for opacity in work.opacities.values():
        check_opacity(opacity)


def check_opacity(opacity: float) -> None:
    if not 0 <= opacity <= 1:
        raise SceneError("The opacity is {opacity:g}; it must be 0 to 1.", opacity=opacity)


def references_of(variants: Iterable[Mapping[str, Made]]) -> set[str]:
    return {
        name for made in variants for each in made.values() for name in (each.layer, each.shown)
    }


_OUTSIDE = ("largest", "count", "of")


def _in_photo(context: Context, working: Extent, photo: Extent) -> Context:
    if not isinstance(context, tuple):
        return context
    across, down = photo.width / working.width, photo.height / working.height
    left, top, right, bottom = context
    return (
        round(left * across),
        round(top * down),
        max(round(left * across) + 1, round(right * across)),
        max(round(top * down) + 1, round(bottom * down)),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is missing")
    return value
