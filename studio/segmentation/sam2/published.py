"""The four published sizes of SAM 2.1, as transformers' Sam2VideoModel describes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import Sam2VideoConfig


@dataclass(frozen=True)
class Trunk:
    """What differs from size to size: Hiera's stages (Ryali et al., 2023)."""

    width: int
    blocks: tuple[int, int, int, int]
    heads: tuple[int, int, int, int]
    windows: tuple[int, int, int, int]
    global_blocks: tuple[int, int, int]
    background: int  # side of the position embedding that is shared by all windows

    @property
    def widths(self) -> list[int]:
        return [self.width * 2**stage for stage in range(4)]


_FEW, _MANY = (1, 2, 4, 8), (2, 4, 8, 16)
_SMALL_WINDOWS = (8, 4, 14, 7)
TRUNKS = {
    "tiny": Trunk(96, (1, 2, 7, 2), _FEW, _SMALL_WINDOWS, (5, 7, 9), 7),
    "small": Trunk(96, (1, 2, 11, 2), _FEW, _SMALL_WINDOWS, (7, 10, 13), 7),
    "base-plus": Trunk(112, (2, 3, 16, 3), _MANY, _SMALL_WINDOWS, (12, 16, 20), 14),
    "large": Trunk(144, (2, 6, 36, 4), _MANY, (8, 4, 16, 8), (23, 33, 43), 7),
}


def published_config(size: str) -> Sam2VideoConfig:
    """Everything that is not the trunk's is transformers' own default, which is SAM 2.1."""
    from transformers import Sam2VideoConfig

    trunk = TRUNKS[size]
    backbone: dict[str, Any] = {
        "model_type": "sam2_hiera_det_model",
        "hidden_size": trunk.width,
        "num_attention_heads": trunk.heads[0],
        "blocks_per_stage": list(trunk.blocks),
        "embed_dim_per_stage": trunk.widths,
        "num_attention_heads_per_stage": list(trunk.heads),
        "window_size_per_stage": list(trunk.windows),
        "global_attention_blocks": list(trunk.global_blocks),
        "window_positional_embedding_background_size": [trunk.background] * 2,
    }
    return Sam2VideoConfig(
        vision_config={
            "model_type": "sam2_vision_model",
            "backbone_config": backbone,
            "backbone_channel_list": trunk.widths[::-1],
        },
        architectures=["Sam2VideoModel"],
    )
