from __future__ import annotations

from pathlib import Path

import pytest
import torch
from diffusers import FluxTransformer2DModel
from safetensors.torch import load_file, save_file
from torch import nn

from studio.engine.network.adapters import AdaptedLinear, Adapters, attach, detach, read_adapters
from studio.engine.network.low_rank import LowRank, difference
from studio.scene.errors import DamagedWeights, MissingWeights, WrongArchitecture
from tests.tiny_models import tiny_adapters, tiny_base

LAYER = "transformer_blocks.0.attn.to_q"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return tiny_base(tmp_path / "base")


@pytest.fixture
def flux(base: Path) -> FluxTransformer2DModel:
    return FluxTransformer2DModel.from_pretrained(base / "transformer").requires_grad_(False)


def change_file(folder: Path, kind: str, change) -> None:
    path = folder / kind / "pytorch_lora_weights.safetensors"
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path)


def test_a_difference_turns_the_one_term_into_the_other() -> None:
    torch.manual_seed(0)
    x = torch.randn(5, 4)
    mine = LowRank(torch.randn(2, 4), torch.randn(3, 2))
    other = LowRank(torch.randn(1, 4), torch.randn(3, 1))
    both = difference(mine, other)
    assert both is not None
    torch.testing.assert_close(other(x) + both(x), mine(x))


@pytest.mark.parametrize("rank", [1, 3, 40])
def test_contour_tokens_get_cond_and_the_others_default_at_any_rank(
    tmp_path: Path, base: Path, flux: FluxTransformer2DModel, rank: int
) -> None:
    adapters = read_adapters(tiny_adapters(tmp_path / "lora", base, rank=rank))
    x = torch.randn(3, flux.inner_dim)
    layer = flux.get_submodule(LAYER)
    plain = layer(x)
    expected_default = plain + adapters.default[LAYER](x)
    expected_cond = plain + adapters.cond[LAYER](x)
    terms = attach(flux, adapters)
    own = terms.get(LAYER)
    assert own is not None
    torch.testing.assert_close(layer(x), expected_default, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(layer(x) + own(x), expected_cond, atol=1e-5, rtol=1e-5)


def test_without_cond_contour_tokens_see_the_bare_base(
    tmp_path: Path, base: Path, flux: FluxTransformer2DModel
) -> None:
    adapters = read_adapters(tiny_adapters(tmp_path / "lora", base, cond=False))
    x = torch.randn(3, flux.inner_dim)
    layer = flux.get_submodule(LAYER)
    plain = layer(x)
    own = attach(flux, adapters).get(LAYER)
    assert own is not None
    torch.testing.assert_close(layer(x) + own(x), plain, atol=1e-5, rtol=1e-5)


def test_detaching_gives_back_the_base_bit_for_bit(
    tmp_path: Path, base: Path, flux: FluxTransformer2DModel
) -> None:
    adapters = read_adapters(tiny_adapters(tmp_path / "lora", base))
    saved = load_file(base / "transformer" / "diffusion_pytorch_model.safetensors")
    attach(flux, adapters)
    assert not torch.equal(flux.get_submodule(LAYER).weight, saved[f"{LAYER}.weight"])
    detach(flux, adapters, lambda name: saved[name])
    for name, tensor in flux.state_dict().items():
        assert torch.equal(tensor, saved[name]), name


class QuantisedLinear(nn.Linear):
    """Stands for any quantiser's layer: a subclass of Linear whose weight must not be changed."""


def test_a_quantised_layer_is_wrapped_instead_of_fused(
    tmp_path: Path, base: Path, flux: FluxTransformer2DModel
) -> None:
    adapters = read_adapters(tiny_adapters(tmp_path / "lora", base))
    old = flux.get_submodule(LAYER)
    quantised = QuantisedLinear(old.in_features, old.out_features).requires_grad_(False)
    flux.transformer_blocks[0].attn.to_q = quantised
    weight = quantised.weight.clone()
    x = torch.randn(3, flux.inner_dim)
    expected = quantised(x) + adapters.default[LAYER](x)
    terms = attach(flux, adapters)
    wrapped = flux.get_submodule(LAYER)
    assert isinstance(wrapped, AdaptedLinear)
    assert torch.equal(quantised.weight, weight)
    torch.testing.assert_close(wrapped(x), expected)
    own = terms.get(LAYER)
    assert own is not None
    torch.testing.assert_close(
        wrapped(x) + own(x), quantised(x) + adapters.cond[LAYER](x), atol=1e-5, rtol=1e-5
    )
    detach(flux, adapters, flux.get_parameter)
    assert flux.get_submodule(LAYER) is quantised


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingWeights, match="nowhere"):
        read_adapters(tmp_path / "nowhere")


