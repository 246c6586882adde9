"""Whatever the photo, the mask and the model: not a pixel outside the regions moves.

The model here paints noise, for the proof must not lean on a good one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch import Tensor

from studio.engine.photo.edit_conditions import prepare_edit
from studio.engine.photo.render import EditRender
from studio.engine.photo.resolve import resolve_edit
from studio.engine.sampling.conditions import Conditions, PrepareReport
from studio.engine.sampling.prepare import place_regions
from studio.engine.sampling.recommended import Recommended
from studio.engine.sampling.resolve import ModelTraits, resolve
from studio.engine.sampling.scene_tokens import SceneTokens
from studio.engine.tokens.patch_grid import PatchGrid
from studio.scene.photo import Photo
from studio.scene.photo_edit import PhotoEdit
from studio.scene.photo_layer import composite
from studio.scene.region import Click, Region
from studio.scene.request import RenderRequest, ResolvedRequest, Sampling
from studio.scene.scene import Scene
from tests.builders import box_mask

CHANNELS = 16
TRAITS = ModelTraits("noise", Recommended(width=64, height=64), 16, 1, 2)


class NoisePainter:
    """An engine whose pictures are noise, made in microseconds."""

    def resolve(self, request: RenderRequest) -> ResolvedRequest:
        return resolve(request, TRAITS)

    def conditions(self, request: ResolvedRequest, fetch: Any) -> Conditions:
        placed = place_regions(request.rendered, 16, request.sampling)
        none = torch.zeros(0, CHANNELS)
        tokens = SceneTokens(None, (), none, placed.grid, placed.words, none, np.zeros((0, 3)))
        return Conditions(request, tokens, None, (), PrepareReport())

    def noise(self, conditions: Conditions) -> Tensor:
        count = conditions.request.sampling.count
        return torch.rand(count, conditions.positive.grid.count, CHANNELS)

    def sigmas(self, conditions: Conditions) -> Tensor:
        return torch.tensor([1.0, 0.5])

    def sample(self, batch: Any, painter: Any, counter: Any, cancel: Any) -> Tensor:
        return torch.cat([each.follow.held(each.start, 0.5, 0.0) for each in batch])

    def encode(self, pixels: np.ndarray) -> Tensor:
        return torch.zeros(1, pixels.size // 3 // 256, CHANNELS)

    def decode(self, latents: Tensor, grid: PatchGrid) -> np.ndarray:
        shape = (grid.rows * 16, grid.columns * 16, 3)
        return np.random.default_rng(1).uniform(0, 255, shape).astype(np.float32)

    def preview_matrix(self) -> Any:
        return ()


def edited(request: RenderRequest) -> EditRender:
    engine = NoisePainter()
    resolved = resolve_edit(request, TRAITS)
    conditions = prepare_edit(engine, resolved, lambda key, make: make())
    render = EditRender.of(engine, conditions)
    render.run(None, None)
    return render


def mask_of(kind: str, width: int, height: int, random: np.random.Generator) -> np.ndarray:
    """A shape somewhere, often over the photo's border; never empty."""
    rows, columns = np.ogrid[:height, :width]
    across, down = random.uniform(0, width), random.uniform(0, height)
    wide, high = random.uniform(1, width), random.uniform(1, height)
    mask = {
        "box": (abs(columns - across) < wide / 2) & (abs(rows - down) < high / 2),
        "oval": ((columns - across) / wide) ** 2 + ((rows - down) / high) ** 2 < 0.25,
        "specks": random.random((height, width)) < random.uniform(0.001, 0.9),
        "line": np.broadcast_to(rows == int(down), (height, width)).copy(),
        "all": np.ones((height, width), np.bool_),
    }[kind]
    mask[min(int(down), height - 1), min(int(across), width - 1)] = True
    return mask


sides = st.one_of(st.integers(17, 90), st.sampled_from([17, 64, 255, 257, 400]))


CASES = st.fixed_dictionaries(
    {
        "size": st.tuples(sides, sides),
        "channels": st.sampled_from([(), (2,), (3,), (4,)]),
        "kind": st.sampled_from([np.uint8, np.uint16]),
        "shapes": st.lists(
            st.sampled_from(["box", "oval", "specks", "line", "all"]), min_size=1, max_size=3
        ),
        "clicks": st.sampled_from([(), (Click(1, 1, 1),)]),
        "seed": st.integers(0, 2**32),
    }
)
EDITS = st.fixed_dictionaries(
    {
        "strength": st.floats(0.01, 1),
        "feather": st.one_of(st.none(), st.floats(0, 40)),
        "context": st.sampled_from([None, "region", "whole"]),
        "match_colours": st.sampled_from([False, True, 0.5]),
    }
)
SAMPLINGS = st.fixed_dictionaries(
    {"count": st.integers(1, 2), "overlap": st.sampled_from(["top", "share"])}
)


