"""The engine against what the published implementation produced on tiny random weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import studio
from studio.engine.flux_engine import FluxEngine
from studio.engine.loading import load_engine
from studio.engine.sampling.latents import decode
from studio.engine.tokens.attention_mask import dense_mask
from studio.engine.tokens.membership import membership
from studio.engine.tokens.patch_grid import PatchGrid
from studio.scene.contour import contour_map

DATA = Path(__file__).parent.parent / "data" / "parity"
CASES = sorted(path.stem for path in (DATA / "cases").glob("*.json"))


def _is_disjoint(name: str) -> bool:
    masks = load_file(DATA / "cases" / f"{name}.safetensors")["masks"]
    return len(masks) > 1 and bool((masks.sum(dim=0) <= 1).all())


DISJOINT = [name for name in CASES if _is_disjoint(name)]
METHODS = {"hard": "isolate", "base": "align", "place": "place"}


@pytest.fixture(scope="module")
def engine() -> FluxEngine:
    return load_engine(DATA / "base", DATA / "lora", device="cpu")


def request_of(case: dict[str, Any], masks: np.ndarray) -> studio.RenderRequest:
    regions = [
        studio.Region(mask, region["caption"])
        for mask, region in zip(masks, case["regions"], strict=True)
    ]
    scene = studio.Scene(case["width"], case["height"], case["caption"], regions)
    sampling = studio.Sampling(
        steps=case["steps"],
        guidance=case.get("guidance", 3.5),
        gamma=case.get("gamma", 1.0),
        mask_method=METHODS[case.get("mask_method", "hard")],
        isolation_blocks=tuple(case.get("isolation_blocks", (2, 3))),
        contour_scale=case.get("cond_scale_factor", 1),
        filter_contour=case.get("filter", True),
        use_contour=case.get("use_cond", True),
        overlap="share",
        negative_caption=case.get("negative"),
        true_cfg=case.get("true_cfg", 1.0),
        caption_tokens=case.get("max_len", 512),
        region_tokens=case.get("reg_len", 50),
    )
    return studio.RenderRequest(scene, sampling)


@pytest.mark.parametrize("name", CASES)
def test_the_picture_is_the_published_one(engine: FluxEngine, name: str) -> None:
    case = json.loads((DATA / "cases" / f"{name}.json").read_text())
    saved = load_file(DATA / "cases" / f"{name}.safetensors")
    masks = saved["masks"].numpy().astype(bool)
    request = request_of(case, masks)

    conditions = engine.prepare(request)
    picture = engine.render(request, conditions, initial_latents=saved["init.latents"])
    velocity = first_velocity(engine, request, saved["init.latents"])

    scene = conditions.positive
    roles = scene.roles(scene.layout)
    assert torch.equal(dense_mask(roles, isolates=False), saved["mask.base"][0])
    if "mask.hard" in saved:
        assert torch.equal(dense_mask(roles, isolates=True), saved["mask.hard"][0])
    if "in.cond_ids" in saved:
        assert np.array_equal(scene.contour_positions, saved["in.cond_ids"][0].numpy())
        assert np.array_equal(contour_map(masks, request.scene.extent), saved["contour"].numpy())
    image = decode(engine._parts.vae, picture.latents, scene.grid)
    gaps = {
        "first velocity": gap(velocity, saved["step0.velocity"]),
        "final latents": gap(picture.latents, saved["final.latents"]),
        "final image": gap(image, saved["final.image"]),
    }
    print(name, gaps)  # noqa: T201 - the parity table, shown with pytest -s
    assert gaps["first velocity"] <= 1e-5
    assert gaps["final latents"] <= 1e-5
    assert gaps["final image"] <= 5e-5


@pytest.mark.parametrize("name", DISJOINT)
def test_a_scene_with_overlaps_is_the_hand_made_one_without(engine: FluxEngine, name: str) -> None:
    """The top region wins: what lies below may reach under it, and what is hidden is left out."""
    case = json.loads((DATA / "cases" / f"{name}.json").read_text())
    saved = load_file(DATA / "cases" / f"{name}.safetensors")
    masks = saved["masks"].numpy().astype(bool)
    by_hand = request_of(case, masks)
    regions = list(by_hand.scene.regions)
    everything = masks.any(axis=0)
    stacked = [studio.Region(masks[-1], "wholly hidden by the top one")]
    for place, region in enumerate(regions[:-1]):
        reaching = masks[place] | masks[place + 1 :].any(axis=0)
        stacked.append(studio.Region(everything if place == 0 else reaching, region.caption))
    stacked.append(regions[-1])
    scene = studio.Scene(case["width"], case["height"], case["caption"], stacked)
    overlapping = studio.RenderRequest(scene, by_hand.sampling).with_sampling(overlap="top")

    ours, theirs = engine.prepare(overlapping), engine.prepare(by_hand)
    picture = engine.render(overlapping, ours, initial_latents=saved["init.latents"])

    assert len(ours.positive.region_texts) == len(regions)
    assert np.array_equal(ours.positive.words, theirs.positive.words)
    assert np.array_equal(ours.positive.contour_positions, theirs.positive.contour_positions)
    assert torch.equal(ours.positive.contour, theirs.positive.contour)
    by_hand_picture = engine.render(by_hand, theirs, initial_latents=saved["init.latents"])
    assert torch.equal(picture.latents, by_hand_picture.latents)
    assert picture.images[0].tobytes() == by_hand_picture.images[0].tobytes()
    assert gap(picture.latents, saved["final.latents"]) <= 1e-5


@pytest.mark.parametrize("name", CASES)
def test_no_region_of_the_published_cases_is_thin(engine: FluxEngine, name: str) -> None:
    case = json.loads((DATA / "cases" / f"{name}.json").read_text())
    masks = load_file(DATA / "cases" / f"{name}.safetensors")["masks"].numpy().astype(bool)
    grid = PatchGrid(case["height"] // 16, case["width"] // 16, 16)
    for overlap in ("share", "top"):
        ours, published = (membership(masks, grid, overlap, way) for way in ("share", "published"))
        assert np.array_equal(ours.words, published.words)


def first_velocity(
    engine: FluxEngine, request: studio.RenderRequest, latents: torch.Tensor
) -> torch.Tensor:
    """The model's first prediction with the captions; the saved one is before true CFG, too."""
    velocities: list[torch.Tensor] = []
    request = request.with_sampling(true_cfg=1.0)
    engine.render(
        request, initial_latents=latents, on_step=lambda step: velocities.append(step.velocity)
    )
    return velocities[0]


def gap(ours: torch.Tensor, published: torch.Tensor) -> float:
    return float((ours - published).abs().max())
