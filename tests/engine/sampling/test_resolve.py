"""Resolving: what a request really asks of a model, found out once and carried."""

from __future__ import annotations

from dataclasses import replace

from studio.engine.sampling.recommended import Recommended
from studio.engine.sampling.resolve import ModelTraits, resolve
from studio.scene.geometry import Extent
from studio.scene.region import Region
from studio.scene.request import RenderRequest, ResolvedRequest, Sampling
from studio.scene.scene import Scene
from tests.builders import box_mask

MODEL = ModelTraits("tiny-1", Recommended(), token_pixels=16, double_blocks=1, single_blocks=2)


def request(side: int = 64, **sampling: object) -> RenderRequest:
    regions = [Region(box_mask(side, side, 0, 0, side // 2, side), "a bear")]
    return RenderRequest(Scene(side, side, "a field", regions), Sampling(**sampling))  # type: ignore[arg-type]


def test_what_was_resolved_for_this_model_is_not_resolved_again() -> None:
    resolved = resolve(request(draft=True), MODEL)
    assert resolve(resolved, MODEL) is resolved
    assert resolve(resolved, replace(MODEL, digest="tiny-2")) is not resolved


def test_a_resolved_request_equals_the_same_request_written_out() -> None:
    resolved = resolve(request(), MODEL)
    plain = RenderRequest(resolved.scene, resolved.sampling)
    assert resolved == plain
    assert plain == resolved
    assert resolved != request()


def test_other_sampling_has_to_be_resolved_anew_but_not_for_another_gamma() -> None:
    resolved = resolve(request(), MODEL)
    assert not isinstance(resolved.with_sampling(draft=True), ResolvedRequest)
    weaker = resolved.with_gamma(0.3)
    assert resolve(weaker, MODEL) is weaker
    assert weaker == resolve(request(gamma=0.3), MODEL)


def test_a_draft_carries_the_half_scene_it_renders() -> None:
    assert resolve(request(), MODEL).rendered.extent == (64, 64)
    assert resolve(request(draft=True), MODEL).rendered.extent == (32, 32)


def test_a_draft_takes_the_recommended_contour_scale_of_2() -> None:
    model = replace(MODEL, recommended=Recommended(contour_scale=2))
    resolved = resolve(request(96, draft=True), model)
    assert resolved.sampling.contour_scale == 2
    assert resolved.rendered.extent == Extent(64, 64)
