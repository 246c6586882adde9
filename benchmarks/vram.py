"""What FLUX.1-dev with Seg2Any needs on a GPU, computed from the shapes of its layers.

    python -m benchmarks.vram

Nothing is loaded and no GPU is asked: the model is built without memory and its parameters are
counted. Working memory is an allowance, stated in studio/inventory/fits.py; the sums were not
measured on such cards.
"""

from __future__ import annotations

import torch
from diffusers import FluxTransformer2DModel
from torch import nn

from studio.inventory.fits import RANK, Sizes, fitting, ways

T5_ENCODER, CLIP_TEXT, VAE = 4_762_310_656, 123_060_480, 83_819_683  # parameters, as published
CARDS = (48, 24, 16, 12)


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
    sizes = Sizes(size, T5_ENCODER, CLIP_TEXT, VAE, every, image_only)
    for way in ways(sizes):
        cards = ", ".join(f"{card} GB" for card in CARDS if way in fitting(sizes, card))
        print(f"| {way.offload} | {way.quantize} | {way.gigabytes:.1f} | {cards or 'none'} |")


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
