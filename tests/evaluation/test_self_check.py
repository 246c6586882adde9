"""The self-check renders in every way, compares, and says what is wrong; on a tiny random model."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from studio.commands.render_check import check_rendering, says_well, verdict
from studio.config import Settings
from studio.engine.engine import Engine
from studio.evaluation.self_check import (
    TOLERANCES,
    Machine,
    Outcome,
    Way,
    check,
    difference,
    request_for,
    ways_of,
)
from studio.wiring import build_engine
from tests.tiny_models import tiny_base

CPU = Machine(("cpu",))
CARD = Machine(("cpu", "cuda:0"), ("int8", "nf4"))


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("check")
    return Settings(weights=folder, base=str(tiny_base(folder / "tiny")))


def named(ways: list[Way]) -> list[str]:
    return [" ".join(str(way).split()) for way in ways]


def test_a_processor_is_tried_in_every_precision_and_memory_mode() -> None:
    assert named(ways_of(CPU, Settings(), is_small=True)) == [
        "cpu float32 none none",
        "cpu bfloat16 none none",
        "cpu float16 none none",
        "cpu float32 model none",
        "cpu float32 group none",
        "cpu float32 sequential none",
    ]


def test_a_card_is_compared_with_the_processor_and_tried_in_every_mode() -> None:
    found = named(ways_of(CARD, Settings(), is_small=True))

    assert found[0] == "cpu float32 none none"
    assert {f"cuda:0 {dtype} none none" for dtype in TOLERANCES} < set(found)
    assert found[-5:] == [
        "cuda:0 bfloat16 model none",
        "cuda:0 bfloat16 group none",
        "cuda:0 bfloat16 sequential none",
        "cuda:0 bfloat16 none int8",
        "cuda:0 bfloat16 none nf4",
    ]


def test_a_large_model_is_not_rendered_on_the_processor_where_there_is_a_card() -> None:
    found = ways_of(CARD, Settings(), is_small=False)

    assert {way.device for way in found} == {"cuda:0"}
    assert {way.dtype for way in found} == {"bfloat16", "float16"}


def test_what_is_asked_for_is_kept() -> None:
    asked = Settings(device="cpu", dtype="float16", offload="group")

    assert named(ways_of(CARD, asked, is_small=True))[:1] == ["cpu float16 group none"]


@pytest.mark.slow
def test_each_way_renders_near_the_reference(settings: Settings) -> None:
    ways = ways_of(CPU, settings, is_small=True)
    outcomes = list(check(ways, settings, build_engine))

    assert [each.fault for each in outcomes] == [None] * len(ways)
    assert all(each.is_fine for each in outcomes)
    assert outcomes[0].difference is None
    assert all(each.difference == 0 for each in outcomes if each.way.offload != "none")
    assert all(each.render_seconds > 0 for each in outcomes)


def test_a_way_that_fails_is_told_and_the_next_goes_on(settings: Settings) -> None:
    odd = Way("cpu", "float32", quantize="int9")
    ways = [Way("cpu", "float32"), odd, Way("cpu", "float32", "group")]
    outcomes = list(check(ways, settings, build_engine))

    assert [each.fault is None for each in outcomes] == [True, False, True]
    assert "quantize is 'int9'" in str(outcomes[1].fault)
    assert verdict(outcomes).startswith("Something is wrong in 1 of 3 ways: cpu float32 none int9")


def test_a_picture_that_is_too_far_off_is_found(settings: Settings) -> None:
    def build(wanted: Settings) -> Engine:
        """Its second engine has another model's weights."""
        if wanted.dtype == "float32":
            return build_engine(wanted)
        engine = build_engine(replace(wanted, dtype="float32"))
        with torch.no_grad():
            for weight in engine._transformer.parameters():  # type: ignore[attr-defined]
                weight.mul_(1.5)
        return engine

    ways = [Way("cpu", "float32"), Way("cpu", "bfloat16")]
    outcomes = list(check(ways, settings, build))

    assert not outcomes[1].is_fine
    assert not says_well(verdict(outcomes))
    assert "Please report it" in verdict(outcomes)


def test_what_does_not_fit_is_left_out_and_no_fault(settings: Settings) -> None:
    ways = [Way("cpu", "float32"), Way("cpu", "float16")]
    outcomes = list(
        check(
            ways,
            settings,
            build_engine,
            lambda way: "needs 38 GB of the card" if way.dtype == "float16" else None,
        )
    )

    assert outcomes[1].fault == "needs 38 GB of the card"
    assert says_well(verdict(outcomes))


def test_values_that_are_not_finite_are_infinitely_far_off() -> None:
    found = torch.tensor([1.0, float("nan")])

    assert difference(found, torch.ones(2)) == float("inf")
    assert difference(torch.tensor([1.0, 3.0]), torch.tensor([1.0, 1.0])) == pytest.approx(2**0.5)
    assert not Outcome(Way("cpu", "float32"), difference=float("inf")).is_fine


def test_the_scene_is_the_same_on_every_machine(settings: Settings) -> None:
    engine = build_engine(replace(settings, device="cpu"))
    request = request_for(engine)

    assert request.scene.extent == (8 * engine.token_pixels, 8 * engine.token_pixels)
    assert [region.caption for region in request.scene.regions] == ["blue sky", "a red ball"]


@pytest.mark.slow
def test_the_lines_say_seconds_memory_and_the_verdict(settings: Settings) -> None:
    lines = list(check_rendering(replace(settings, device="cpu", dtype="float32")))

    assert lines[0].startswith("Rendering with ")
    assert "the reference" in lines[2]
    assert "ok: " in lines[3]
    assert says_well(lines[-1])
