"""Numbers in files: their precision in words, and the scales that 8-bit ones may come with.

ComfyUI stores `layer.weight` in float8 and beside it `layer.scale_weight` (newer: `weight_scale`):
the weight is their product. `scaled_fp8`, `scale_input` and `input_scale` tell how its own kernels
compute, `comfy_quant` in which way a layer was quantised.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from studio.inventory.tensors import TensorFacts

WEIGHT_SCALES = (".scale_weight", ".weight_scale")
QUANT_NOTE = ".comfy_quant"
_BESIDE = (*WEIGHT_SCALES, ".scale_input", ".input_scale", QUANT_NOTE)
_MARK = "scaled_fp8"
_WORDS = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "F8_E4M3": "fp8 (e4m3)",
    "F8_E5M2": "fp8 (e5m2)",
}
# how near to the original: of several files for one model the nearest is taken
_NEARNESS = ("F64", "F32", "BF16", "F16", "Q8_0", "F8_E4M3", "F8_E5M2", "Q6_K", "Q5_K", "Q4_K")


def is_scale(name: str) -> bool:
    """Whether a tensor is no weight but tells how weights are to be read."""
    return name == _MARK or name.endswith(_BESIDE)


def kind_of(tensors: Mapping[str, TensorFacts]) -> str:
    """The file's word for the numbers that most of its bytes are."""
    sizes: Counter[str] = Counter()
    for name, each in tensors.items():
        if not is_scale(name):
            sizes[each.kind] += each.size
    return sizes.most_common(1)[0][0] if sizes else "?"


def precision_of(tensors: Mapping[str, TensorFacts]) -> str:
    """For the user: "fp8 (e4m3) with scales"."""
    kind = kind_of(tensors)
    scaled = kind.startswith("F8") and any(name.endswith(WEIGHT_SCALES) for name in tensors)
    return _WORDS.get(kind, kind) + (" with scales" if scaled else "")


def nearness(kind: str) -> int:
    """0 is nearest."""
    return _NEARNESS.index(kind) if kind in _NEARNESS else len(_NEARNESS)
