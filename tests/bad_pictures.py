"""Bad input B1 to B36: pictures, names and paths."""

from __future__ import annotations

import base64
import json
import os
import warnings
import zlib
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from studio.files.picture_decoder import read_picture
from studio.scene.errors import StudioError
from studio.ui.web.body_limits import LARGEST_BODY
from studio.ui.web.gate import LARGEST_CALL
from tests.bad_input import (
    INFINITE,
    NAN,
    Room,
    case,
    chunk,
    corners,
    hollow,
    no_picture,
    quick,
    refused,
    saved,
    site,
)
from tests.ui.conftest import Page

# 1 to 18: what is no picture, or too much of one


@case(1, "refused")
def b01_an_empty_file(room: Room) -> None:
    no_picture(b"", "empty file")
    refused(room, "set_photo", "empty", file=base64.b64encode(b"").decode())


@case(2, "refused")
def b02_text_named_png(room: Room) -> None:
    refused(room, "set_photo", "not a picture", file=b"only words", name="a.png")


@case(3, "refused")
def b03_a_png_cut_after_60_bytes(room: Room) -> None:
    no_picture(saved(corners())[:60], "damaged")


@case(4, "refused")
def b04_a_jpeg_cut_in_the_middle(room: Room) -> None:
    whole = saved(Image.effect_noise((200, 200), 90).convert("RGB"), "JPEG")
    no_picture(whole[: len(whole) // 2], "damaged")


@case(5, "refused")
def b05_a_png_with_a_wrong_checksum(room: Room) -> None:
    content = bytearray(saved(corners()))
    content[-20] ^= 1
    no_picture(bytes(content), "damaged")


@case(6, "taken")
def b06_a_jpeg_named_png(room: Room) -> None:
    assert room.page.ask("set_photo", file=saved(corners(), "JPEG"), name="a.png")["ok"]


@case(7, "taken")
def b07_a_polyglot_comes_out_without_its_tail(room: Room) -> None:
    tail = b"<html><script>alert(1)</script>"
    assert tail not in saved(read_picture(saved(corners()) + tail).image)


@case(8, "refused")
def b08_an_svg_with_script(room: Room) -> None:
    no_picture(b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "SVG")


@case(9, "refused")
def b09_foreign_formats_never_reach_a_decoder(room: Room) -> None:
    for start in (b"8BPS\0\1", b"%!PS-Adobe", b"SIMPLE  =", b"DDS |", b"icns\0", b"%PDF-1.7"):
        no_picture(start + bytes(100), "not supported")
    no_picture(b"\xd7\xcd\xc6\x9a" + bytes(100), "not supported")


@case(10, "refused")
def b10_81_megapixels_by_the_header(room: Room) -> None:
    quick(lambda: no_picture(hollow(9000, 9000), "8192"), 0.2)


@case(11, "refused")
def b11_196_megapixels(room: Room) -> None:
    quick(lambda: no_picture(hollow(14000, 14000), ""), 0.2)


@case(12, "refused")
def b12_a_line(room: Room) -> None:
    no_picture(hollow(30000, 1), "8192")
    no_picture(hollow(1, 30000), "8192")


@case(13, "refused")
def b13_a_few_pixels(room: Room) -> None:
    for side in (1, 8):
        no_picture(saved(Image.new("RGB", (side, side))), "too small")


@case(14, "refused")
def b14_41_megapixels(room: Room) -> None:
    no_picture(hollow(8000, 5125), "megapixels")


@case(15, "refused")
def b15_a_body_beyond_its_limit(room: Room) -> None:
    """60 MB in the list; photos to edit made the limit 64 MB."""
    headers = {"content-length": str(LARGEST_BODY + 1)}
    assert site(room).post("/studio/send/set_photo", headers=headers).status_code == 413


@case(16, "refused")
def b16_a_data_url_of_60_megabytes(room: Room) -> None:
    assert LARGEST_CALL < 60_000_000
    headers = {"content-length": "60000000"}
    assert site(room).post("/gradio_api/run/set_photo", headers=headers).status_code == 413


@case(17, "refused")
def b17_a_thousand_files_at_once(room: Room) -> None:
    files = [("files", (f"{i}.png", b"x")) for i in range(1000)]
    form = {"payload": json.dumps({"session": room.page.session})}
    assert site(room).post("/studio/send/open_files", data=form, files=files).status_code == 400


@case(18, "taken")
def b18_text_that_unpacks_to_much_is_dropped(room: Room) -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "a" * 900_000, zip=True)
    plain = read_picture(saved(corners(), pnginfo=notes)).image
    assert plain.info == {}


@case(18, "refused")
def b18_text_that_unpacks_to_far_too_much(room: Room) -> None:
    bomb = zlib.compress(bytes(100 * 2**20), 9)
    body = saved(corners())
    for kind, start in ((b"zTXt", b"Comment\0\0"), (b"iTXt", b"C\0\1\0\0\0")):
        odd = body[:33] + chunk(kind, start + bomb) + body[33:]
        with suppress(StudioError):  # refused, or without that text
            assert read_picture(odd).image.info == {}


# 19 to 33: odd pictures


@case(19, "taken")
def b19_every_orientation_stands_upright(room: Room) -> None:
    stored = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Pillow's transpositions
    upright = np.asarray(corners())
    for orientation in range(1, 9):
        image = corners()
        if orientation > 1:
            image = image.transpose(Image.Transpose(stored[orientation]))
        notes = Image.Exif()
        notes[0x0112] = orientation
        found = np.asarray(read_picture(saved(image, "JPEG", exif=notes, quality=95)).image)
        assert found.shape == upright.shape, orientation
        assert tuple(found[2, 2] > 128) == (True, False, False), orientation
        assert tuple(found[-3, -3] > 128) == (False, False, True), orientation


@case(20, "taken")
def b20_orientation_in_webp_and_png(room: Room) -> None:
    notes = Image.Exif()
    notes[0x0112] = 3
    for kind in ("WEBP", "PNG"):
        image = corners().transpose(Image.Transpose.ROTATE_180)
        found = np.asarray(read_picture(saved(image, kind, exif=notes)).image)
        assert found[2, 2, 0] > 128, kind


@case(21, "taken")
def b21_damaged_camera_notes(room: Room) -> None:
    for notes in (b"Exif\0\0garbage", b"Exif\0\0II*\0\x08\0\0\0\xff\xff", b"b'Exif'"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own, of what it skips
            found = read_picture(saved(corners(), "JPEG", exif=notes)).image.size
        assert found == (32, 24)


@case(22, "taken")
def b22_no_place_of_a_photo_is_in_a_picture_of_ours(room: Room) -> None:
    notes = Image.Exif()
    notes.get_ifd(0x8825)[1] = "N"
    notes[0x010F] = "SecretCamera"
    plain = read_picture(saved(corners(), "JPEG", exif=notes)).image
    assert "exif" not in plain.info
    assert b"SecretCamera" not in saved(plain)


@case(23, "taken")
def b23_a_cmyk_photo(room: Room) -> None:
    red = Image.new("CMYK", (32, 32), (0, 255, 255, 0))
    found = np.asarray(read_picture(saved(red, "JPEG", quality=98)).image)[16, 16].astype(int)
    assert found[0] > 200
    assert max(found[1:]) < 60


@case(24, "taken")
def b24_a_broken_colour_profile_is_told(room: Room) -> None:
    decoded = read_picture(saved(corners(), icc_profile=b"no profile" * 20))
    assert any("colour profile" in notice for notice in decoded.notices)
    good = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert read_picture(saved(corners(), icc_profile=good)).notices == ()


@case(25, "taken")
def b25_sixteen_bits_are_scaled_and_not_clipped(room: Room) -> None:
    ramp = np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (16, 1))
    found = np.asarray(read_picture(saved(Image.fromarray(ramp))).image)[0, :, 0]
    assert np.all(np.diff(found.astype(int)) >= 0)
    assert (found[0], found[-1]) == (0, 255)
    assert len(np.unique(found)) > 60


@case(26, "refused")
def b26_numbers_that_are_none(room: Room) -> None:
    for odd in (NAN, INFINITE):
        values = np.full((16, 16), 0.5, np.float32)
        values[3, 3] = odd
        no_picture(saved(Image.fromarray(values), "TIFF"), "no numbers")


@case(27, "taken")
def b27_every_mode_becomes_rgb(room: Room) -> None:
    for mode in ("1", "P", "LA", "L", "RGBA"):
        assert read_picture(saved(corners().convert(mode))).image.mode == "RGB", mode


@case(28, "taken")
def b28_hidden_colour_does_not_shine_through(room: Room) -> None:
    decoded = read_picture(saved(Image.new("RGBA", (16, 16), (255, 0, 0, 0))))
    assert decoded.image.getpixel((8, 8)) == (255, 255, 255)
    assert decoded.opacity is not None


@case(29, "taken")
def b29_a_wholly_transparent_picture_is_told(room: Room) -> None:
    decoded = read_picture(saved(Image.new("RGBA", (16, 16))))
    assert any("wholly transparent" in notice for notice in decoded.notices)


def animated(kind: str, frames: int = 3) -> bytes:
    shades = [Image.new("RGB", (16, 16), (97 * i % 256, i // 256 % 256, 9)) for i in range(frames)]
    return saved(shades[0], kind, save_all=True, append_images=shades[1:], duration=20)


@case(30, "taken")
def b30_of_an_animation_the_first_frame(room: Room) -> None:
    for kind in ("GIF", "PNG", "WEBP"):
        decoded = read_picture(animated(kind))
        assert any("first frame" in notice for notice in decoded.notices), kind


@case(31, "taken")
def b31_an_animation_of_very_many_frames(room: Room) -> None:
    many = animated("GIF", 1000)
    body, end = many[:-1], many[-1:]
    frames = body[body.index(b"!\xf9") :]
    quick(lambda: read_picture(body + frames * 9 + end))


@case(32, "refused")
def b32_formats_of_phones_with_a_hint(room: Room) -> None:
    no_picture(b"\0\0\0\x18ftypheic" + bytes(50), "HEIC")
    no_picture(b"\xff\x0a" + bytes(50), "JPEG XL")
    no_picture(b"\x89PNG\r\n\x1a\n\0\0\0\x04CgBI" + bytes(50), "CgBI")


@case(32, "taken")
def b32_the_first_picture_of_a_phones_mpo(room: Room) -> None:
    mpo = saved(corners(), "MPO", save_all=True, append_images=[corners()])
    assert read_picture(mpo).image.size == (32, 24)


@case(33, "taken")
def b33_a_png_named_gif(room: Room) -> None:
    room.page.ask("set_photo", file=saved(Image.new("RGBA", (32, 32), "red")), name="a.gif")
    assert read_picture(saved(Image.new("RGBA", (32, 32), "red"))).image.mode == "RGB"


# 34 to 36: names, paths and addresses


@case(34, "taken")
def b34_odd_file_names(room: Room) -> None:
    before = {path for path in room.folder.rglob("*") if path.is_file()}
    names = ("../../x", "a\0b", "CON", "x" * 300, "\u202egnp.exe", "😀.png", "<img onerror=1>")
    for name in names:
        room.page.ask("set_photo", file=saved(corners()), name=name)
    after = {path for path in room.folder.rglob("*") if path.is_file()} - before
    assert all((room.folder / "projects").resolve() in path.resolve().parents for path in after)
    assert all(path.name.isascii() for path in after)


@case(35, "refused")
def b35_paths_are_no_references(room: Room) -> None:
    other = Page(room.page.client)
    other.ask("set_photo", file=saved(corners(40, 40)), name="theirs.png")
    theirs = other.document["photo"]
    for reference in ("/etc/passwd", "../../../etc/passwd", "\\\\host\\share", theirs, "a\0b"):
        refused(room, "file", "", ref=reference)
        path = f"/studio/file/{room.page.session}/{reference}".replace("\0", "%00")
        assert site(room).get(path).status_code == 404
    refused(room, "use_model", "weights folder", base="/etc/passwd")


@case(35, "refused")
def b35_a_link_to_elsewhere_in_the_projects_folder(room: Room) -> None:
    if os.name != "posix":
        pytest.skip("links need rights on Windows")
    place = room.page.client.studio.store.root / room.page.project / "content"
    place.mkdir(exist_ok=True)
    link = place / ("a" * 64 + ".png")
    link.symlink_to("/etc/hostname")
    try:
        answer = room.page.client.call("file", {"session": room.page.session, "ref": link.name})
        assert not answer["ok"] or b"" not in [answer]
        assert site(room).get(f"/studio/file/{room.page.session}/{link.name}").status_code == 404
    finally:
        link.unlink()


@case(36, "refused")
def b36_addresses_are_not_fetched(room: Room) -> None:
    for address in ("http://127.0.0.1:1/a.png", "http://169.254.169.254/", "file:///etc/passwd"):
        refused(room, "set_photo", "base64", file=address)
