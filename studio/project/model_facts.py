"""What the page must know of the loaded model to give hints; plain values, no weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from studio.engine.network.caption_reader import CaptionFacts
from studio.scene.geometry import Extent

if TYPE_CHECKING:
    from studio.engine.engine import Engine


def _unread(caption: str) -> CaptionFacts:
    return CaptionFacts(0, ())


@dataclass(frozen=True)
class ModelFacts:
    """Before a model is loaded these are FLUX.1's numbers."""

    name: str = "no model yet"
    digest: str = ""
    token_pixels: int = 16
    size: Extent = field(default_factory=lambda: Extent(1024, 1024))
    caption_limit: int = 512
    region_limit: int = 50
    recommended: tuple[tuple[str, Any], ...] = ()
    vocabulary: tuple[str, ...] | None = None
    blocks: int | None = None  # of the transformer
    read_caption: Callable[[str], CaptionFacts] = _unread

    @property
    def size_step(self) -> int:
        """What both sides of a scene must divide by, also when its contour is read at half size."""
        return 2 * self.token_pixels

    def takes(self, extent: Extent) -> bool:
        return extent.is_multiple_of(self.token_pixels)


def facts_of(engine: Engine) -> ModelFacts:
    recommended = engine.recommended
    names = (
        "steps",
        "guidance",
        "true_cfg",
        "negative_caption",
        "caption_tokens",
        "region_tokens",
        "width",
        "height",
        "draft_steps",
    )
    vocabulary = getattr(engine, "vocabulary", None)
    read_caption = getattr(engine, "read_caption", _unread)
    return ModelFacts(
        name=engine.name,
        digest=engine.digest,
        token_pixels=engine.token_pixels,
        size=Extent(recommended.width, recommended.height),
        caption_limit=recommended.caption_tokens,
        region_limit=recommended.region_tokens,
        recommended=tuple((name, getattr(recommended, name)) for name in names),
        vocabulary=tuple(vocabulary) if vocabulary else None,
        blocks=getattr(engine, "blocks", None),
        read_caption=cast("Callable[[str], CaptionFacts]", read_caption),
    )
