from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import FluxPipeline

from studio.engine.flux_engine import FluxEngine
from studio.engine.loading import load_engine
from studio.engine.network.adapters import Adapters, read_adapters
from studio.engine.network.caption_reader import read_caption
from studio.scene.errors import Cancelled, NotFinite, RequestError
from studio.scene.region import Region
from studio.scene.request import RenderRequest, Sampling
from studio.scene.scene import Scene
from tests.builders import box_mask
from tests.tiny_models import tiny_adapters, tiny_base, tiny_engine


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> FluxEngine:
    return tiny_engine(tmp_path_factory.mktemp("engine"))


def request(caption: str | None = "a field", **sampling: Any) -> RenderRequest:
    regions = [
        Region(box_mask(64, 64, 0, 0, 40, 64), "a brown bear"),
        Region(box_mask(64, 64, 20, 20, 64, 64), "snow"),
    ]
    return RenderRequest(Scene(64, 64, caption, regions), Sampling(**sampling))


class CountingMemo:
    """A memo that keeps everything and counts what it had to make."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def fetch(self, key: str, make: Callable[[], Any]) -> Any:
        if key not in self.kept:
            self.kept[key] = make()
        return self.kept[key]


def test_a_picture_carries_the_resolved_request(engine: FluxEngine) -> None:
    picture = engine.render(request())
    sampling = picture.request.sampling
    assert [image.size for image in picture.images] == [(64, 64)]
    assert picture.latents.shape == (1, 16, 16)
    assert (sampling.steps, sampling.guidance, sampling.true_cfg) == (2, 3.5, 1.0)
    assert (sampling.caption_tokens, sampling.region_tokens) == (512, 50)
    assert (sampling.isolation_blocks, sampling.contour_scale) == ((1, 1), 1)
    assert picture.made_with["weights"] == engine.digest


def test_a_resolved_request_renders_the_same_picture(engine: FluxEngine) -> None:
    first = engine.render(request(seed=4))
    again = engine.render(first.request)
    assert torch.equal(first.latents, again.latents)
    assert engine.resolve(first.request) == first.request


def test_seeds_are_those_of_diffusers_own_pipeline(engine: FluxEngine) -> None:
    parts = engine._parts
    pipeline = FluxPipeline(
        parts.scheduler, parts.vae, parts.text.clip, parts.text.clip_tokenizer,
        parts.text.t5, parts.text.t5_tokenizer, parts.flux,
    )  # fmt: skip
    theirs, _ = pipeline.prepare_latents(
        3, 4, 64, 64, torch.float32, torch.device("cpu"), torch.Generator().manual_seed(11)
    )
    given: list[torch.Tensor] = []
    conditions = engine.prepare(request(seed=11, count=3))
    given.append(engine._start(conditions, None))
    assert torch.equal(given[0], theirs)


def test_initial_latents_take_the_place_of_the_seed(engine: FluxEngine) -> None:
    latents = torch.randn(1, 16, 16)
    first = engine.render(request(seed=1), initial_latents=latents)
    second = engine.render(request(seed=2), initial_latents=latents)
    assert torch.equal(first.latents, second.latents)
    with pytest.raises(RequestError, match=r"\(1, 16, 16\)"):
        engine.render(request(), initial_latents=latents[:, :4])


def test_several_pictures_start_from_one_stream_of_noise(engine: FluxEngine) -> None:
    several = engine.render(request(count=3))
    alone = engine.render(request())
    assert len(several.images) == 3
    torch.testing.assert_close(several.latents[:1], alone.latents, atol=1e-5, rtol=1e-5)
    assert (several.latents[1] - several.latents[0]).abs().max() > 0.1


def test_a_regions_own_seed_decides_the_noise_of_its_tokens_alone(engine: FluxEngine) -> None:
    scene = request().scene
    bear = replace(scene.regions[0], seed=99)
    asked = RenderRequest(scene.with_region(bear), Sampling(seed=4))
    conditions = engine.prepare(asked)
    words = torch.from_numpy(conditions.positive.words[:, 0])  # type: ignore[union-attr]
    plain, others = (engine._start(engine.prepare(request(seed=seed)), None) for seed in (4, 99))
    mixed = engine._start(conditions, None)  # type: ignore[arg-type]
    inside = (words & 1) > 0
    assert 0 < int(inside.sum()) < len(inside)
    assert torch.equal(mixed[:, inside], others[:, inside])
    assert torch.equal(mixed[:, ~inside], plain[:, ~inside])


def test_scenes_with_different_regions_render_together(engine: FluxEngine) -> None:
    plain = RenderRequest(Scene(64, 64, "a calm sea"), Sampling(seed=3))
    many = [request(seed=1), plain, request(None, seed=2, use_contour=False), request(steps=3)]
    together = engine.render(many)
    for each, picture in zip(many, together, strict=True):
        alone = engine.render(each)
        torch.testing.assert_close(picture.latents, alone.latents, atol=1e-5, rtol=1e-5)
        assert picture.request == alone.request


def test_own_sigmas_decide_the_steps(engine: FluxEngine) -> None:
    seen: list[float] = []
    engine.render(request(sigmas=(1.0, 0.7, 0.2)), on_step=lambda step: seen.append(step.sigma))
    assert len(seen) == 3
    default: list[float] = []
    engine.render(request(sigmas=(1.0, 0.5)), on_step=lambda step: default.append(step.sigma))
    linear: list[float] = []
    engine.render(request(steps=2), on_step=lambda step: linear.append(step.sigma))
    assert default == linear
    for wrong in ({"sigmas": (0.5, 0.7)}, {"sigmas": (1.0, 0.5), "steps": 3}, {"sigmas": ()}):
        with pytest.raises(RequestError, match="sigmas"):
            engine.resolve(request(**wrong))


def test_every_step_is_told_with_a_preview(engine: FluxEngine) -> None:
    steps: list[Any] = []
    picture = engine.render(request(steps=3), on_step=steps.append)
    assert [(step.index, step.count) for step in steps] == [(1, 3), (2, 3), (3, 3)]
    assert steps[0].sigma == 1.0
    assert torch.equal(steps[-1].latents, picture.latents)
    assert steps[1].preview().size == (8, 8)


@pytest.mark.parametrize("kind", ["event", "function"])
def test_cancelling_stops_within_a_step(engine: FluxEngine, kind: str) -> None:
    event = threading.Event()
    seen: list[int] = []

    def stop_after_two(step: Any) -> None:
        seen.append(step.index)
        if step.index == 2:
            event.set()

    cancel = event if kind == "event" else event.is_set
    with pytest.raises(Cancelled):
        engine.render(request(steps=5), on_step=stop_after_two, cancel=cancel)
    assert seen == [1, 2]


def test_a_single_nan_is_noticed(engine: FluxEngine) -> None:
    latents = torch.randn(1, 16, 16)
    latents[0, 3, 5] = torch.nan
    with pytest.raises(NotFinite, match="Step 1"):
        engine.render(request(), initial_latents=latents)


def test_true_cfg_needs_a_scale_above_one_and_a_negative_caption(engine: FluxEngine) -> None:
    plain = engine.render(request()).latents
    assert torch.equal(plain, engine.render(request(negative_caption="fog")).latents)
    assert torch.equal(plain, engine.render(request(true_cfg=3.0)).latents)
    guided = engine.render(request(negative_caption="fog", true_cfg=3.0)).latents
    assert (guided - plain).abs().max() > 1e-3


def test_no_shape_mode_leaves_the_contour_out(engine: FluxEngine) -> None:
    assert len(engine.prepare(request(use_contour=False)).positive.contour) == 0
    assert len(engine.prepare(request()).positive.contour) > 0


def test_a_regions_own_gamma_changes_its_own_contour_only(engine: FluxEngine) -> None:
    scene = request().scene
    scene = scene.with_regions(
        [Region(scene.regions[0].mask, "a brown bear", gamma=0.3), scene.regions[1]]
    )
    bias = engine.prepare(RenderRequest(scene)).positive.contour_bias
    assert isinstance(bias, np.ndarray)
    assert sorted(set(np.exp(bias).astype(float).round(3))) == [0.3, 1.0]


@pytest.mark.parametrize("method", ["isolate", "align", "place"])
def test_mask_methods_differ(engine: FluxEngine, method: str) -> None:
    other = "align" if method == "isolate" else "isolate"
    ours = engine.render(request(mask_method=method)).latents
    assert (ours - engine.render(request(mask_method=other)).latents).abs().max() > 1e-4


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"scene": Scene(64, 64)}, "neither a caption nor a region"),
        ({"scene": Scene(72, 64, "a field")}, "multiples of 16"),
        ({"sampling": Sampling(isolation_blocks=(1, 3))}, "blocks 0 to 2"),
    ],
)
def test_what_cannot_be_rendered_is_refused(
    engine: FluxEngine, wrong: dict[str, Any], message: str
) -> None:
    fine = request()
    asked = RenderRequest(wrong.get("scene", fine.scene), wrong.get("sampling", fine.sampling))
    with pytest.raises(RequestError, match=message):
        engine.render(asked)


def test_a_contour_at_half_size_needs_multiples_of_twice_the_patch(engine: FluxEngine) -> None:
    scene = Scene(48, 48, "a", [Region(box_mask(48, 48, 0, 0, 20, 20), "b")])
    with pytest.raises(RequestError, match="multiples of 32"):
        engine.resolve(RenderRequest(scene, Sampling(contour_scale=2)))
    engine.resolve(RenderRequest(scene, Sampling(contour_scale=2, use_contour=False)))


def test_large_scenes_read_the_contour_at_half_size(engine: FluxEngine) -> None:
    for size, scale in ((1008, 1), (1024, 2), (1040, 1)):
        resolved = engine.resolve(RenderRequest(Scene(size, size, "a field")))
        assert resolved.sampling.contour_scale == scale


def test_only_what_changed_is_encoded(engine: FluxEngine) -> None:
    memo = CountingMemo()
    first = engine.prepare(request(), memo).report
    assert (first.captions_encoded, first.contour_encoded) == (3, 1)
    gamma = engine.prepare(request(gamma=0.5, seed=7, steps=3, guidance=2.0), memo).report
    assert (gamma.captions_encoded, gamma.contour_encoded, gamma.pooled_encoded) == (0, 0, 0)
    assert (gamma.captions_cached, gamma.contour_cached) == (3, 1)
    scene = request().scene
    caption = scene.with_regions([Region(scene.regions[0].mask, "a fox"), scene.regions[1]])
    report = engine.prepare(RenderRequest(caption), memo).report
    assert (report.captions_encoded, report.contour_encoded) == (1, 0)
    mask = scene.with_regions(
        [Region(box_mask(64, 64, 0, 0, 30, 30), "a brown bear"), scene.regions[1]]
    )
    report = engine.prepare(RenderRequest(mask), memo).report
    assert (report.captions_encoded, report.contour_encoded) == (0, 1)
    order = scene.with_regions(scene.regions[::-1])
    report = engine.prepare(RenderRequest(order), memo).report
    assert (report.captions_encoded, report.contour_encoded) == (0, 1)


def test_cached_conditions_give_the_same_bits(engine: FluxEngine) -> None:
    memo = CountingMemo()
    engine.prepare(request(), memo)
    cached = engine.render(request(), engine.prepare(request(), memo))
    assert torch.equal(cached.latents, engine.render(request()).latents)


def test_conditions_serve_another_seed_but_no_other_scene(engine: FluxEngine) -> None:
    conditions = engine.prepare(request())
    again = engine.render(request(seed=9, steps=3), conditions)
    assert torch.equal(again.latents, engine.render(request(seed=9, steps=3)).latents)
    assert again.request.sampling.seed == 9
    with pytest.raises(RequestError, match="another request"):
        engine.render(request("a lake"), conditions)


def test_a_caption_too_long_says_how_many_words_are_lost(engine: FluxEngine) -> None:
    words = "an old stone house near a lake"
    notices = engine.check(request(words, caption_tokens=8))
    lost = read_caption(engine._parts.text.t5_tokenizer, words, 8).words_cut
    assert 1 < lost < 7
    assert f"its last {lost} words were not read" in notices[0]


def test_hidden_and_tiny_regions_are_told(engine: FluxEngine) -> None:
    scene = Scene(
        64,
        64,
        "a field",
        [
            Region(box_mask(64, 64, 10, 10, 20, 20), "a lost hat"),
            Region(box_mask(64, 64, 0, 0, 64, 64), "grass"),
            Region(box_mask(64, 64, 33, 33, 36, 36), "an ant"),
        ],
    )
    picture = engine.render(RenderRequest(scene))
    assert any("a lost hat" in notice and "hidden" in notice for notice in picture.notices)
    assert any("an ant" in notice and "patch" in notice for notice in picture.notices)
    assert len(engine.prepare(RenderRequest(scene)).positive.region_texts) == 2


def test_a_thin_road_gets_its_share_and_is_told(engine: FluxEngine) -> None:
    road = Region(box_mask(64, 64, 0, 9, 64, 23), "a road")  # 3.5 tokens' area; no centre is hit
    asked = RenderRequest(Scene(64, 64, "a field", [road]), Sampling(thin_regions="share"))
    published = asked.with_sampling(thin_regions="published")
    held = [
        int(np.count_nonzero(engine.prepare(each).positive.words)) for each in (asked, published)
    ]
    assert held == [4, 1]
    assert any("it was given 4 of those" in notice for notice in engine.check(asked))
    assert any("it was given the patch" in notice for notice in engine.check(published))
    ours, theirs = engine.render(asked), engine.render(published)
    assert (ours.latents - theirs.latents).abs().max() > 1e-4


def test_scenes_without_thin_regions_have_the_same_bytes_either_way(engine: FluxEngine) -> None:
    for overlap in ("top", "share"):
        pictures = [
            engine.render(request(overlap=overlap, thin_regions=way))
            for way in ("share", "published")
        ]
        assert torch.equal(pictures[0].latents, pictures[1].latents)
        assert pictures[0].images[0].tobytes() == pictures[1].images[0].tobytes()


def test_a_draft_is_half_as_large_and_quick(engine: FluxEngine) -> None:
    draft = engine.render(request(draft=True))
    assert draft.images[0].size == (32, 32)
    assert draft.request.sampling.steps == 1
    assert draft.request.scene == request().scene


def test_a_draft_asks_for_the_negative_caption_at_every_second_step(engine: FluxEngine) -> None:
    guided = {"draft": True, "steps": 4, "negative_caption": "fog", "true_cfg": 3.0}
    calls: list[int] = []
    hook = engine._transformer.register_forward_hook(lambda *_: calls.append(1))
    draft = engine.render(request(**guided))
    hook.remove()
    assert len(calls) == 6
    plain = engine.render(request(draft=True, steps=4))
    assert (draft.latents - plain.latents).abs().max() > 1e-3


def test_changing_adapters_and_back_gives_the_same_bits(tmp_path: Path) -> None:
    engine = tiny_engine(tmp_path)
    base = tmp_path / "base"
    first, digest = engine.render(request()).latents, engine.digest
    other = read_adapters(tiny_adapters(tmp_path / "other", base, rank=5))
    engine.change_adapters(other)
    assert engine.digest != digest
    fresh = load_engine(base, tmp_path / "other", device="cpu")
    assert engine.digest == fresh.digest
    assert torch.equal(engine.render(request()).latents, fresh.render(request()).latents)
    engine.change_adapters(Adapters())
    engine.change_adapters(read_adapters(base / "seg2any"))
    assert engine.digest == digest
    assert torch.equal(engine.render(request()).latents, first)


@pytest.mark.parametrize(
    ("shape", "name", "steps"),
    [
        ({"guidance_embeds": False, "dynamic_shift": False}, "FLUX.1-schnell", 4),
        ({"guidance_embeds": False}, "undistilled FLUX", 32),
        ({}, "FLUX.1-dev", 32),
    ],
)
def test_each_kind_of_base_has_its_own_settings(
    tmp_path: Path, shape: dict[str, bool], name: str, steps: int
) -> None:
    engine = load_engine(tiny_base(tmp_path / "base", **shape), device="cpu")
    assert (engine.name, engine.recommended.steps) == (name, steps)
    picture = engine.render(request(steps=2))
    assert picture.latents.isfinite().all()


def test_tokens_need_not_cover_16_pixels(tmp_path: Path) -> None:
    engine = load_engine(tiny_base(tmp_path / "base", vae_levels=3), device="cpu")
    assert engine.token_pixels == 8
    picture = engine.render(request(steps=1))
    assert picture.latents.shape == (1, 64, 16)
    assert picture.images[0].size == (64, 64)


@pytest.mark.parametrize("offload", ["model", "sequential", "group"])
def test_offloading_changes_no_bit(tmp_path: Path, engine: FluxEngine, offload: str) -> None:
    tiny_engine(tmp_path)
    offloaded = load_engine(tmp_path / "base", device="cpu", offload=offload)
    asked = request(negative_caption="fog", true_cfg=2.0)
    assert torch.equal(offloaded.render(asked).latents, engine.render(asked).latents)


def test_bfloat16_renders_close_to_float32(tmp_path: Path, engine: FluxEngine) -> None:
    tiny_engine(tmp_path)
    half = load_engine(tmp_path / "base", device="cpu", dtype="bfloat16")
    assert half.digest != engine.digest
    latents = engine.render(request()).latents
    gap = (
        half.render(
            request(), initial_latents=engine._start(engine.prepare(request()), None)
        ).latents.float()
        - latents
    )
    assert gap.square().mean().sqrt() < 0.05 * latents.square().mean().sqrt()


@pytest.mark.slow
def test_two_processes_render_the_same_bits(tmp_path: Path) -> None:
    tiny_engine(tmp_path)
    program = (
        "import sys, hashlib; from studio.engine.loading import load_engine;"
        "from tests.engine.test_flux_engine import request;"
        "picture = load_engine(sys.argv[1], device='cpu').render(request(count=2));"
        "print(hashlib.sha256(picture.latents.numpy().tobytes()).hexdigest(),"
        " hashlib.sha256(picture.images[1].tobytes()).hexdigest())"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / "base")],
            check=True,
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[2],
        ).stdout
        for _ in range(2)
    ]
    assert outputs[0] == outputs[1] != ""
