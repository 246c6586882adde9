"""Smaller weights through diffusers' and transformers' own quantisation."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import FluxTransformer2DModel

from studio.scene.errors import DamagedWeights, MissingWeights, RequestError

METHODS = ("none", "nf4", "int8", "gguf:FILE")


@dataclass(frozen=True)
class Quantization:
    """How the large models' weights are held: `none`, `nf4`, `int8`, or `gguf` from a file."""

    method: str = "none"
    file: Path | None = None

    @classmethod
    def parse(cls, text: str) -> Quantization:
        method, _, file = text.partition(":")
        if method == "gguf" and file:
            return cls(method, _existing(Path(file).expanduser())).installed()
        if method not in ("none", "nf4", "int8") or file:
            raise RequestError(
                "quantize is {text!r}; it must be one of {allowed}.",
                text=text,
                allowed=", ".join(METHODS),
            )
        return cls(method).installed()

    def installed(self) -> Quantization:
        package = {"nf4": "bitsandbytes", "int8": "bitsandbytes", "gguf": "gguf"}.get(self.method)
        if package and importlib.util.find_spec(package) is None:
            raise RequestError(
                "quantize {method} needs the package {package}, which is not installed; run 'pip "
                "install {package}'.",
                method=self.method,
                package=package,
            )
        return self

    def load_transformer(self, folder: Path, dtype: torch.dtype) -> FluxTransformer2DModel:
        if self.file:
            return self._load_gguf(self.file, folder, dtype)
        options = {} if self.method == "none" else {"quantization_config": self._diffusers(dtype)}
        flux = FluxTransformer2DModel.from_pretrained(folder, torch_dtype=dtype, **options)
        return flux.eval().requires_grad_(False)

    def text_encoder_options(self, dtype: torch.dtype) -> dict[str, Any]:
        """T5 is the second largest model; it is quantised in the same way, never from gguf."""
        if self.method not in ("nf4", "int8"):
            return {}
        from transformers import BitsAndBytesConfig

        return {"quantization_config": BitsAndBytesConfig(**_bits_and_bytes(self.method, dtype))}

    def _diffusers(self, dtype: torch.dtype) -> Any:
        from diffusers import BitsAndBytesConfig

        return BitsAndBytesConfig(**_bits_and_bytes(self.method, dtype))

    def _load_gguf(self, file: Path, folder: Path, dtype: torch.dtype) -> FluxTransformer2DModel:
        from diffusers import GGUFQuantizationConfig

        try:
            flux = FluxTransformer2DModel.from_single_file(
                str(file),
                config=str(folder.parent),
                subfolder=folder.name,
                quantization_config=GGUFQuantizationConfig(compute_dtype=dtype),
                torch_dtype=dtype,
            )
        except (ValueError, KeyError, RuntimeError) as exc:
            raise DamagedWeights(
                "{file} cannot be read as FLUX in gguf: {fault}", file=file, fault=exc
            ) from exc
        return flux.eval().requires_grad_(False)


def _bits_and_bytes(method: str, dtype: torch.dtype) -> dict[str, Any]:
    if method == "int8":
        return {"load_in_8bit": True}
    return {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4", "bnb_4bit_compute_dtype": dtype}


def _existing(file: Path) -> Path:
    if not file.is_file():
        raise MissingWeights(
            "{file} is not there; quantize gguf:FILE names the gguf file.", file=file
        )
    return file
