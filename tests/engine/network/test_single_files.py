"""Models in other tools' layouts load as the same models in diffusers' layout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL, FluxTransformer2DModel
from safetensors.torch import save_file
from torch import Tensor

import studio
from studio.engine.loading import load_engine
from studio.engine.network.loading import FluxParts, load_parts
from studio.engine.network.quantization import Quantization
from studio.engine.network.single_files import from_bfl
from studio.inventory.architecture import completed
from studio.inventory.assembly import Places, assemble
from studio.inventory.base_files import BaseFiles
from studio.inventory.bfl_layout import bfl_shapes
from studio.inventory.ldm_layout import ldm_name, ldm_shape
from studio.scene.errors import RequestError, WrongArchitecture
from tests.single_files import (
    FLUX_DEV,
    Tensors,
    bfl_tensors,
    comfyui_folder,
    float8_tensors,
    ldm_tensors,
    part,
    with_prefix,
    write_gguf,
)
from tests.tiny_models import tiny_base


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_base(tmp_path_factory.mktemp("single") / "base")


@pytest.fixture(scope="module")
def comfyui(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The transformer in a ComfyUI folder that has everything."""
    return comfyui_folder(base, tmp_path_factory.mktemp("comfyui"))


def load(files: Path | BaseFiles, dtype: torch.dtype | None = None) -> FluxParts:
    return load_parts(files, dtype, Quantization())


def found(file: Path, comfyui: Path) -> BaseFiles:
    return assemble(file, Places(file.parent, comfyui.parents[1]))


def models(parts: FluxParts) -> dict[str, torch.nn.Module]:
    text = parts.text
    return {"flux": parts.flux, "vae": parts.vae, "clip": text.clip, "t5": text.t5}


def assert_equal(own: FluxParts, wanted: FluxParts) -> None:
    for name, model in models(wanted).items():
        state = models(own)[name].state_dict()
        for key, tensor in model.state_dict().items():
            assert torch.equal(state[key], tensor), (name, key)
            assert state[key].dtype is tensor.dtype


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_comfyuis_files_load_bit_for_bit(base: Path, comfyui: Path, dtype: torch.dtype) -> None:
    assert_equal(load(found(comfyui, comfyui), dtype), load(base, dtype))


def test_they_render_the_same_picture(base: Path, comfyui: Path) -> None:
    request = studio.RenderRequest(
        studio.Scene(64, 64, caption="a red ball"), studio.Sampling(steps=2, seed=1)
    )
    first, second = (
        load_engine(each, device="cpu").render(request) for each in (base, found(comfyui, comfyui))
    )
    assert np.array_equal(np.asarray(first.images[0]), np.asarray(second.images[0]))


def through_float8(tensor: Tensor) -> Tensor:
    return tensor.to(torch.float8_e4m3fn).float()


def through_scaled_float8(tensor: Tensor) -> Tensor:
    scale = (tensor.abs().max() / 448).float()
    return (tensor / scale).to(torch.float8_e4m3fn).float() * scale


def same(tensor: Tensor) -> Tensor:
    return tensor


