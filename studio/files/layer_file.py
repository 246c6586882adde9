"""One layer of an edited photo as a PNG: colours in the photo's depth, and opacity."""

from __future__ import annotations

import io
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.scene.errors import ProjectFileError
from studio.scene.geometry import Extent
from studio.scene.photo import Pixels

_FAST = [cv2.IMWRITE_PNG_COMPRESSION, 2]


def layer_bytes(pixels: Pixels, alpha: NDArray[np.float32]) -> bytes:
    """`pixels` (h, w, 1) or (h, w, 3), `alpha` (h, w) in [0, 1]; grey is written as colour.

    What is wholly transparent is written black. The same layer gives the same bytes.
    """
    most = np.iinfo(pixels.dtype).max
    opacity = np.rint(alpha * np.float32(most)).astype(pixels.dtype)
    colours = np.broadcast_to(pixels[..., ::-1], (*alpha.shape, 3))
    whole = np.dstack([colours, opacity])
    whole[opacity == 0] = 0
    done, content = cv2.imencode(".png", whole, _FAST)
    if not done:
        raise ProjectFileError(
            "The layer of {extent} pixels cannot be written.", extent=alpha.shape
        )
    return content.tobytes()


def read_layer(
    content: bytes, extent: Extent, *, is_grey: bool
) -> tuple[Pixels, NDArray[np.float32]]:
    """The pixels and the opacity of a layer of this size; ProjectFileError for anything else."""
    try:
        size = Image.open(io.BytesIO(content), formats=("PNG",)).size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as fault:
        raise ProjectFileError("A layer of the photo is damaged.") from fault
    if size != extent:
        raise ProjectFileError(
            "A layer of the photo is {size}; it should be {extent}.",
            size=Extent(*size),
            extent=extent,
        )
    found: Any = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if found is None or found.ndim != 3 or found.shape[2] != 4:
        raise ProjectFileError("A layer of the photo is damaged.")
    whole = cast("Pixels", found)
    alpha = (whole[..., 3] / np.float32(np.iinfo(whole.dtype).max)).astype(np.float32)
    colours = whole[..., 2:3] if is_grey else whole[..., 2::-1]
    return np.ascontiguousarray(colours), alpha
