"""The seam between clicks and masks: what every segmenter takes and gives."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from studio.scene.errors import Cancelled, PromptError
from studio.scene.geometry import Extent

if TYPE_CHECKING:
    from PIL import Image

SMALLEST_SIDE, LARGEST_SIDE = 2, 8192


@dataclass(frozen=True, eq=False)
class ImageEmbedding:
    """What a segmenter knows of one picture: a value to keep, drop and compute again at will.

    `digest` names the picture, `maker` the segmenter that alone understands `features`.
    """

    digest: str
    extent: Extent
    maker: str
    nbytes: int
    features: Any


@dataclass(frozen=True, eq=False)
class Candidate:
    """One answer to a prompt. `logits` is small, float32, and refines the next answer as `mask`."""

    mask: NDArray[np.bool_]  # (height, width) of the picture
    score: float  # expected IoU with what was meant, 0..1
    logits: NDArray[np.float32]


class Cancel(Protocol):
    """An event such as threading.Event."""

    def is_set(self) -> bool: ...


class Segmenter(Protocol):
    """Holds weights and nothing else, so several users may share one."""

    @property
    def name(self) -> str: ...

    @property
    def digest(self) -> str: ...

    @property
    def needs_device(self) -> bool:
        """Whether it must wait its turn where a render may be running."""
        ...

    def embed(self, image: Image.Image | NDArray[np.uint8]) -> ImageEmbedding: ...

    def segment(
        self,
        embedding: ImageEmbedding,
        points: Sequence[Sequence[float]] | NDArray[Any] | None = None,
        labels: Sequence[int] | NDArray[Any] | None = None,
        box: Sequence[float] | None = None,
        mask: NDArray[Any] | None = None,
    ) -> list[Candidate]:
        """Best first. Points (x, y) and box (x0, y0, x1, y1) in pixels of the picture; label 1 is
        part of the thing, 0 is not; mask: a candidate's logits, or a bool mask (height, width)."""
        ...

    def everything(
        self,
        embedding: ImageEmbedding,
        on_progress: Callable[[float], None] | None = None,
        cancel: Callable[[], bool] | Cancel | None = None,
    ) -> list[NDArray[np.bool_]]:
        """All things of the picture, largest first. `on_progress` hears the share done, 0..1."""
        ...


def picture_pixels(image: Any) -> NDArray[np.uint8]:
    """A PIL picture or a uint8 array (height, width, 3) as such an array; PromptError otherwise."""
    if hasattr(image, "convert"):
        image = np.asarray(image.convert("RGB"))
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8:
        kind = getattr(image, "dtype", type(image).__name__)
        raise PromptError("A picture is a PIL image or a uint8 array, not {kind}.", kind=kind)
    if image.ndim != 3 or image.shape[2] != 3:
        raise PromptError("A picture array is (height, width, 3), not {shape}.", shape=image.shape)
    height, width = image.shape[:2]
    if min(height, width) < SMALLEST_SIDE or max(height, width) > LARGEST_SIDE:
        raise PromptError(
            "The picture is {width} x {height} pixels; it must have {smallest} to {largest} on "
            "each side.",
            width=width,
            height=height,
            smallest=SMALLEST_SIDE,
            largest=LARGEST_SIDE,
        )
    return np.ascontiguousarray(image)


def picture_digest(pixels: NDArray[np.uint8]) -> str:
    content = hashlib.blake2b(str(pixels.shape).encode(), digest_size=16)
    content.update(pixels.data)
    return content.hexdigest()


def check_maker(embedding: ImageEmbedding, maker: str) -> None:
    if embedding.maker != maker:
        raise PromptError(
            "This picture was embedded by {maker}, not by {own}; embed it again.",
            maker=embedding.maker,
            own=maker,
        )


def check_cancel(cancel: Callable[[], bool] | Cancel | None) -> None:
    """Raise Cancelled once the user asked to stop."""
    if cancel is None:
        return
    asked: Callable[[], bool] = getattr(cancel, "is_set", cancel)  # pyright: ignore
    if asked():
        raise Cancelled("Finding everything was stopped.")