# name: how a file of BFL's tensors is written, what a matrix is afterwards, how far that may be
LAYOUTS: dict[str, tuple[Callable[[Tensors], Tensors], Callable[[Tensor], Tensor], float]] = {
    "bfl": (lambda flux: flux, same, 0),
    "with ComfyUI's prefix": (
        lambda flux: with_prefix(flux, "model.diffusion_model."),
        same,
        0,
    ),
    "bfloat16": (
        lambda flux: {name: each.bfloat16() for name, each in flux.items()},
        lambda tensor: tensor.bfloat16().float(),
        2**-8,
    ),
    "fp8": (lambda flux: float8_tensors(flux, scaled=False), through_float8, 2**-4),
    "fp8 with scales": (
        lambda flux: float8_tensors(flux, scaled=True),
        through_scaled_float8,
        2**-4,
    ),
    "fp8 with ComfyUI's newer scales": (
        lambda flux: float8_tensors(flux, scaled=True, kind="weight_scale"),
        through_scaled_float8,
        2**-4,
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_of_the_transformer_is_what_it_was_made_of(
    name: str, base: Path, comfyui: Path, tmp_path: Path
) -> None:
    write, becomes, within = LAYOUTS[name]
    file = tmp_path / "flux1-dev.safetensors"
    flux = bfl_tensors(part(base, "transformer"))
    save_file(write(flux), file)
    state = bfl_tensors(dict(load(found(file, comfyui)).flux.state_dict()))
    assert state.keys() == flux.keys()
    for key, tensor in flux.items():
        wanted = becomes(tensor) if tensor.ndim == 2 or name == "bfloat16" else tensor
        assert torch.equal(state[key], wanted), key
        assert (state[key] - tensor).abs().max() <= within * tensor.abs().max(), key


@pytest.mark.parametrize(
    ("kind", "within"), [("F16", 2**-11), ("BF16", 2**-8), ("Q8_0", 2**-7), ("Q4_0", 2**-3)]
)
def test_a_gguf_file_keeps_its_packed_weights(
    kind: str, within: float, base: Path, comfyui: Path, tmp_path: Path
) -> None:
    from diffusers.quantizers.gguf.utils import dequantize_gguf_tensor

    file = tmp_path / f"flux1-dev-{kind}.gguf"
    flux = part(base, "transformer")
    write_gguf(bfl_tensors(flux), file, kind)
    loaded = load(found(file, comfyui)).flux
    packed = loaded.transformer_blocks[0].attn.to_q.weight
    assert (packed.dtype is torch.uint8) == (kind != "F16")
    for key, tensor in loaded.state_dict().items():
        wanted = flux[key]
        got = dequantize_gguf_tensor(tensor).float()
        assert (got - wanted).abs().max() <= within * wanted.abs().max(), key


def test_a_gguf_base_renders_nearly_the_same_picture(
    base: Path, comfyui: Path, tmp_path: Path
) -> None:
    file = tmp_path / "flux1-dev-Q8_0.gguf"
    write_gguf(bfl_tensors(part(base, "transformer")), file, "Q8_0")
    request = studio.RenderRequest(studio.Scene(64, 64, caption="a ball"), studio.Sampling(steps=2))
    own, beside = (
        load_engine(each, device="cpu", quantize=quantize).render(request).images[0]
        for each, quantize in ((found(file, comfyui), "none"), (base, f"gguf:{file}"))
    )
    plain = load_engine(base, device="cpu").render(request).images[0]
    assert np.array_equal(np.asarray(own), np.asarray(beside))
    assert np.abs(np.asarray(own).astype(int) - np.asarray(plain)).max() <= 3


def test_a_checkpoint_that_holds_everything_is_a_base_by_itself(
    base: Path, comfyui: Path, tmp_path: Path
) -> None:
    clip = with_prefix(part(base, "text_encoder"), "text_model.")
    clip["text_projection.weight"] = torch.zeros(16, 16)
    save_file(
        {
            **with_prefix(bfl_tensors(part(base, "transformer")), "model.diffusion_model."),
            **with_prefix(ldm_tensors(part(base, "vae")), "vae."),
            **with_prefix(clip, "text_encoders.clip_l.transformer."),
            **with_prefix(part(base, "text_encoder_2"), "text_encoders.t5xxl.transformer."),
            "text_encoders.clip_l.logit_scale": torch.tensor(1.0),
            "text_encoders.t5xxl.logit_scale": torch.tensor(1.0),
        },
        tmp_path / "all.safetensors",
    )
    files = found(tmp_path / "all.safetensors", comfyui)
    assert {source.path.name for _, source in files.sources()} == {"all.safetensors"}
    assert_equal(load(files), load(base))


def test_diffusers_names_in_one_file_load_too(base: Path, comfyui: Path, tmp_path: Path) -> None:
    file = tmp_path / "flux.safetensors"
    save_file(part(base, "transformer"), file)
    save_file(part(base, "vae"), tmp_path / "ae.safetensors")
    files = found(file, comfyui)
    assert files.vae.path.parent == tmp_path
    assert_equal(load(files), load(base))


@pytest.mark.parametrize("scaled", [False, True])
def test_text_encoders_in_fp8_load(scaled: bool, base: Path, comfyui: Path, tmp_path: Path) -> None:
    t5 = part(base, "text_encoder_2")
    save_file(float8_tensors(t5, scaled=scaled), tmp_path / "t5xxl_fp8_e4m3fn.safetensors")
    files = replace(found(comfyui, comfyui), **_t5_of(tmp_path, comfyui))
    state = load(files).text.t5.state_dict()
    becomes = through_scaled_float8 if scaled else through_float8
    for key, tensor in t5.items():
        assert torch.equal(state[key], becomes(tensor) if tensor.ndim == 2 else tensor), key


def test_an_original_tensor_is_given_for_every_layer(base: Path, comfyui: Path) -> None:
    own, wanted = load(found(comfyui, comfyui)).original, load(base).original
    for name in part(base, "transformer"):
        assert torch.equal(own(name), wanted(name)), name


def test_a_packed_file_is_not_quantised_again(base: Path, comfyui: Path, tmp_path: Path) -> None:
    file = tmp_path / "flux.gguf"
    write_gguf(bfl_tensors(part(base, "transformer")), file, "Q8_0")
    with pytest.raises(RequestError, match=r"flux\.gguf is quantised already"):
        load_parts(found(file, comfyui), None, Quantization("nf4"))


def test_a_processor_does_not_quantise(base: Path) -> None:
    with pytest.raises(RequestError, match="quantize nf4 needs an NVIDIA card; on cpu"):
        load_engine(base, device="cpu", quantize="nf4")


def test_a_gguf_file_of_another_shape_is_refused(base: Path, tmp_path: Path) -> None:
    other = tiny_base(tmp_path / "other", double_blocks=2)
    file = tmp_path / "flux.gguf"
    write_gguf(bfl_tensors(part(other, "transformer")), file, "Q8_0")
    with pytest.raises(WrongArchitecture, match=r"flux\.gguf is another transformer than"):
        load_parts(base, None, Quantization("gguf", file))


def test_numbers_of_another_kind_are_named(base: Path, comfyui: Path, tmp_path: Path) -> None:
    flux = bfl_tensors(part(base, "transformer"))
    flux["txt_in.weight"] = flux["txt_in.weight"].to(torch.int8)
    save_file(flux, tmp_path / "flux.safetensors")
    with pytest.raises(WrongArchitecture, match=r"txt_in\.weight is quantised in a way"):
        load(found(tmp_path / "flux.safetensors", comfyui))


def test_a_vae_that_lacks_a_tensor_says_which_by_its_own_name(
    base: Path, comfyui: Path, tmp_path: Path
) -> None:
    save_file(bfl_tensors(part(base, "transformer")), tmp_path / "flux.safetensors")
    vae = ldm_tensors(part(base, "vae"))
    del vae["decoder.mid.block_1.conv1.weight"]
    save_file(vae, tmp_path / "ae.safetensors")
    with pytest.raises(WrongArchitecture, match=r"decoder\.mid\.block_1\.conv1\.weight"):
        load(found(tmp_path / "flux.safetensors", comfyui))


@pytest.mark.parametrize("guidance", [True, False])
def test_every_name_of_the_published_transformer_has_its_layer(guidance: bool) -> None:
    config = completed("transformer", {**FLUX_DEV, "guidance_embeds": guidance})
    shapes = bfl_shapes(config)
    assert len(shapes) == (780 if guidance else 776)
    with torch.device("meta"):
        wanted = FluxTransformer2DModel.from_config(config).state_dict()
        made = from_bfl({name: torch.empty(shape) for name, shape in shapes.items()}, config)
    assert {name: each.shape for name, each in made.items()} == {
        name: each.shape for name, each in wanted.items()
    }


def test_every_name_of_the_published_vae_has_its_layer() -> None:
    facts = {
        "block_out_channels": [128, 256, 512, 512],
        "layers_per_block": 2,
        "latent_channels": 16,
        "mid_block_add_attention": True,
        "use_quant_conv": False,
        "use_post_quant_conv": False,
    }
    with torch.device("meta"):
        wanted = AutoencoderKL.from_config(completed("vae", facts)).state_dict()
    names = {ldm_name(name, 4): ldm_shape(name, tuple(wanted[name].shape)) for name in wanted}
    assert len(names) == len(wanted) == 244
    assert names["encoder.mid.attn_1.q.weight"] == (512, 512, 1, 1)
    assert names["decoder.up.3.upsample.conv.weight"] == (512, 512, 3, 3)
    assert names["decoder.up.0.block.0.nin_shortcut.weight"] == (128, 256, 1, 1)


def _t5_of(folder: Path, comfyui: Path) -> dict[str, Any]:
    """The T5 encoder that lies in `folder`, as a field of a base's files."""
    copy = folder / "flux1-dev.safetensors"
    copy.write_bytes(comfyui.read_bytes())
    return {"text_encoder_2": found(copy, comfyui).text_encoder_2}
