"""A changed JPEG that keeps every block that was not changed, coefficient by coefficient.

Decoding and encoding again would move nearly every pixel a little. So the original's coefficients
are read as they are, those of blocks with a changed pixel are computed anew with the file's own
tables, and everything is written back. JPEG's blocks of 8 x 8 pixels, 16 x 16 where colours are
stored at half size, change as a whole: a pixel beside a region may move with its block.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from studio.scene.photo import Pixels

_AT_ONCE = 4096  # units of blocks


def can_keep_blocks() -> bool:
    """Whether the library that reads coefficients is there; it is not made for every processor."""
    try:
        import jpeglib  # noqa: F401  # pyright: ignore[reportUnusedImport, reportMissingTypeStubs]
    except (ImportError, OSError):
        return False
    return True


def with_changed_blocks(original: bytes, before: Pixels, after: Pixels) -> bytes | None:
    """The JPEG of `after`; both as the file stores them, (h, w) or (h, w, 3).

    None where it cannot be done: no library, other colours than YCbCr or grey, an odd sampling.
    """
    if not can_keep_blocks():
        return None
    import jpeglib  # pyright: ignore[reportMissingTypeStubs]

    library: Any = jpeglib
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "a.jpg", Path(folder) / "b.jpg"
        source.write_bytes(original)
        try:
            coded = library.read_dct(str(source))
            planes = _planes(coded, before.shape)
            if planes is None:
                return None
            _recode(planes, before, after)
            for name, plane in zip(("Y", "Cb", "Cr"), planes, strict=False):
                setattr(coded, name, plane.coefficients)
            flags = ["+PROGRESSIVE_MODE"] if coded.progressive_mode else ["+OPTIMIZE_CODING"]
            coded.write_dct(str(made), flags=flags)
            return made.read_bytes()
        except (OSError, ValueError, AttributeError, RuntimeError):
            return None


class _Plane:
    """One component: coefficients (rows, columns, 8, 8) of its blocks, and their table (8, 8).

    tall, wide: its blocks in a unit; up, across: pixels of the photo for one of its samples.
    """

    def __init__(self, coefficients: NDArray[np.int16], table: NDArray[Any]) -> None:
        self.coefficients = coefficients
        self.table = table.astype(np.float32)
        self.tall = self.wide = self.up = self.across = 1


def _planes(coded: Any, shape: tuple[int, ...]) -> list[_Plane] | None:
    """None for colours or a sampling that are not computed here."""
    count = 1 if len(shape) == 2 else 3
    space = str(coded.jpeg_color_space)
    if (coded.height, coded.width) != shape[:2] or coded.num_components != count:
        return None
    if not space.endswith("GRAYSCALE" if count == 1 else "YCbCr"):
        return None
    planes = [
        _Plane(getattr(coded, name), coded.get_component_qt(number))
        for number, name in enumerate(("Y", "Cb", "Cr")[:count])
    ]
    if count == 1:
        return planes  # its sampling means nothing: a unit is one block
    samples = [(int(tall), int(wide)) for tall, wide in coded.samp_factor]
    most_tall, most_wide = (max(each) for each in zip(*samples, strict=True))
    for plane, (tall, wide) in zip(planes, samples, strict=True):
        if most_tall % tall or most_wide % wide:
            return None
        plane.tall, plane.wide = tall, wide
        plane.up, plane.across = most_tall // tall, most_wide // wide
    return planes


def _recode(planes: list[_Plane], before: Pixels, after: Pixels) -> None:
    """Compute every block anew that holds a changed pixel, in the planes themselves."""
    high = 8 * planes[0].tall * planes[0].up
    broad = 8 * planes[0].wide * planes[0].across
    units = changed_units(before, after, high, broad)
    for start in range(0, len(units), _AT_ONCE):
        some = units[start : start + _AT_ONCE]
        rows = np.minimum(some[:, :1] * high + np.arange(high), after.shape[0] - 1)
        columns = np.minimum(some[:, 1:] * broad + np.arange(broad), after.shape[1] - 1)
        pixels = after[rows[:, :, None], columns[:, None, :]].astype(np.float32)
        for plane, samples in zip(planes, _components(pixels), strict=True):
            _put(plane, some, samples)


def changed_units(before: Pixels, after: Pixels, high: int, broad: int) -> NDArray[np.intp]:
    """(n, 2): row and column of every unit of high x broad pixels that holds a changed one."""
    found: list[NDArray[np.intp]] = []
    for row in range(-(-before.shape[0] // high)):
        strip = slice(row * high, (row + 1) * high)
        if np.array_equal(before[strip], after[strip]):
            continue
        differs = (before[strip] != after[strip]).reshape(-1, before.shape[1], _depth(before))
        columns = np.unique(np.flatnonzero(differs.any(axis=(0, 2))) // broad)
        found.append(np.stack([np.full_like(columns, row), columns], axis=1))
    return np.concatenate(found) if found else np.zeros((0, 2), np.intp)


def _depth(pixels: Pixels) -> int:
    return 1 if pixels.ndim == 2 else pixels.shape[2]


def _components(pixels: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Brightness and colours round zero, as JFIF defines them."""
    if pixels.ndim == 3:
        return [pixels - 128]
    made: Any = np.matmul(pixels, np.transpose(_YCBCR))
    return [made[..., 0] - 128, made[..., 1], made[..., 2]]


def _put(plane: _Plane, units: NDArray[np.intp], samples: NDArray[np.float32]) -> None:
    """samples: (n, high, broad) in the photo's pixels."""
    count, tall, wide = len(units), plane.tall, plane.wide
    parts: Any = (
        cast("Any", samples)
        .reshape(count, tall * 8, plane.up, wide * 8, plane.across)
        .mean(axis=(2, 4))
    )
    blocks = parts.reshape(count, tall, 8, wide, 8).transpose(0, 1, 3, 2, 4)
    coded: Any = np.rint(np.matmul(np.matmul(_COSINES, blocks), _TURNED) / plane.table)
    values = coded.clip(-1023, 1023).astype(np.int16)
    rows = units[:, 0, None, None] * tall + np.arange(tall)[:, None] + np.zeros(wide, np.intp)
    columns = units[:, 1, None, None] * wide + np.arange(wide) + np.zeros((tall, 1), np.intp)
    height, width = plane.coefficients.shape[:2]
    exists = (rows < height) & (columns < width)  # the last unit may reach beyond the picture
    plane.coefficients[rows[exists], columns[exists]] = values[exists]


def _cosines() -> NDArray[np.float32]:
    """The discrete cosine transform of eight samples, each row of length one."""
    frequency, place = np.mgrid[:8, :8]
    table = np.cos((2 * place + 1) * frequency * np.pi / 16) / 2
    table[0] /= np.sqrt(2)
    return table.astype(np.float32)


_COSINES = _cosines()
_TURNED = np.transpose(_COSINES)
_YCBCR = np.array(
    [
        [0.299, 0.587, 0.114],
        [-0.168736, -0.331264, 0.5],
        [0.5, -0.418688, -0.081312],
    ],
    np.float32,
)
