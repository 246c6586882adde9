from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.engine.flux_engine import FluxEngine
from studio.engine.loading import load_engine
from studio.engine.network.adapters import AdaptedLinear, Adapters, read_adapters
from studio.scene.errors import DamagedWeights, MissingWeights, WrongArchitecture
from studio.scene.photo_edit import PhotoEdit
from studio.scene.region import Region
from studio.scene.request import RenderRequest, Sampling
from studio.scene.scene import Scene
from studio.scene.style import Style, StyleName
from tests.builders import box_mask
from tests.style_builders import as_diffusers, as_kohya, random_style, write_style
from tests.tiny_models import tiny_adapters, tiny_base, tiny_engine


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> FluxEngine:
    return tiny_engine(tmp_path_factory.mktemp("engine"))


@pytest.fixture(scope="module")
def folder(engine: FluxEngine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("weights") / "styles"
    flux = engine._parts.flux
    write_style(found / "ink.safetensors", as_diffusers(random_style(flux)))
    write_style(found / "oil.safetensors", as_kohya(random_style(flux, seed=2), alpha=1.0))
    return found


def request(style: Style | None = None, **sampling: Any) -> RenderRequest:
    regions = [
        Region(box_mask(64, 64, 0, 0, 40, 64), "a brown bear", style=style),
        Region(box_mask(64, 64, 20, 20, 64, 64), "snow"),
    ]
    asked = {"seed": 5, "caption_tokens": 16, "region_tokens": 8, **sampling}
    return RenderRequest(Scene(64, 64, "a field", regions), Sampling(**asked))


def weights(engine: FluxEngine) -> dict[str, torch.Tensor]:
    return {name: each.clone() for name, each in engine._parts.flux.state_dict().items()}


class KeepingMemo:
    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}
        self.made = 0

    def fetch(self, key: str, make: Callable[[], Any]) -> Any:
        if key not in self.kept:
            self.kept[key] = make()
            self.made += 1
        return self.kept[key]


def test_users_with_different_styles_share_an_engine_and_no_weight_changes(
    engine: FluxEngine, folder: Path
) -> None:
    before, plain = weights(engine), engine.render(request())
    ink, oil = Style(folder / "ink.safetensors", 0.8), Style(folder / "oil.safetensors", -1.5)
    styled = [engine.render(request(styles=[each])).latents for each in (ink, oil)]
    regional = engine.render(request(ink, styles=[oil])).latents
    for one, other in ((styled[0], plain.latents), (styled[1], styled[0]), (regional, styled[1])):
        assert (one - other).abs().max() > 0.01
    assert torch.equal(engine.render(request(styles=[ink])).latents, styled[0])
    assert torch.equal(engine.render(request()).latents, plain.latents)
    after = weights(engine)
    assert all(torch.equal(after[name], each) for name, each in before.items())


def test_a_style_of_strength_0_renders_the_same_picture_bit_for_bit(
    engine: FluxEngine, folder: Path
) -> None:
    idle = Style(folder / "ink.safetensors", 0)
    assert torch.equal(
        engine.render(request(idle, styles=[idle])).latents, engine.render(request()).latents
    )


def test_another_style_encodes_nothing_again_and_conditions_serve_their_own_request_alone(
    engine: FluxEngine, folder: Path
) -> None:
    memo = KeepingMemo()
    engine.prepare(request(), memo)
    made = memo.made
    ink = Style(folder / "ink.safetensors")
    styled = engine.prepare(request(ink), memo)
    assert memo.made == made
    wanted = engine.render(request(ink)).latents
    assert torch.equal(engine.render(request(ink), styled).latents, wanted)
    with pytest.raises(Exception, match="prepared for another request"):
        engine.render(request(), styled)


def test_pictures_with_and_without_styles_render_together_as_alone(
    engine: FluxEngine, folder: Path
) -> None:
    ink = Style(folder / "ink.safetensors")
    many = [request(ink), request(), request(styles=[ink], seed=2), request(ink, gamma=0.4)]
    together = engine.render(many)
    for each, picture in zip(many, together, strict=True):
        torch.testing.assert_close(
            picture.latents, engine.render(each).latents, atol=1e-4, rtol=1e-4
        )


def test_styles_work_with_guidance_counts_and_drafts(engine: FluxEngine, folder: Path) -> None:
    ink = Style(folder / "ink.safetensors", 0.7)
    asked = {"negative_caption": "fog", "true_cfg": 2.0, "count": 2}
    others: list[dict[str, Any]] = [{"mask_method": "place"}, {"overlap": "share"}]
    for more in (asked, {**asked, "draft": True}, *others):
        styled = engine.render(request(ink, **more))
        plain = engine.render(request(**more))
        assert styled.latents.shape == plain.latents.shape
        assert (styled.latents - plain.latents).abs().max() > 0.01


