"""A photo at the size of a screen."""

from __future__ import annotations

import io
import time

import numpy as np
import pytest
from PIL import Image, ImageCms

from studio.files.photo_file import read_photo
from studio.files.photo_proxy import photo_proxy
from studio.scene.geometry import Extent
from tests.photo_builders import deep, noise, saved


def test_a_proxy_shows_the_photo_upright_at_most_so_large() -> None:
    picture = np.zeros((300, 400, 3), np.uint8)
    picture[:100, :100] = 255
    exif = Image.Exif()
    exif[274] = 6
    proxy = photo_proxy(read_photo(saved(Image.fromarray(picture), "JPEG", exif=exif)), 100)
    assert proxy.size == (75, 100)
    assert np.asarray(proxy)[:20, -20:].min() > 240  # the white corner went to the right


def test_a_small_photo_is_its_own_proxy() -> None:
    pixels = noise("RGB")
    proxy = photo_proxy(read_photo(saved(Image.fromarray(pixels), "PNG")))
    assert np.array_equal(np.asarray(proxy), pixels)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_the_proxy_of_sixteen_bits_has_eight(mode: str) -> None:
    pixels = noise(mode, np.uint16)
    proxy = photo_proxy(read_photo(deep(pixels, ".png")))
    expected = (pixels / 257 + 0.5).astype(np.uint8)
    colours = expected[..., None] if mode == "L" else expected[..., :3]
    assert np.array_equal(np.asarray(proxy), np.broadcast_to(colours, (*pixels.shape[:2], 3)))


def test_a_proxy_is_in_the_colours_of_a_screen() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    picture = Image.new("RGB", (32, 32), (10, 200, 30))
    proxy = photo_proxy(read_photo(saved(picture, "PNG", icc_profile=profile.tobytes())))
    assert abs(np.asarray(proxy)[16, 16].astype(int) - (10, 200, 30)).max() <= 1


def test_twenty_four_megapixels_are_seen_within_three_seconds() -> None:
    file = io.BytesIO()
    Image.effect_noise((600, 400), 60).resize((6000, 4000)).convert("RGB").save(file, "JPEG")
    start = time.process_time()
    photo = read_photo(file.getvalue())
    proxy = photo_proxy(photo)
    assert time.process_time() - start < 3
    assert (photo.photo.extent, proxy.size) == (Extent(6000, 4000), (2048, 1365))
