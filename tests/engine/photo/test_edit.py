"""Edits of photos by an engine: what was drawn changes, and nothing else does."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.engine.flux_engine import FluxEngine
from studio.engine.loading import load_engine
from studio.scene.errors import Cancelled, RequestError
from studio.scene.geometry import Bounds
from studio.scene.photo_edit import PhotoEdit
from studio.scene.photo_layer import composite, outside
from studio.scene.region import Click, Region
from studio.scene.request import Picture, RenderRequest, Sampling
from studio.scene.scene import Scene
from tests.builders import box_mask
from tests.precisions import in_each_precision
from tests.tiny_models import tiny_adapters, tiny_base, tiny_engine

SHORT = {"caption_tokens": 16, "region_tokens": 8}
BOX = (20, 10, 50, 40)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> FluxEngine:
    return tiny_engine(tmp_path_factory.mktemp("engine"))


def photograph(
    width: int = 90, height: int = 61, channels: tuple[int, ...] = (3,), kind: Any = np.uint8
) -> np.ndarray:
    highest = np.iinfo(kind).max
    random = np.random.default_rng(width + height)
    return random.integers(0, highest, (height, width, *channels), kind, endpoint=True)


def region(
    photo: np.ndarray, box: tuple[int, int, int, int] = BOX, caption: str = "a ball", **values: Any
) -> Region:
    height, width = photo.shape[:2]
    return Region(box_mask(width, height, *box), caption, **values)


def request(photo: Any, *regions: Region, edit: Any = None, **sampling: Any) -> RenderRequest:
    pixels = photo if isinstance(photo, np.ndarray) else np.asarray(photo)
    height, width = pixels.shape[:2]
    scene = Scene(width, height, "a field", regions or [region(pixels)])
    asked = {"steps": 2, "seed": 5, **SHORT, **sampling}
    return RenderRequest(scene, Sampling(**asked), PhotoEdit(photo, **(edit or {})))


def mask_of(picture: Picture) -> np.ndarray:
    extent = picture.request.scene.extent
    mask = np.zeros(extent.shape, np.bool_)
    for each in picture.request.scene.visible_regions:
        mask |= each.mask.pixels
    return mask


def test_the_region_changes_and_not_a_pixel_outside(engine: FluxEngine) -> None:
    photo = photograph()
    picture = engine.render(request(photo))
    made = np.asarray(picture.images[0])
    mask = mask_of(picture)
    assert picture.outside == (0, 0)
    assert picture.outside is not None
    assert picture.outside.of == 90 * 61 - 900
    assert np.array_equal(made[~mask], photo[~mask])
    assert np.abs(made[mask].astype(int) - photo[mask]).mean() > 5
    (layer,) = picture.layers
    assert layer.box == BOX
    assert layer.region == picture.request.scene.regions[0].identity
    assert np.array_equal(composite(photo, picture.layers), made)


@pytest.mark.parametrize("channels", [(), (2,), (3,), (4,)])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_the_photo_keeps_its_depth_and_mode(
    engine: FluxEngine, channels: tuple[int, ...], kind: Any
) -> None:
    photo = photograph(40, 33, channels, kind)
    picture = engine.render(request(photo, region(photo, (0, 5, 12, 33))))
    made = picture.pixels()
    assert (made.shape, made.dtype) == (photo.shape, photo.dtype)
    assert outside(photo, made, mask_of(picture)) == picture.outside == (0, 0)
    assert not np.array_equal(made, photo)
    if channels in ((2,), (4,)):
        assert np.array_equal(made[..., -1], photo[..., -1])
    wanted = {(): "L", (2,): "LA", (3,): "RGB", (4,): "RGBA"}[channels]
    assert picture.images[0].mode == ("I;16" if kind == np.uint16 and not channels else wanted)


def test_an_edit_without_a_region_is_the_photo_and_needs_no_model(engine: FluxEngine) -> None:
    photo = Image.fromarray(photograph())
    asked = RenderRequest(Scene(90, 61), Sampling(count=2), PhotoEdit(photo))
    steps: list[Any] = []
    picture = engine.render(asked, on_step=steps.append)
    assert [image.tobytes() for image in picture.images] == [photo.tobytes()] * 2
    assert (picture.outside, picture.layers, steps) == ((0, 0), (), [])


def test_the_same_request_gives_the_same_bytes(engine: FluxEngine) -> None:
    asked = request(photograph())
    first, second = engine.render(asked), engine.render(asked)
    assert first.images[0].tobytes() == second.images[0].tobytes()
    again = engine.render(first.request, engine.prepare(first.request))
    assert again.images[0].tobytes() == first.images[0].tobytes()
    other = engine.render(asked.with_sampling(seed=6))
    assert other.images[0].tobytes() != first.images[0].tobytes()


def test_several_pictures_have_layers_of_their_own(engine: FluxEngine) -> None:
    photo = photograph()
    asked = request(photo, region(photo), region(photo, (60, 10, 80, 30), "snow"), count=3)
    steps: list[Any] = []
    picture = engine.render(asked, on_step=steps.append)
    assert len(picture.images) == 3
    assert len(picture.layers) == 6
    for index, image in enumerate(picture.images):
        own = picture.layers_of(index)
        assert [layer.region for layer in own] == [each.identity for each in asked.scene.regions]
        assert np.array_equal(composite(photo, own), np.asarray(image))
        assert np.array_equal(picture.pixels(index), np.asarray(image))
    assert picture.images[0].tobytes() != picture.images[1].tobytes()
    assert [step.index for step in steps] == list(range(1, len(steps) + 1))
    assert {step.count for step in steps} == {len(steps)}


def test_steps_are_counted_over_all_crops_and_tiles(engine: FluxEngine) -> None:
    photo = photograph(700, 300)
    far = [region(photo, (10, 10, 40, 40)), region(photo, (640, 240, 690, 290), "snow")]
    steps: list[Any] = []
    picture = engine.render(request(photo, *far), on_step=steps.append)
    assert [(step.index, step.count) for step in steps] == [(n, 4) for n in range(1, 5)]
    assert steps[0].preview().size == (384, 165)
    assert picture.outside == (0, 0)
    steps.clear()
    large = engine.render(request(photo, region(photo, (0, 0, 700, 200))), on_step=steps.append)
    assert len(steps) == steps[0].count > 4
    assert large.outside == (0, 0)


def test_less_strength_takes_fewer_steps_and_stays_nearer_to_the_photo(engine: FluxEngine) -> None:
    photo = photograph()
    taken: dict[float, int] = {}
    gaps: dict[float, float] = {}
    for strength in (1.0, 0.5, 0.05):
        steps: list[Any] = []
        asked = request(photo, steps=8, edit={"strength": strength})
        picture = engine.render(asked, on_step=steps.append)
        taken[strength] = len(steps)
        gaps[strength] = float((picture.latents[0] - _clean(engine, picture)).abs().mean())
    assert taken[1.0] == 8 > taken[0.5] > taken[0.05] == 1
    assert gaps[1.0] > gaps[0.5] > gaps[0.05] > 0


def _clean(engine: FluxEngine, picture: Picture) -> torch.Tensor:
    photo = engine.prepare(picture.request).looks[0].photo  # type: ignore[union-attr]
    assert photo is not None
    return photo


def test_a_regions_own_strength_holds_it_alone(engine: FluxEngine) -> None:
    photo = photograph()
    near = region(photo, (55, 10, 80, 40), "snow")
    weaker = replace(near, strength=0.1)
    whole = {"context": "whole"}
    plain = engine.render(request(photo, region(photo), near, edit=whole, steps=6))
    weak = engine.render(request(photo, region(photo), weaker, edit=whole, steps=6))
    clean = _clean(engine, plain)
    grid = engine.prepare(plain.request).looks[0].conditions.positive.words  # type: ignore[union-attr]
    inside = (grid[:, 0] & 2) > 0
    gaps = [(each.latents[0] - clean)[0, inside].abs().mean() for each in (plain, weak)]
    assert gaps[0] > 2 * gaps[1] > 0


def test_colours_are_matched_as_far_as_is_asked(engine: FluxEngine) -> None:
    photo = photograph()
    off, half, on = (
        np.asarray(engine.render(request(photo, edit={"match_colours": share})).images[0], np.int16)
        for share in (False, 0.5, True)
    )
    moved = np.abs(on - off) > 2
    assert moved.any()
    assert np.quantile(np.abs(half - (on + off) / 2)[moved], 0.9) <= 1


def test_a_regions_own_seed_changes_its_noise_alone(engine: FluxEngine) -> None:
    photo = photograph()
    near = region(photo, (55, 10, 80, 40), "snow")
    whole = {"context": "whole"}
    asked = request(photo, region(photo), near, edit=whole)
    seeded = request(photo, region(photo), replace(near, seed=99), edit=whole)
    conditions = [engine.prepare(each).looks[0].conditions for each in (asked, seeded)]  # type: ignore[union-attr]
    drawn = [engine.noise(each) for each in conditions]
    inside = torch.from_numpy((conditions[0].positive.words[:, 0] & 2) > 0)
    assert not torch.equal(drawn[0][:, inside], drawn[1][:, inside])
    assert torch.equal(drawn[0][:, ~inside], drawn[1][:, ~inside])
    assert engine.render(asked).images[0].tobytes() != engine.render(seeded).images[0].tobytes()


def test_what_is_held_ends_as_the_photos_own_latents(engine: FluxEngine) -> None:
    picture = engine.render(request(photograph(), steps=3))
    clean = _clean(engine, picture)
    held = (picture.latents[0] == clean).reshape(clean.shape[1], -1)
    assert 0 < int(held.all(dim=1).sum()) < clean.shape[1]


@in_each_precision
def test_an_edit_stays_in_its_precision(
    tmp_path_factory: pytest.TempPathFactory, dtype: torch.dtype
) -> None:
    folder = tiny_base(tmp_path_factory.mktemp("precision") / "base")
    tiny_adapters(folder / "seg2any", folder)
    own = load_engine(folder, device="cpu", dtype=str(dtype).removeprefix("torch."))
    steps: list[Any] = []
    photo = photograph()
    asked = request(photo, count=2, negative_caption="fog", true_cfg=2.0, steps=3)
    picture = own.render(asked, on_step=steps.append)
    assert {step.latents.dtype for step in steps} == {dtype}
    assert picture.latents[0].dtype == dtype
    assert picture.outside == (0, 0)
    clean = _clean(own, picture)
    assert clean.dtype == dtype
    assert int((picture.latents[0] == clean).all(dim=2).sum()) > 0


@pytest.mark.parametrize("offload", ["model", "sequential"])
def test_an_edit_is_the_same_wherever_the_weights_wait(tmp_path: Path, offload: str) -> None:
    own = tiny_engine(tmp_path)
    moved = load_engine(tmp_path / "base", device="cpu", offload=offload)
    asked = request(photograph())
    assert moved.render(asked).images[0].tobytes() == own.render(asked).images[0].tobytes()


def test_a_draft_of_an_edit_has_the_photos_size(engine: FluxEngine) -> None:
    picture = engine.render(request(photograph(), draft=True, steps=None))
    assert picture.images[0].size == (90, 61)
    assert picture.outside == (0, 0)
    assert picture.latents[0].shape[1] < engine.render(request(photograph())).latents[0].shape[1]


def test_cancelling_an_edit_stops_within_a_step(engine: FluxEngine) -> None:
    photo, event = photograph(700, 300), threading.Event()
    seen: list[int] = []

    def stop(step: Any) -> None:
        seen.append(step.index)
        if step.index == 3:
            event.set()

    with pytest.raises(Cancelled):
        engine.render(request(photo, region(photo, (0, 0, 700, 200))), on_step=stop, cancel=event)
    assert seen == [1, 2, 3]


def test_edits_and_plain_scenes_render_in_one_call(engine: FluxEngine) -> None:
    plain = RenderRequest(Scene(64, 64, "a calm sea"), Sampling(seed=3))
    both = engine.render([request(photograph()), plain])
    assert both[0].outside == (0, 0)
    assert both[1].outside is None
    assert torch.equal(both[1].latents, engine.render(plain).latents)


class CountingMemo:
    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}
        self.made: list[str] = []

    def fetch(self, key: str, make: Any) -> Any:
        if key not in self.kept:
            self.made.append(key.split(":")[0])
            self.kept[key] = make()
        return self.kept[key]


def test_only_what_changed_is_encoded(engine: FluxEngine) -> None:
    photo, memo = photograph(), CountingMemo()
    first = engine.prepare(request(photo), memo)
    assert (first.report.captions_encoded, first.report.contour_encoded) == (2, 1)
    assert memo.made.count("photo") == 1
    memo.made.clear()
    other = request(photo, edit={"strength": 0.5}, gamma=0.4, seed=9, steps=3)
    again = engine.prepare(other, memo)
    assert memo.made == []
    assert again.report.captions_cached == 2
    picture = engine.render(other.with_sampling(seed=11), again)
    assert picture.request.sampling.seed == 11
    alone = engine.render(other.with_sampling(seed=11))
    assert picture.images[0].tobytes() == alone.images[0].tobytes()
    with pytest.raises(RequestError, match="another request"):
        engine.render(request(photo, edit={"strength": 0.6}), again)


def test_the_subject_is_kept_and_its_world_is_new(engine: FluxEngine) -> None:
    photo = photograph()
    subject = region(photo)
    above = region(photo, (40, 5, 80, 30), "snow")
    picture = engine.render(request(photo, subject, above, edit={"keep_subject": True}))
    made, kept = np.asarray(picture.images[0]), subject.mask.pixels
    assert picture.outside == (0, 0)
    assert np.array_equal(made[kept], photo[kept])
    assert (made[~kept] != photo[~kept]).any(axis=1).mean() > 0.9
    assert [layer.region for layer in picture.layers] == [None, above.identity]


def test_a_contact_shadow_darkens_the_world_and_not_the_subject(engine: FluxEngine) -> None:
    photo = photograph()
    subject = region(photo)
    plain, shaded = (
        engine.render(request(photo, subject, edit={"keep_subject": True, **shadow}))
        for shadow in ({}, {"contact_shadow": 1.0})
    )
    before, after = (np.asarray(picture.images[0], np.int16) for picture in (plain, shaded))
    assert shaded.outside == (0, 0)
    assert np.array_equal(after[subject.mask.pixels], photo[subject.mask.pixels])
    assert (after <= before).all()
    under = (slice(41, 43), slice(28, 42))
    assert after[under].mean() < 0.95 * before[under].mean()
    assert np.array_equal(after[:15], before[:15])


def test_what_was_clicked_is_drawn_in_to_the_photos_edges(engine: FluxEngine) -> None:
    photo = np.full((64, 64, 3), 40, np.uint8)
    photo[16:48, 16:48] = 220  # the thing; the mask is drawn two pixels too wide
    wide = region(photo, (14, 14, 50, 50))
    clicked = replace(wide, clicks=(Click(30, 30, 1),))
    drawn, refined = (engine.render(request(photo, each)).layers[0] for each in (wide, clicked))
    assert refined.box == drawn.box
    assert refined.alpha[18, 0] < 0.3 < drawn.alpha[18, 0]
    assert refined.alpha[18, 8] == 1
    exact = engine.render(request(photo, replace(clicked, feather=0))).layers[0]
    assert (exact.alpha == 1).all()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (lambda: _sized(512, 512), r"The scene is 512 x 512 pixels but the photo is 600 x 400"),
        (lambda: request(photograph(), edit={"context": (0, 0, 30, 61)}), "leaves out a part"),
        (lambda: _subject(full=True), "fills the whole photo"),
        (lambda: _subject(caption=None), "what the world around"),
        (lambda: _subject(regions=0), "no subject"),
        (lambda: request(photograph(), sigmas=()), "sigmas is empty"),
    ],
)
def test_what_cannot_be_edited_is_refused_in_one_sentence(
    engine: FluxEngine, asked: Any, message: str
) -> None:
    with pytest.raises(RequestError, match=message) as caught:
        engine.resolve(asked())
    assert str(caught.value).count(". ") == 0


def test_an_edit_takes_no_initial_latents(engine: FluxEngine) -> None:
    with pytest.raises(RequestError, match="no initial latents"):
        engine.render(request(photograph()), initial_latents=torch.zeros(1, 4, 16))


def _sized(width: int, height: int) -> RenderRequest:
    scene = Scene(width, height, regions=[Region(box_mask(width, height, 0, 0, 9, 9), "a ball")])
    return RenderRequest(scene, edit=PhotoEdit(photograph(600, 400)))


def _subject(
    full: bool = False, caption: str | None = "a beach", regions: int = 1
) -> RenderRequest:
    box = Bounds(0, 0, 90, 61) if full else Bounds(*BOX)
    scene = Scene(90, 61, caption, [Region(box_mask(90, 61, *box), "a cat")] * regions)
    return RenderRequest(scene, edit=PhotoEdit(photograph(), keep_subject=True))