def test_pickles_are_refused(tmp_path: Path) -> None:
    (tmp_path / "default").mkdir()
    (tmp_path / "default" / "pytorch_lora_weights.bin").write_bytes(b"\x80\x04")
    with pytest.raises(DamagedWeights, match="pickle"):
        read_adapters(tmp_path)


def test_a_cut_file_is_named(tmp_path: Path, base: Path) -> None:
    folder = tiny_adapters(tmp_path / "lora", base)
    path = folder / "default" / "pytorch_lora_weights.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DamagedWeights, match="pytorch_lora_weights"):
        read_adapters(folder)


def test_a_git_lfs_pointer_is_recognised(tmp_path: Path) -> None:
    (tmp_path / "default").mkdir()
    path = tmp_path / "default" / "pytorch_lora_weights.safetensors"
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    with pytest.raises(DamagedWeights, match="git lfs pull"):
        read_adapters(tmp_path)


def test_a_term_for_no_layer_is_refused(
    tmp_path: Path, base: Path, flux: FluxTransformer2DModel
) -> None:
    folder = tiny_adapters(tmp_path / "lora", base)

    def add_layer(tensors: dict[str, torch.Tensor]) -> None:
        for part in ("A", "B"):
            tensors[f"transformer.transformer_blocks.7.attn.to_q.lora_{part}.weight"] = torch.ones(
                1, 1
            )

    change_file(folder, "default", add_layer)
    with pytest.raises(WrongArchitecture, match=r"transformer_blocks\.7\.attn\.to_q"):
        attach(flux, read_adapters(folder))


def test_a_term_of_another_width_is_refused(
    tmp_path: Path, base: Path, flux: FluxTransformer2DModel
) -> None:
    folder = tiny_adapters(tmp_path / "lora", tiny_base(tmp_path / "wide", heads=3))
    with pytest.raises(WrongArchitecture, match="made for another base"):
        attach(flux, read_adapters(folder))


def test_a_file_in_another_layout_is_refused(tmp_path: Path) -> None:
    (tmp_path / "default").mkdir()
    save_file(
        {"lora_unet_double_blocks_0.lora_down.weight": torch.ones(1, 1)},
        tmp_path / "default" / "pytorch_lora_weights.safetensors",
    )
    with pytest.raises(WrongArchitecture, match="not a Seg2Any key"):
        read_adapters(tmp_path)


def test_half_a_pair_is_refused(tmp_path: Path, base: Path) -> None:
    folder = tiny_adapters(tmp_path / "lora", base)
    change_file(folder, "cond", lambda tensors: tensors.pop("transformer.x_embedder.lora_B.weight"))
    with pytest.raises(WrongArchitecture, match="x_embedder"):
        read_adapters(folder)


def test_no_adapters_at_all_add_nothing(flux: FluxTransformer2DModel) -> None:
    before = {name: tensor.clone() for name, tensor in flux.state_dict().items()}
    assert not attach(flux, Adapters()).named()
    assert all(torch.equal(before[name], tensor) for name, tensor in flux.state_dict().items())
