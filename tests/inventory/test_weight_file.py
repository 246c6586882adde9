"""What a weights file is shows in its header, and nothing else of it is read."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, T5Config, T5EncoderModel

from studio.inventory.architecture import completed, rope_axes
from studio.inventory.bfl_layout import bfl_shapes
from studio.inventory.headers import read_header
from studio.inventory.weight_file import look_into
from studio.scene.errors import DamagedWeights, MissingWeights
from tests.single_files import FLUX_DEV, bfl_tensors, part, write_gguf, write_header
from tests.tiny_models import tiny_base


def test_a_published_transformer_is_known_by_its_header_alone(tmp_path: Path) -> None:
    file = tmp_path / "whatever.safetensors"
    write_header(file, bfl_shapes(completed("transformer", FLUX_DEV)))
    found = look_into(file)
    assert found.text == ("FLUX.1 transformer (dev's kind), BFL layout, 19 + 38 blocks, bfloat16")
    (model,) = found.models
    assert model.facts == FLUX_DEV
    assert model.count == 11_901_408_320
    assert completed("transformer", model.facts)["axes_dims_rope"] == [16, 56, 56]
    assert "is cut: it has" in str(found.damage)
    assert "of 23,8" in str(found.damage)  # bytes in thousands


def test_published_text_encoders_are_known_by_their_headers(tmp_path: Path) -> None:
    with torch.device("meta"):
        clip = CLIPTextModel(
            CLIPTextConfig(vocab_size=49408, hidden_size=768, intermediate_size=3072)
        )
        t5 = T5EncoderModel(
            T5Config(
                vocab_size=32128,
                d_model=4096,
                d_kv=64,
                d_ff=10240,
                num_layers=24,
                num_heads=64,
                feed_forward_proj="gated-gelu",
            )
        )
    write_header(
        tmp_path / "clip.safetensors",
        {f"text_model.{name}": tuple(each.shape) for name, each in clip.state_dict().items()},
    )
    write_header(
        tmp_path / "t5.safetensors",
        {name: tuple(each.shape) for name, each in t5.state_dict().items()},
    )
    (model,) = look_into(tmp_path / "clip.safetensors").models
    config = completed("text_encoder", model.facts)
    assert (config["num_attention_heads"], config["num_hidden_layers"]) == (12, 12)
    (model,) = look_into(tmp_path / "t5.safetensors").models
    assert model.part == "text_encoder_2"
    assert {key: value for key, value in t5.config.to_dict().items() if key in model.facts} == (
        model.facts
    )


@pytest.mark.parametrize(
    ("head", "axes"), [(128, [16, 56, 56]), (64, [8, 28, 28]), (16, [4, 6, 6])]
)
def test_a_head_is_shared_among_the_axes_as_in_flux(head: int, axes: list[int]) -> None:
    assert rope_axes(head) == axes


def flux_file(tmp_path: Path) -> tuple[Path, dict[str, torch.Tensor]]:
    tensors = bfl_tensors(part(tiny_base(tmp_path / "base"), "transformer"))
    return tmp_path / "flux.safetensors", tensors


@pytest.mark.parametrize(
    "name", ["img_in.weight", "double_blocks.0.img_attn.qkv.weight", "final_layer.linear.bias"]
)
def test_the_first_tensor_that_is_missing_is_named(name: str, tmp_path: Path) -> None:
    file, tensors = flux_file(tmp_path)
    del tensors[name]
    save_file(tensors, file)
    assert f"has no tensor {name}" in look_into(file).text


def test_a_tensor_of_another_shape_and_one_too_many_are_named(tmp_path: Path) -> None:
    file, tensors = flux_file(tmp_path)
    save_file({**tensors, "txt_in.bias": torch.zeros(7)}, file)
    assert "txt_in.bias is 7 and should be 32" in look_into(file).text
    save_file({**tensors, "more.weight": torch.zeros(7)}, file)
    assert "more.weight belongs to no layer of FLUX.1" in look_into(file).text


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("double_blocks.0.img_attn.qkv.lora_A.weight", "a LoRA"),
        ("model.diffusion_model.input_blocks.0.0.weight", "a Stable Diffusion model"),
        ("distilled_guidance_layer.in_proj.weight", "a Chroma transformer"),
        ("image_encoder.trunk.patch_embed.proj.weight", "a SAM 2 segmenter in Meta's layout"),
        ("layer.weight", "a layout that is not known here; its first tensor is layer.weight"),
    ],
)
def test_other_kinds_of_files_are_called_by_name(name: str, what: str, tmp_path: Path) -> None:
    file = tmp_path / "file.safetensors"
    save_file({name: torch.zeros(4, 2)}, file)
    found = look_into(file)
    assert found.models == ()
    assert found.text.startswith(what)


def test_half_a_download_is_known_and_called_cut(tmp_path: Path) -> None:
    file, tensors = flux_file(tmp_path)
    save_file(tensors, file)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    found = look_into(file)
    assert found.text.startswith("FLUX.1 transformer")
    assert f"{len(whole) // 2:,} of {len(whole):,} bytes" in str(found.damage)
    file.write_bytes(whole[:100])
    assert "is cut" in str(look_into(file).damage)
    file.write_bytes(whole)
    assert look_into(file).damage is None


def test_half_a_gguf_file_is_called_cut(tmp_path: Path) -> None:
    file, tensors = flux_file(tmp_path)
    file = file.with_suffix(".gguf")
    write_gguf(tensors, file, "Q8_0")
    whole = file.read_bytes()
    (model,) = look_into(file).models
    assert model.precision == "Q8_0"
    file.write_bytes(whole[:-1000])
    assert f"{len(whole) - 1000:,} of " in str(look_into(file).damage)
    for length in (*range(0, 60, 3), 200, 1000, 3000):  # somewhere in its first part
        file.write_bytes(whole[:length])
        assert look_into(file).damage, length


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not a safetensors file"),
        (b"<html>404 not found</html>", "is not a safetensors file"),
        (b"\x80\x02}q\x00.", "is a pickle"),
        (b"PK\x03\x04archive/data.pkl", "is a pickle"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is a git-lfs pointer"),
        ((2).to_bytes(8, "little") + b"[]", "is not a safetensors file"),
        ((9).to_bytes(8, "little") + b'{"a": {}}', "is not a safetensors file"),
    ],
)
def test_what_is_no_weights_file_is_refused(content: bytes, said: str, tmp_path: Path) -> None:
    file = tmp_path / "flux.safetensors"
    file.write_bytes(content)
    with pytest.raises(DamagedWeights, match=said):
        read_header(file)


def test_a_file_that_is_not_there_or_is_no_gguf_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingWeights, match=r"absent\.safetensors cannot be opened"):
        read_header(tmp_path / "absent.safetensors")
    (tmp_path / "flux.gguf").write_bytes(b"{}" * 30)
    with pytest.raises(DamagedWeights, match="is not a gguf file"):
        read_header(tmp_path / "flux.gguf")


@pytest.mark.parametrize("kind", ["safetensors", "gguf"])
def test_whatever_is_wrong_with_a_header_it_is_a_sentence(kind: str, tmp_path: Path) -> None:
    file, tensors = flux_file(tmp_path)
    file = file.with_suffix(f".{kind}")
    if kind == "gguf":
        write_gguf(tensors, file, "Q8_0")
    else:
        save_file(tensors, file)
    whole = file.read_bytes()
    numbers = random.Random(1)
    for _ in range(300):
        changed = bytearray(whole)
        for _ in range(numbers.randint(1, 8)):
            changed[numbers.randrange(3000)] = numbers.randrange(256)
        file.write_bytes(changed)
        assert look_into(file).text


def test_shapes_that_no_layer_has_are_no_crash(tmp_path: Path) -> None:
    file, tensors = flux_file(tmp_path)
    key = "double_blocks.0.img_attn.norm.key_norm.scale"
    for shape in ((0,), (), (2, 2, 2)):
        save_file({**tensors, key: torch.zeros(shape), "img_in.weight": torch.zeros(3)}, file)
        assert "does not fit" in look_into(file).text
    save_file({**tensors, key: torch.zeros(0)}, file)
    assert "its tensors have shapes that no layer has" in look_into(file).text
    deep = b"[" * 100_000
    file.write_bytes(len(deep).to_bytes(8, "little") + deep)
    assert "is not a safetensors file" in str(look_into(file).damage)
