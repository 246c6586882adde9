"""How much memory a base needs, computed from the sizes of its models; nothing is loaded.

The sums were not measured on such cards: working memory is an allowance, stated below.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from studio.inventory.architecture import Facts
from studio.inventory.base_files import BaseFiles, Source, read_config
from studio.inventory.headers import read_header
from studio.inventory.weight_file import is_packed, look_into
from studio.scene.errors import WeightsError

GB = 10**9
RANK = 64  # of the published adapters
OFFLOADS = ("none", "model", "group")
BYTES = {"none": 2.0, "int8": 1.0, "nf4": 0.5 + 4 / 64}  # nf4: one float32 scale for 64 weights
_DENOISE, _DECODE, _CUDA = 1.5, 3.0, 0.6  # GB: 1024 x 1024, 6,000 tokens; VAE decode; the context
_LARGEST_LAYER = 0.27  # GB: T5's word table, the largest piece that layer-wise offload moves
_FREE = 0.94 * 2**30 / GB  # of a card's nominal memory, the screen having some too
_ENOUGH = 1_000_000_000  # weights under which a transformer fits everywhere


@dataclass(frozen=True)
class Sizes:
    """Weights of each model, and of the adapters' terms on all layers and on the image's alone.

    packed: bytes of a transformer that stays packed in memory (gguf).
    """

    transformer: int
    t5: int
    clip: int
    vae: int
    every_term: int
    image_term: int
    packed: int | None = None


class Way(NamedTuple):
    """A way to load a base, and how much of the card it needs."""

    offload: str
    quantize: str
    gigabytes: float

    @property
    def options(self) -> str:
        given = (("--offload", self.offload), ("--quantize", self.quantize))
        return " ".join(f"{name} {value}" for name, value in given if value != "none")


def sizes_of(files: BaseFiles) -> Sizes | None:
    """Of a base; None where its files cannot be read."""
    counts = {part: _count(source) for part, source in files.sources()}
    facts = files.transformer.config or read_config(files.transformer.path)
    if not facts or not all(counts.values()):
        return None
    model = files.transformer.model
    every, image = adapter_terms(facts)
    return Sizes(
        transformer=counts["transformer"],
        t5=counts["text_encoder_2"],
        clip=counts["text_encoder"],
        vae=counts["vae"],
        every_term=every,
        image_term=image,
        packed=look_into(files.transformer.path).size if model and is_packed(model) else None,
    )


def adapter_terms(facts: Facts, rank: int = RANK) -> tuple[int, int]:
    """Weights of a low-rank term on every linear layer of the blocks, and on the image stream's."""
    inner = facts["num_attention_heads"] * facts["attention_head_dim"]
    double, single = facts["num_layers"], facts["num_single_layers"]
    # inputs and outputs in units of `inner`: of one stream 7 for its norm, 8 for attention, 10 for
    # the feed-forward; of a single block 4, 6, 5 and 6
    image = rank * inner * (25 * double + 21 * single)
    return image + rank * inner * 25 * double, image


def ways(sizes: Sizes) -> Iterator[Way]:
    """Every way to load it, the fastest first."""
    for offload in OFFLOADS:
        for quantize in BYTES if sizes.packed is None else ("none",):
            yield Way(offload, quantize, gigabytes(sizes, offload, quantize))


def fitting(sizes: Sizes, card_gigabytes: float) -> list[Way]:
    """Those that a card of this nominal size holds."""
    return [way for way in ways(sizes) if way.gigabytes <= _FREE * card_gigabytes]


def gigabytes(sizes: Sizes, offload: str, quantize: str) -> float:
    """Fused weights carry `default`; contour terms are cond minus default: twice the rank."""
    is_fused = quantize == "none" and sizes.packed is None
    adapters = 2 * sizes.image_term * 2 + (0 if is_fused else sizes.every_term * 2)
    weights = sizes.packed or sizes.transformer * BYTES[quantize]
    transformer = (weights + adapters) / GB
    t5 = sizes.t5 * BYTES[quantize] / GB
    rest = (sizes.clip + sizes.vae) * 2 / GB
    if offload == "none":
        return transformer + t5 + rest + max(_DENOISE, _DECODE) + _CUDA
    if offload == "model":
        return max(transformer + _DENOISE, t5 + 0.5, sizes.vae * 2 / GB + _DECODE) + _CUDA
    return 2 * _LARGEST_LAYER + _DECODE + _CUDA


def main_memory(sizes: Sizes) -> float:
    """Gigabytes for all of it without a card, or with what is not in use kept off it."""
    transformer = sizes.packed or 2 * sizes.transformer
    return (transformer + 2 * (sizes.t5 + sizes.clip + sizes.vae)) / GB


def is_small(sizes: Sizes) -> bool:
    """Whether it is a model that fits everywhere."""
    return sizes.transformer < _ENOUGH


def _count(source: Source) -> int:
    if source.model is not None:
        return source.model.count
    try:
        headers = [read_header(file) for file in source.path.glob("*.safetensors")]
    except WeightsError:
        return 0
    return sum(tensor.weights for header in headers for tensor in header.tensors.values())