@settings(max_examples=60)
@given(CASES, EDITS, SAMPLINGS)
def test_nothing_outside_the_regions_moves(
    case: dict[str, Any], edit: dict[str, Any], sampling: dict[str, Any]
) -> None:
    nothing_outside_moves(case, edit, sampling)


@pytest.mark.slow
@settings(max_examples=300)
@given(CASES, EDITS, SAMPLINGS)
def test_nothing_outside_the_regions_ever_moves(
    case: dict[str, Any], edit: dict[str, Any], sampling: dict[str, Any]
) -> None:
    nothing_outside_moves(case, edit, sampling)


def nothing_outside_moves(
    case: dict[str, Any], edit: dict[str, Any], sampling: dict[str, Any]
) -> None:
    random, (width, height) = np.random.default_rng(case["seed"]), case["size"]
    kind, channels = case["kind"], case["channels"]
    highest = np.iinfo(kind).max
    photo = random.integers(0, highest, (height, width, *channels), kind, endpoint=True)
    masks = [mask_of(shape, width, height, random) for shape in case["shapes"]]
    regions = [Region(mask, "b", clicks=case["clicks"]) for mask in masks]
    scene = Scene(width, height, "a", regions)
    request = RenderRequest(scene, Sampling(steps=2, **sampling), PhotoEdit(photo, **edit))
    found = edited(request).finished()
    changed = np.any(masks, axis=0)
    assert found["outside"] == (0, 0)
    each = len(found["layers"]) // sampling["count"]
    for number in range(sampling["count"]):
        made = composite(photo, found["layers"][number * each : (number + 1) * each])
        assert (made.shape, made.dtype) == (photo.shape, photo.dtype)
        assert np.array_equal(made[~changed], photo[~changed])
        assert Photo(made, "").image().tobytes() == found["images"][number].tobytes()
        if channels in ((2,), (4,)):
            assert np.array_equal(made[..., -1], photo[..., -1])


@settings(max_examples=60)
@given(size=st.tuples(sides, sides), shape=st.sampled_from(["box", "oval", "specks", "line"]),
       others=st.integers(0, 2), seed=st.integers(0, 2**32))  # fmt: skip
@pytest.mark.slow
def test_nothing_of_a_kept_subject_ever_moves(
    size: tuple[int, int], shape: str, others: int, seed: int
) -> None:
    random, (width, height) = np.random.default_rng(seed), size
    photo = random.integers(0, 256, (height, width, 3), np.uint8)
    subject = mask_of(shape, width, height, random)
    subject[0, 0] = False  # something is left to change
    subject[-1, -1] = True
    regions = [Region(subject, "a cat")]
    regions += [Region(mask_of("oval", width, height, random), "b") for _ in range(others)]
    request = RenderRequest(
        Scene(width, height, "a", regions), Sampling(steps=2), PhotoEdit(photo, keep_subject=True)
    )
    found = edited(request).finished()
    made = np.asarray(found["images"][0])
    assert found["outside"] == (0, 0)
    assert np.array_equal(made[subject], photo[subject])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photo_is_edited_upright(orientation: int) -> None:
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (30, 44, 3), np.uint8))
    image.getexif()[0x0112] = orientation
    edit = PhotoEdit(image)
    upright = Photo.of(image)
    width, height = upright.extent
    assert (width, height) == ((44, 30) if orientation < 5 else (30, 44))
    mask = box_mask(width, height, 0, 0, 20, 25)
    request = RenderRequest(Scene(width, height, "a", [Region(mask, "b")]), Sampling(steps=2), edit)
    made = np.asarray(edited(request).finished()["images"][0])
    assert np.array_equal(made[~mask], upright.pixels[~mask])
    assert not np.array_equal(made[mask], upright.pixels[mask])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_nothing_moves_in_large_photos_either(seed: int) -> None:
    random = np.random.default_rng(seed)
    width, height = (int(side) for side in random.integers(1000, 6001, 2))
    kind, channels = [np.uint8, np.uint16][seed % 2], [(), (2,), (3,), (4,)][seed % 4]
    photo = random.integers(0, 256, (height, width, *channels)).astype(kind)
    masks = [mask_of(shape, width, height, random) for shape in ("box", "oval")]
    scene = Scene(width, height, "a", [Region(mask, "b") for mask in masks])
    found = edited(RenderRequest(scene, Sampling(steps=2), PhotoEdit(photo))).finished()
    changed = np.any(masks, axis=0)
    made = composite(photo, found["layers"])
    assert found["outside"] == (0, 0)
    assert np.array_equal(made[~changed], photo[~changed])
