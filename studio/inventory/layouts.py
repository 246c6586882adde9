"""The names of files and folders that weights are known by."""

from __future__ import annotations

from pathlib import Path

BASE_FILE = "model_index.json"
OWN_ADAPTERS = "seg2any"  # a folder of this name inside a base holds the adapters made for it
ADAPTER_FILE = Path("default") / "pytorch_lora_weights.safetensors"
CONTOUR_FILE = Path("cond") / "pytorch_lora_weights.safetensors"