def test_a_photos_edit_takes_a_regions_style_and_leaves_all_else(
    engine: FluxEngine, folder: Path
) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    region = Region(box_mask(64, 64, 16, 16, 48, 48), "snow")
    styled = replace(region, style=Style(folder / "ink.safetensors"))

    def edited(changed: Region) -> np.ndarray:
        scene = Scene(64, 64, None, [changed])
        short = Sampling(caption_tokens=16, region_tokens=8)
        picture = engine.render(RenderRequest(scene, short, PhotoEdit(Image.fromarray(pixels))))
        return np.asarray(picture.images[0])

    ours, plain = edited(styled), edited(region)
    assert (ours != plain).any()
    assert np.array_equal(ours[:16], pixels[:16])


def test_a_style_of_a_recipe_is_found_by_its_digest_and_named_where_it_is_missing(
    engine: FluxEngine, folder: Path
) -> None:
    ink = Style(folder / "ink.safetensors")
    named = Style(StyleName("ink", ink.digest))
    engine.styles.folder = folder
    try:
        found = engine.render(request(named)).latents
        assert torch.equal(found, engine.render(request(ink)).latents)
        absent = Style(StyleName("chalk", "c" * 32))
        engine.resolve(request(absent))  # the scene can be worked on
        for ask in (engine.check, engine.prepare, engine.render):
            with pytest.raises(MissingWeights, match=r"The style chalk \(digest cccccccc\) is not"):
                ask(request(absent))
    finally:
        engine.styles.folder = None


def test_a_style_that_does_not_fit_leaves_the_engine_as_it_was(
    engine: FluxEngine, folder: Path, tmp_path: Path
) -> None:
    wide = {"proj_out": (torch.ones(2, 64), torch.ones(16, 2))}
    wrong = Style(write_style(tmp_path / "wide.safetensors", as_diffusers(wide)))
    before = engine.render(request()).latents
    with pytest.raises(WrongArchitecture, match=r"wide\.safetensors maps 64 to 16"):
        engine.render(request(styles=[Style(folder / "ink.safetensors"), wrong]))
    assert torch.equal(engine.render(request()).latents, before)
    path = write_style(
        tmp_path / "own.safetensors", as_diffusers(random_style(engine._parts.flux, seed=9))
    )
    own = Style(path)
    path.write_bytes((folder / "oil.safetensors").read_bytes())
    with pytest.raises(DamagedWeights, match="has changed since it was chosen"):
        engine.render(request(own))


def test_what_of_a_style_is_left_out_is_told(engine: FluxEngine, tmp_path: Path) -> None:
    key = "lora_te1_text_model_encoder_layers_0_mlp_fc1"
    tensors = as_kohya(random_style(engine._parts.flux)) | {
        f"{key}.lora_down.weight": torch.ones(2, 16),
        f"{key}.lora_up.weight": torch.ones(32, 2),
    }
    style = Style(write_style(tmp_path / "words.safetensors", tensors))
    told = "The style words also holds 2 tensors for the text encoders, which are ignored."
    assert told in engine.check(request(style))
    assert told in engine.render(request(style)).notices


@pytest.mark.parametrize("offload", ["none", "sequential", "group"])
def test_styles_are_added_beside_weights_that_cannot_be_fused(
    engine: FluxEngine, folder: Path, tmp_path: Path, offload: str
) -> None:
    """Offloaded, and with adapters beside quantised layers as `attach` puts them there."""
    base = tiny_base(tmp_path / "base")
    tiny_adapters(base / "seg2any", base)
    other = load_engine(base, device="cpu", offload=offload)
    if offload == "none":
        _set_layers_beside(other, read_adapters(base / "seg2any"))
    asked = request(Style(folder / "ink.safetensors", 0.8), styles=[], steps=2)
    torch.testing.assert_close(
        other.render(asked).latents, engine.render(asked).latents, atol=1e-4, rtol=1e-3
    )


def _set_layers_beside(engine: FluxEngine, adapters: Adapters) -> None:
    """As if no weight could be changed: each adapter's term lies beside its layer."""
    flux = engine._parts.flux
    engine.change_adapters(Adapters({}, adapters.cond))
    for name, term in adapters.default.items():
        parent, _, child = name.rpartition(".")
        layer = flux.get_submodule(name)
        setattr(flux.get_submodule(parent), child, AdaptedLinear(layer, term))
    engine._transformer.contour = _as_published(engine, adapters)


def _as_published(engine: FluxEngine, adapters: Adapters) -> Any:
    from studio.engine.network.low_rank import ContourTerms, difference, is_contour_site

    names = [name for name in (*adapters.default, *adapters.cond) if is_contour_site(name)]
    terms = {
        name: difference(adapters.cond.get(name), adapters.default.get(name)) for name in names
    }
    return ContourTerms({name: term for name, term in terms.items() if term is not None})
