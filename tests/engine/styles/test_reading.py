from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import FluxTransformer2DModel
from diffusers.loaders import FluxLoraLoaderMixin
from safetensors.torch import save_file

from studio.engine.styles.reading import StyleTerms, read_style
from studio.scene.errors import DamagedWeights, WeightsError, WrongArchitecture
from tests.style_builders import (
    Pairs,
    as_bfl,
    as_diffusers,
    as_kohya,
    diffusers_alpha,
    random_style,
    write_style,
)
from tests.tiny_models import tiny_base


@pytest.fixture(scope="module")
def flux(tmp_path_factory: pytest.TempPathFactory) -> FluxTransformer2DModel:
    base = tiny_base(tmp_path_factory.mktemp("styles") / "base")
    return FluxTransformer2DModel.from_pretrained(base / "transformer").eval()


@pytest.fixture(scope="module")
def pairs(flux: FluxTransformer2DModel) -> Pairs:
    """Every layer that all layouts can hold."""
    found = random_style(flux)
    return {name: pair for name, pair in found.items() if name != "norm_out.linear"}


def changes(read: StyleTerms) -> dict[str, torch.Tensor]:
    return {name: term.dense() for name, term in read.terms.items()}


LAYOUTS = {
    "diffusers": as_diffusers,
    "BFL": as_bfl,
    "BFL without a prefix": lambda pairs: as_bfl(pairs, ""),
    "peft": lambda pairs: as_bfl(pairs, "base_model.model."),
    "Kohya": as_kohya,
    "Kohya with alpha": lambda pairs: as_kohya(pairs, alpha=1.5),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_comes_to_the_same_change_of_the_same_layers(
    flux: FluxTransformer2DModel, pairs: Pairs, tmp_path: Path, layout: str
) -> None:
    found = changes(
        read_style(write_style(tmp_path / "a.safetensors", LAYOUTS[layout](pairs)), flux)
    )
    assert found.keys() == pairs.keys()
    for name, (down, up) in pairs.items():
        torch.testing.assert_close(found[name], up @ down, atol=1e-6, rtol=1e-5)


def test_the_alpha_that_diffusers_writes_beside_its_weights_is_honoured(
    flux: FluxTransformer2DModel, pairs: Pairs, tmp_path: Path
) -> None:
    path = write_style(tmp_path / "a.safetensors", as_diffusers(pairs), diffusers_alpha(6.0, 3))
    found = changes(read_style(path, flux))
    for name, (down, up) in pairs.items():
        torch.testing.assert_close(found[name], 2 * (up @ down), atol=1e-6, rtol=1e-5)


def test_xlabs_names_are_read(flux: FluxTransformer2DModel, tmp_path: Path) -> None:
    torch.manual_seed(0)
    down, up, out_down, out_up = (
        torch.randn(*shape) for shape in ((2, 32), (96, 2), (2, 32), (32, 2))
    )
    tensors = {
        "double_blocks.0.processor.qkv_lora1.down.weight": down,
        "double_blocks.0.processor.qkv_lora1.up.weight": up,
        "double_blocks.0.processor.proj_lora2.down.weight": out_down,
        "double_blocks.0.processor.proj_lora2.up.weight": out_up,
    }
    found = changes(read_style(write_style(tmp_path / "a.safetensors", tensors), flux))
    block = "transformer_blocks.0.attn"
    torch.testing.assert_close(found[f"{block}.to_k"], up[32:64] @ down)
    torch.testing.assert_close(found[f"{block}.to_add_out"], out_up @ out_down)


def test_at_flux1s_own_width_the_first_layer_of_a_single_block_is_divided_as_diffusers_does(
    tmp_path: Path,
) -> None:
    with torch.device("meta"):
        wide = FluxTransformer2DModel(num_layers=1, num_single_layers=1, guidance_embeds=True)
    torch.manual_seed(0)
    key = "lora_unet_single_blocks_0_linear1"
    tensors = {
        f"{key}.lora_down.weight": torch.randn(4, 3072),
        f"{key}.lora_up.weight": torch.randn(21504, 4),
        f"{key}.alpha": torch.tensor(2.0),
    }
    ours = read_style(write_style(tmp_path / "a.safetensors", tensors), wide).terms
    read: Any = FluxLoraLoaderMixin.lora_state_dict(dict(tensors))
    for name, term in ours.items():
        down, up = (read[f"transformer.{name}.lora_{side}.weight"] for side in "AB")
        rows = slice(0, 50)  # of thousands
        torch.testing.assert_close(term.up[rows] @ term.down, up[rows] @ down)
    assert len(ours) == 4


def test_parts_for_the_text_encoders_are_named_as_ignored(
    flux: FluxTransformer2DModel, pairs: Pairs, tmp_path: Path
) -> None:
    key = "lora_te1_text_model_encoder_layers_0_mlp_fc1"
    tensors = as_kohya(pairs) | {
        f"{key}.lora_down.weight": torch.randn(2, 16),
        f"{key}.lora_up.weight": torch.randn(32, 2),
        f"{key}.alpha": torch.tensor(1.0),
    }
    read = read_style(write_style(tmp_path / "ink.safetensors", tensors), flux)
    assert read.terms.keys() == pairs.keys()
    assert read.notices == (
        "The style ink also holds 3 tensors for the text encoders, which are ignored.",
    )


def kohya(key: str, down: tuple[int, int], up: tuple[int, int]) -> dict[str, torch.Tensor]:
    return {f"{key}.lora_down.weight": torch.ones(*down), f"{key}.lora_up.weight": torch.ones(*up)}


MISFITS = {
    "Stable Diffusion": (
        kohya("lora_unet_down_blocks_0_attentions_0_proj_in", (2, 8), (8, 2)),
        "was made for Stable Diffusion, not for FLUX.1 (lora_unet_down_blocks_0",
    ),
    "another width": (
        {
            f"transformer.proj_out.lora_{side}.weight": torch.ones(*shape)
            for side, shape in (("A", (2, 64)), ("B", (16, 2)))
        },
        "maps 64 to 16 channels at proj_out, where this model maps 32 to 16",
    ),
    "a layer that is not there": (
        {
            f"transformer.transformer_blocks.18.attn.to_q.lora_{side}.weight": torch.ones(*shape)
            for side, shape in (("A", (2, 32)), ("B", (32, 2)))
        },
        "has a term for transformer_blocks.18.attn.to_q, which is no layer of this model",
    ),
    "keys that fit nothing": (
        kohya("lora_unet_blocks_0_wonder", (2, 8), (8, 2)),
        "does not fit FLUX.1: Incompatible keys detected: lora_unet_blocks_0_wonder",
    ),
    "half a pair": (
        {"transformer.proj_out.lora_A.weight": torch.ones(2, 32)},
        "transformer.proj_out.lora_A.weight belongs to no pair",
    ),
    "the other half of a pair": (
        as_diffusers({"proj_out": (torch.ones(2, 32), torch.ones(16, 2))})
        | {"transformer.x_embedder.lora_B.weight": torch.ones(32, 2)},
        "transformer.x_embedder.lora_B.weight belongs to no pair",
    ),
    "two ranks": (
        as_diffusers({"proj_out": (torch.ones(2, 32), torch.ones(16, 3))}),
        "the matrices of proj_out are 2 x 32 and 16 x 3; their ranks differ",
    ),
    "DoRA": (
        as_diffusers({"proj_out": (torch.ones(2, 32), torch.ones(16, 2))})
        | {"transformer.proj_out.dora_scale": torch.ones(16)},
        "is a DoRA, and only LoRAs are read",
    ),
    "LoKr": ({"lora_unet_img_in.lokr_w1": torch.ones(2, 2)}, "is a LoKr"),
    "a text encoder alone": (
        kohya("lora_te1_text_model_encoder_layers_0_mlp_fc1", (2, 8), (8, 2)),
        "changes text encoders alone",
    ),
    "no LoRA": ({"transformer.proj_out.weight": torch.ones(16, 32)}, "is no LoRA"),
    "a key with code in its name": (
        as_diffusers({"__class__": (torch.ones(2, 32), torch.ones(16, 2))}),
        "has a term for __class__, which is no layer of this model",
    ),
    "NaN": (
        as_diffusers({"proj_out": (torch.full((2, 32), torch.nan), torch.ones(16, 2))}),
        "transformer.proj_out.lora_A.weight holds NaN or infinite values",
    ),
}


@pytest.mark.parametrize("case", MISFITS)
def test_what_is_no_style_for_this_model_is_refused_by_name(
    flux: FluxTransformer2DModel, tmp_path: Path, case: str
) -> None:
    tensors, reason = MISFITS[case]
    path = write_style(tmp_path / "odd.safetensors", tensors)
    with pytest.raises(WeightsError) as refusal:
        read_style(path, flux)
    assert reason in str(refusal.value)
    assert str(refusal.value).startswith("odd.safetensors")
    assert isinstance(refusal.value, (WrongArchitecture, DamagedWeights))


def test_a_truncated_file_and_a_pickle_are_refused(
    flux: FluxTransformer2DModel, pairs: Pairs, tmp_path: Path
) -> None:
    path = write_style(tmp_path / "cut.safetensors", as_diffusers(pairs))
    path.write_bytes(path.read_bytes()[:-64])
    with pytest.raises(DamagedWeights, match="is cut or is not safetensors"):
        read_style(path, flux)
    (tmp_path / "head.safetensors").write_bytes(struct.pack("<Q", 2**60))
    with pytest.raises(DamagedWeights, match="is cut or is not safetensors"):
        read_style(tmp_path / "head.safetensors", flux)
    (tmp_path / "style.pt").write_bytes(b"\x80\x04")
    with pytest.raises(DamagedWeights, match=r"is no safetensors file"):
        read_style(tmp_path / "style.pt", flux)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float8_e4m3fn])
def test_files_of_fewer_bits_are_read(
    flux: FluxTransformer2DModel, pairs: Pairs, tmp_path: Path, dtype: torch.dtype
) -> None:
    tensors = {key: each.to(dtype) for key, each in as_kohya(pairs, alpha=3.0).items()}
    save_file(tensors, tmp_path / "a.safetensors")
    found = read_style(tmp_path / "a.safetensors", flux).terms
    assert {name for name, term in found.items() if term.down.isfinite().all()} == set(pairs)
