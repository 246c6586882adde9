"""The names and shapes of a FLUX.1 transformer as Black Forest Labs publish it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Shape = tuple[int, ...]


def bfl_shapes(config: dict[str, Any]) -> dict[str, Shape]:
    """What a file of this config holds, in the order of the published files."""
    inner = config["num_attention_heads"] * config["attention_head_dim"]
    guidance = ("guidance_in", 256) if config["guidance_embeds"] else None
    embedders = (
        ("time_in", 256),
        ("vector_in", config["pooled_projection_dim"]),
        *((guidance,) if guidance else ()),
    )
    shapes: dict[str, Shape] = {}
    shapes.update(_linear("img_in", inner, config["in_channels"]))
    shapes.update(_linear("txt_in", inner, config["joint_attention_dim"]))
    for name, channels in embedders:
        shapes.update(_linear(f"{name}.in_layer", inner, channels))
        shapes.update(_linear(f"{name}.out_layer", inner, inner))
    for block in range(config["num_layers"]):
        for stream in ("img", "txt"):
            start = f"double_blocks.{block}.{stream}"
            shapes.update(_linear(f"{start}_mod.lin", 6 * inner, inner))
            shapes.update(_linear(f"{start}_attn.qkv", 3 * inner, inner))
            shapes.update(_norms(f"{start}_attn.norm", config["attention_head_dim"]))
            shapes.update(_linear(f"{start}_attn.proj", inner, inner))
            shapes.update(_linear(f"{start}_mlp.0", 4 * inner, inner))
            shapes.update(_linear(f"{start}_mlp.2", inner, 4 * inner))
    for block in range(config["num_single_layers"]):
        start = f"single_blocks.{block}"
        shapes.update(_linear(f"{start}.linear1", 7 * inner, inner))
        shapes.update(_linear(f"{start}.linear2", inner, 5 * inner))
        shapes.update(_norms(f"{start}.norm", config["attention_head_dim"]))
        shapes.update(_linear(f"{start}.modulation.lin", 3 * inner, inner))
    out = config.get("out_channels") or config["in_channels"]
    shapes.update(_linear("final_layer.linear", out, inner))
    shapes.update(_linear("final_layer.adaLN_modulation.1", 2 * inner, inner))
    return shapes


def _linear(name: str, outputs: int, inputs: int) -> Iterator[tuple[str, Shape]]:
    yield f"{name}.weight", (outputs, inputs)
    yield f"{name}.bias", (outputs,)


def _norms(name: str, head: int) -> Iterator[tuple[str, Shape]]:
    yield f"{name}.query_norm.scale", (head,)
    yield f"{name}.key_norm.scale", (head,)
