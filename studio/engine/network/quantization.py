"""Smaller weights through diffusers' and transformers' own quantisation."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from studio.inventory.base_files import Source
from studio.scene.errors import MissingWeights, RequestError

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

    def transformer_options(self, source: Source, dtype: torch.dtype) -> dict[str, Any]:
        """What diffusers is told when it loads the transformer."""
        is_packed = source.model is not None and source.path.suffix.lower() == ".gguf"
        if is_packed:
            if self.method in ("nf4", "int8"):
                raise RequestError(
                    "{file} is quantised already; load it without quantize {method}.",
                    file=source.path,
                    method=self.method,
                )
            from diffusers import GGUFQuantizationConfig

            Quantization("gguf").installed()
            return {"quantization_config": GGUFQuantizationConfig(compute_dtype=dtype)}
        return {} if self.method == "none" else {"quantization_config": self._diffusers(dtype)}

    def text_encoder_options(self, dtype: torch.dtype) -> dict[str, Any]:
        """T5 is the second largest model; it is quantised in the same way, never from gguf."""
        if self.method not in ("nf4", "int8"):
            return {}
        from transformers import BitsAndBytesConfig

        return {"quantization_config": BitsAndBytesConfig(**_bits_and_bytes(self.method, dtype))}

    def _diffusers(self, dtype: torch.dtype) -> Any:
        from diffusers import BitsAndBytesConfig

        return BitsAndBytesConfig(**_bits_and_bytes(self.method, dtype))


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
