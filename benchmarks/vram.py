"""What FLUX.1-dev with Seg2Any needs on a GPU, computed from the shapes of its layers.

    python benchmarks/vram.py

Nothing is loaded and no GPU is asked: the model is built without memory and its parameters are
counted. Working memory is an allowance, stated below; the sums were not measured on such cards.
"""

from __future__ import annotations

import torch
from diffusers import FluxTransformer2DModel
from torch import nn

GB = 10**9
T5_ENCODER, CLIP_TEXT, VAE = 4_762_310_656, 123_060_480, 83_819_683  # parameters, as published
RANK = 64
BYTES = {"none": 2.0, "int8": 1.0, "nf4": 0.5 + 4 / 64}  # nf4: one float32 scale for 64 weights
DENOISE, DECODE, CUDA = 1.5, 3.0, 0.6  # GB: 1024 x 1024, 6,000 tokens; VAE decode; the context
LARGEST_LAYER = 0.27  # GB: T5's word table, the largest piece that layer-wise offload moves
CARDS = (48, 24, 16, 12)
FREE = 0.94 * 2**30 / GB  # of a card's nominal memory, the screen having some too


def main() -> None:
    flux = build_flux()
    size = sum(parameter.numel() for parameter in flux.parameters())
    every, image_only = adapter_sizes(flux)
    print(f"FLUX.1-dev transformer: {size / 1e9:.2f} billion parameters")
    print(
        f"rank-{RANK} terms: {every / 1e9:.3f} billion on all layers, {image_only / 1e9:.3f}"
        " on those that contour tokens pass"
    )
    print()
    print("| --offload | --quantize | GB needed | fits |")
    print("|---|---|---|---|")
    for offload in ("none", "model", "group"):
        for quantize in BYTES:
            needed = gigabytes(offload, quantize, size, every, image_only)
            cards = ", ".join(f"{card} GB" for card in CARDS if needed <= FREE * card)
            print(f"| {offload} | {quantize} | {needed:.1f} | {cards or 'none of these'} |")


def gigabytes(offload: str, quantize: str, size: int, every: int, image_only: int) -> float:
    """Fused weights carry `default`; contour terms are cond minus default: twice the rank."""
    adapters = 2 * image_only * 2 + (0 if quantize == "none" else every * 2)
    transformer = (size * BYTES[quantize] + adapters) / GB
    t5 = T5_ENCODER * BYTES[quantize] / GB
    rest = (CLIP_TEXT + VAE) * 2 / GB
    if offload == "none":
        return transformer + t5 + rest + max(DENOISE, DECODE) + CUDA
    if offload == "model":
        return max(transformer + DENOISE, t5 + 0.5, VAE * 2 / GB + DECODE) + CUDA
    return 2 * LARGEST_LAYER + DECODE + CUDA


def build_flux() -> FluxTransformer2DModel:
    with torch.device("meta"):
        return FluxTransformer2DModel(guidance_embeds=True)


def adapter_sizes(flux: FluxTransformer2DModel) -> tuple[int, int]:
    """Parameters of one term on every linear layer of the blocks, and on the image stream's."""
    every = image_only = 0
    for name, layer in flux.named_modules():
        if not isinstance(layer, nn.Linear) or "transformer_blocks." not in name:
            continue
        term = RANK * (layer.in_features + layer.out_features)
        every += term
        is_text = any(part in name for part in ("add_", "context", "to_add_out"))
        image_only += 0 if is_text else term
    return every, image_only


if __name__ == "__main__":
    main()
