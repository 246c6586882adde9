"""What will go wrong in a render, said before it runs, with a fix where there is one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from studio.engine.network.caption_reader import CaptionFacts
from studio.engine.tokens.membership import membership
from studio.engine.tokens.patch_grid import PatchGrid
from studio.project.document import Document
from studio.project.edits import delete_regions, edit_mask, merge_regions, reorder, set_region
from studio.project.known_words import nearest_known, reworded
from studio.project.leak_fixes import apply_leak_fix
from studio.project.model_facts import ModelFacts
from studio.project.photo_work import PhotoWork
from studio.scene.coverage import Overlap, ThinRegions, owned_areas
from studio.scene.geometry import Extent
from studio.scene.mask import Mask
from studio.scene.mask_edits import grow
from studio.scene.region import Region
from studio.scene.scene import Scene
from studio.scene.sentences import say

Kind = Literal[
    "vanishing",
    "thin",
    "caption-long",
    "unknown-word",
    "no-caption",
    "hidden",
    "uncovered",
    "same-caption",
    "no-region",
]


@dataclass(frozen=True)
class Hint:
    """One thing to know. `fixes` are pairs of what to ask for and its label."""

    kind: Kind
    text: str
    region: str | None = None
    is_warning: bool = True
    fixes: tuple[tuple[str, str], ...] = ()
    values: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Survey:
    """What the model will see of a scene, counted once for hints and for the region list."""

    areas: dict[str, int]  # pixels each visible region owns
    tokens: dict[str, int]
    rescued: frozenset[str]  # regions too thin for sampling, that are given tokens
    captions: dict[str, CaptionFacts]
    scene_caption: CaptionFacts | None
    uncovered: float  # share of the picture that no region owns


def survey(document: Document, facts: ModelFacts) -> Survey:
    scene, sampling = document.scene, document.sampling
    visible = scene.visible_regions
    masks = tuple(region.mask for region in visible)
    pixels, on_top = scene.width * scene.height, _areas_on_top(masks)
    areas = on_top if sampling.overlap == "top" else [mask.area for mask in masks]
    tokens, given = [0] * len(masks), tuple[int, ...]()
    if document.edit is None:  # of a photo the model sees crops, at a scale of its own
        tokens, given = _tokens(
            masks, scene.extent, facts.token_pixels, sampling.overlap, sampling.thin_regions
        )
    return Survey(
        areas={region.identity: areas[n] for n, region in enumerate(visible)},
        tokens={region.identity: tokens[n] for n, region in enumerate(visible)},
        rescued=frozenset(visible[n].identity for n in given),
        captions={region.identity: facts.read_caption(region.caption) for region in scene.regions},
        scene_caption=None if scene.caption is None else facts.read_caption(scene.caption),
        uncovered=(pixels - sum(on_top)) / pixels,
    )


@lru_cache(maxsize=8)  # captions change more often than masks
def _areas_on_top(masks: tuple[Mask, ...]) -> list[int]:
    """Pixels of each where the top one wins."""
    pixels, boxes = [mask.pixels for mask in masks], [mask.bounds for mask in masks]
    areas = owned_areas(pixels, "top", range(len(masks)), boxes)
    return [areas[index] for index in range(len(masks))]


@lru_cache(maxsize=8)
def _tokens(
    masks: tuple[Mask, ...],
    extent: Extent,
    token_pixels: int,
    overlap: Overlap,
    thin: ThinRegions,
) -> tuple[list[int], tuple[int, ...]]:
    """Tokens of each region as the model will hand them out, and which regions are given some.

    What is left over where a side does not divide by `token_pixels` counts for nothing.
    """
    grid = PatchGrid(extent.height // token_pixels, extent.width // token_pixels, token_pixels)
    height, width = grid.rows * token_pixels, grid.columns * token_pixels
    pixels = [np.ascontiguousarray(mask.pixels[:height, :width]) for mask in masks]
    members = membership(pixels, grid, overlap, thin, [mask.area for mask in masks])
    tokens = [0] * len(masks)
    for region, count in zip(members.kept, members.counts, strict=True):
        tokens[region] = count
    return tokens, tuple(members.kept[place] for place in members.rescued)


def hints(document: Document, found: Survey, facts: ModelFacts) -> list[Hint]:
    scene = document.scene
    result: list[Hint] = []
    for number, region in enumerate(scene.regions, start=1):
        if region.is_visible:
            result += _of_shape(number, region, found, facts)
            result += _of_caption(number, region, found.captions[region.identity], facts)
    result += _same_captions(scene)
    result += _of_scene(scene, found, facts)
    if document.edit is not None:
        result = [hint for hint in result if _is_of_edits(hint, document.edit)]
    return sorted(result, key=lambda hint: not hint.is_warning)


def apply_fix(document: Document, fix: str, facts: ModelFacts) -> tuple[Document, str]:
    """The document after a hint's fix, and in words what was done."""
    name, _, target = fix.partition(":")
    if name == "merge":
        return merge_regions(document, target.split("+")), "merge regions"
    number = document.number(target) if target else 0
    region = document.scene.region(target) if target else None
    if region is not None:
        against_leak = apply_leak_fix(document, name, target, facts.blocks)
        if against_leak is not None:
            return against_leak
        if name == "thicken":
            missing = facts.token_pixels + 1 - region.mask.inner_width
            by = max(1, math.ceil(missing / 2))
            thick = edit_mask(document, target, lambda mask: grow(mask, by))
            return thick, f"thicken region {number}"
        if name == "shorten":
            shorter = _shortened(region.caption, facts)
            return set_region(document, target, caption=shorter), f"shorten caption {number}"
        if name == "reword":
            known = reworded(region.caption, _meant(facts.read_caption(region.caption), facts))
            return set_region(document, target, caption=known), f"reword caption {number}"
        if name == "raise":
            others = [identity for identity in document.identities if identity != target]
            return reorder(document, [*others, target]), f"bring region {number} to the top"
        if name == "delete":
            return delete_regions(document, [target]), f"delete region {number}"
    return document, "nothing"


