"""A photo at the size of a screen."""

from __future__ import annotations

import io
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from studio.files.photo_file import read_photo
from studio.files.photo_proxy import photo_proxy, read_proxy
from studio.scene.errors import PictureFileError
from studio.scene.geometry import Extent
from tests.photo_builders import deep, noise, saved


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_proxy_shows_the_photo_upright_at_most_so_large(kind: str) -> None:
    rows, columns = np.mgrid[:300, :400]
    picture = np.stack([rows % 256, columns % 256, (rows + columns) % 256], -1).astype(np.uint8)
    picture[:100, :100] = 255
    exif = Image.Exif()
    exif[274] = 6
    content = saved(Image.fromarray(picture), kind, exif=exif)
    proxy, extent = read_proxy(content, 100)
    assert extent == Extent(300, 400)
    assert proxy.size == (75, 100)
    assert np.asarray(proxy)[:20, -20:].min() > 240  # the white corner went to the right


def test_a_small_photo_is_its_own_proxy() -> None:
    pixels = noise("RGB")
    proxy, _ = read_proxy(saved(Image.fromarray(pixels), "PNG"))
    assert np.array_equal(np.asarray(proxy), pixels)


def test_the_proxy_of_sixteen_bits_has_eight() -> None:
    pixels = noise("RGBA", np.uint16)
    proxy = photo_proxy(read_photo(deep(pixels, ".png")))
    assert proxy.mode == "RGBA"
    assert np.array_equal(np.asarray(proxy), (pixels / 257 + 0.5).astype(np.uint8))


def test_a_proxy_is_in_the_colours_of_a_screen() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    content = saved(Image.new("RGB", (32, 32), (10, 200, 30)), "JPEG", icc_profile=lab.tobytes())
    proxy, _ = read_proxy(content)
    assert abs(np.asarray(proxy)[16, 16].astype(int) - (10, 200, 30)).max() <= 3


def test_a_proxy_of_cmyk_is_refused_as_the_photo_is(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.new("CMYK", (32, 32)).save(path)
    with pytest.raises(PictureFileError, match=r"CMYK; photos in RGB or grey"):
        read_proxy(path)


def test_twenty_four_megapixels_are_seen_within_three_seconds() -> None:
    file = io.BytesIO()
    Image.effect_noise((600, 400), 60).resize((6000, 4000)).convert("RGB").save(file, "JPEG")
    start = time.process_time()
    proxy, extent = read_proxy(file.getvalue())
    assert time.process_time() - start < 3
    assert (extent, proxy.size) == (Extent(6000, 4000), (2048, 1365))
