"""CLIP and T5 with their tokenizers, from a base's folders or from single files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from studio.engine.network.chinese import reading_chinese
from studio.engine.network.quantization import Quantization
from studio.engine.network.single_files import read_text
from studio.engine.network.text_encoders import TextEncoders
from studio.engine.network.weights import read_config, read_shapes, weight_files
from studio.inventory.base_files import BaseFiles, Source
from studio.inventory.layouts import BASE_FILE
from studio.scene.errors import DamagedWeights, MissingWeights, WrongArchitecture

TRANSFORMERS_STEM = "model"
_OWN_WORDS = ["transformers", "PreTrainedTokenizerFast"]  # as in the mini model


def load_text(files: BaseFiles, dtype: torch.dtype, quantization: Quantization) -> TextEncoders:
    import transformers

    clip_tokenizer = _tokenizer(files.tokenizer, transformers.CLIPTokenizer)
    return TextEncoders(
        clip=_encoder(
            _ending_as(files.text_encoder, clip_tokenizer), transformers.CLIPTextModel, dtype
        ),
        clip_tokenizer=clip_tokenizer,
        # the published numbers come from the plain attention, not from a fused kernel
        t5=_encoder(
            files.text_encoder_2,
            transformers.T5EncoderModel,
            dtype,
            attn_implementation="eager",
            **quantization.text_encoder_options(dtype),
        ),
        t5_tokenizer=_tokenizer(files.tokenizer_2, transformers.T5Tokenizer),
    )


def _encoder(source: Source, kind: Any, dtype: torch.dtype, **options: Any) -> Any:
    file, given = _given(source, kind, dtype)
    try:
        model, info = kind.from_pretrained(
            dtype=dtype, use_safetensors=True, output_loading_info=True, **given, **options
        )
    except (RuntimeError, ValueError) as exc:
        raise WrongArchitecture(
            "{file} does not fit its config: {fault}", file=file, fault=exc
        ) from exc
    missing = sorted(info["missing_keys"])
    if missing:
        raise WrongArchitecture(
            "{file} has no tensor {tensor}, which its config calls for.",
            file=file,
            tensor=missing[0],
        )
    return model.eval().requires_grad_(False)


def _given(source: Source, kind: Any, dtype: torch.dtype) -> tuple[Path, dict[str, Any]]:
    """The file to name in a fault, and what transformers is to load."""
    if source.model is None:
        read_config(source.path)
        files = weight_files(source.path, TRANSFORMERS_STEM)
        read_shapes(files)
        return files[0], {"pretrained_model_name_or_path": source.path}
    config = kind.config_class(**(source.config or {}))
    return source.path, {
        "pretrained_model_name_or_path": None,
        "config": config,
        "state_dict": read_text(source, kind, config, dtype),
    }


def _ending_as(clip: Source, tokenizer: Any) -> Source:
    """CLIP pools at the token that ends a caption, which its weights do not tell."""
    if clip.config is None or "eos_token_id" in clip.config:
        return clip
    ends = {
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    return Source(clip.path, clip.model, {**clip.config, **ends})


def _tokenizer(path: Path, kind: Any) -> Any:
    import transformers

    if not path.is_dir():
        raise MissingWeights("{path} is not there; the base needs its tokenizer.", path=path)
    index = path.parent / BASE_FILE
    if index.is_file() and read_config(path.parent, BASE_FILE).get(path.name) == _OWN_WORDS:
        kind = transformers.PreTrainedTokenizerFast
    try:
        return reading_chinese(kind.from_pretrained(path))
    except (OSError, ValueError, TypeError, KeyError) as exc:
        raise DamagedWeights(
            "The tokenizer in {path} cannot be read: {fault}", path=path, fault=exc
        ) from exc