def _is_of_edits(hint: Hint, work: PhotoWork) -> bool:
    """Whether it is true of an edited photo too, where what is not drawn is simply kept."""
    if hint.kind == "no-caption":
        return not work.fill and hint.region not in (work.subject, *work.pinned)
    return hint.kind not in ("uncovered", "thin", "vanishing")


def _of_shape(number: int, region: Region, found: Survey, facts: ModelFacts) -> Iterator[Hint]:
    identity = region.identity
    if not found.areas[identity]:
        yield Hint(
            "hidden",
            say("Region {number} is wholly hidden by regions above it.", number=number),
            identity,
            fixes=((f"raise:{identity}", "bring to the top"), (f"delete:{identity}", "delete")),
        )
    elif identity in found.rescued and found.tokens[identity] == 1:
        yield Hint(
            "vanishing",
            say(
                "Region {number} is smaller than one patch of the model; it gets a single patch.",
                number=number,
            ),
            identity,
            fixes=((f"thicken:{identity}", "thicken"),),
        )
    elif region.mask.inner_width < facts.token_pixels:
        yield Hint(
            "thin",
            say(
                "Region {number} is thinner than the model's patches of {pixels} pixels.",
                number=number,
                pixels=facts.token_pixels,
            ),
            identity,
            is_warning=False,
            fixes=((f"thicken:{identity}", "thicken"),),
            values={"pixels": facts.token_pixels, "tokens": found.tokens[identity]},
        )


def _of_caption(
    number: int, region: Region, read: CaptionFacts, facts: ModelFacts
) -> Iterator[Hint]:
    if not region.caption.strip():
        text = say("Region {number} has no caption yet.", number=number)
        yield Hint("no-caption", text, region.identity)
    if read.tokens > facts.region_limit:
        yield Hint(
            "caption-long",
            say(
                "The caption of region {number} has {tokens} tokens; the last {lost} are not read.",
                number=number,
                tokens=read.tokens,
                lost=read.tokens - facts.region_limit,
            ),
            region.identity,
            fixes=((f"shorten:{region.identity}", "shorten"),),
            values={"tokens": read.tokens, "limit": facts.region_limit},
        )
    if read.unknown:
        yield _unknown(say("Region {number}", number=number), read, facts, region.identity)


def _of_scene(scene: Scene, found: Survey, facts: ModelFacts) -> Iterator[Hint]:
    if not scene.visible_regions:
        yield Hint("no-region", say("There is no region yet; draw one."), is_warning=False)
    elif found.uncovered > 0.005:
        share = max(1, round(100 * found.uncovered))
        who = (
            say("the scene's caption")
            if scene.caption
            else say("nothing: the scene has no caption")
        )
        yield Hint(
            "uncovered",
            say(
                "{share} % of the picture lies in no region; it follows {who}.",
                share=share,
                who=who,
            ),
            is_warning=False,
            values={"share": round(found.uncovered, 4)},
        )
    read = found.scene_caption
    if read is not None and read.tokens > facts.caption_limit:
        yield Hint(
            "caption-long",
            say(
                "The scene's caption has {tokens} tokens; the last {lost} are not read.",
                tokens=read.tokens,
                lost=read.tokens - facts.caption_limit,
            ),
            values={"tokens": read.tokens, "limit": facts.caption_limit},
        )
    if read is not None and read.unknown:
        yield _unknown(say("The scene's caption"), read, facts)


def _unknown(who: str, read: CaptionFacts, facts: ModelFacts, identity: str | None = None) -> Hint:
    words = ", ".join(read.unknown[:5])
    meant = _meant(read, facts)
    text = say("{who} uses words that this model does not know: {words}.", who=who, words=words)
    if meant:
        pairs = ", ".join(f"{word} \u2192 {known}" for word, known in meant.items())
        text = say("{said} Did you mean: {pairs}?", said=text, pairs=pairs)
    return Hint(
        "unknown-word",
        text,
        identity,
        fixes=((f"reword:{identity}", "use known words"),) if meant and identity else (),
        values={"words": list(read.unknown), "meant": meant},
    )


def _meant(read: CaptionFacts, facts: ModelFacts) -> dict[str, str]:
    """For unknown words, known ones that are near."""
    near = {word: nearest_known(word, facts.vocabulary or ()) for word in read.unknown}
    return {word: known for word, known in near.items() if known is not None}


def _same_captions(scene: Scene) -> Iterator[Hint]:
    """Two overlapping or touching regions of one caption are often meant as one; only a note."""
    seen: dict[str, Region] = {}
    for number, region in enumerate(scene.regions, start=1):
        caption = region.caption.strip().lower()
        if not caption or not region.is_visible:
            continue
        first = seen.setdefault(caption, region)
        if first is not region and (first.mask.pixels & region.mask.pixels).any():
            yield Hint(
                "same-caption",
                say("Region {number} overlaps another of the same caption.", number=number),
                region.identity,
                is_warning=False,
                fixes=((f"merge:{first.identity}+{region.identity}", "merge"),),
            )


def _shortened(caption: str, facts: ModelFacts) -> str:
    words = caption.split()
    while len(words) > 1 and facts.read_caption(" ".join(words)).tokens > facts.region_limit:
        words.pop()
    return " ".join(words).rstrip(",;: ")
