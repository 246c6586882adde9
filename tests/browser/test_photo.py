"""From a photo: upload, smart click, candidates; pictures turned by their camera."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.browser.hands import Hands, Open


def photo(path: Path, orientation: int | None = None) -> Path:
    """A red disc left of the middle on grey, stored turned when an orientation is given."""
    y, x = np.mgrid[:240, :320]
    pixels = np.full((240, 320, 3), 128, np.uint8)
    pixels[(x - 100) ** 2 + (y - 110) ** 2 < 55**2] = (205, 30, 30)
    image = Image.fromarray(pixels)
    exif = Image.Exif()
    if orientation == 6:  # the viewer turns it a quarter to the right
        image = image.transpose(Image.Transpose.ROTATE_90)
        exif[0x0112] = 6
    image.save(path, quality=95, exif=exif)
    return path


def upload(person: Hands, path: Path, button: str = "Upload a photo") -> Hands:
    with person.page.expect_file_chooser() as chooser:
        person.page.click(f".card >> text={button}")
    chooser.value.set_files(path)
    return person.see("seg2any.photo.image && !seg2any.above.isOpen", 30)


def disc(person: Hands) -> tuple[float, float]:
    """The disc's middle in scene pixels."""
    width, height = person.ask("[seg2any.document.scene.width, seg2any.document.scene.height]")
    return width * 100 / 320, height * 110 / 240


@pytest.mark.slow
def test_a_click_on_a_photo_makes_a_region(person: Hands, tmp_path: Path) -> None:
    upload(person, photo(tmp_path / "photo.jpg"))
    person.see("seg2any.toolbox.tool.id === 'smart'")
    x, y = disc(person)
    person.page.mouse.move(*person.at(x + 3, y + 3))
    person.see("seg2any.toolbox.tool.ghost", 20)
    person.click(x, y).see("seg2any.toolbox.tool.candidates.length > 0", 20)
    index = person.ask("seg2any.toolbox.tool.index")
    count = person.ask("seg2any.toolbox.tool.candidates.length")
    assert count > 1
    person.key("Tab").see(f"seg2any.toolbox.tool.index !== {index}")
    for _ in range(count - 1):
        person.key("Tab")
    assert person.ask("seg2any.toolbox.tool.index") == index  # round and back
    person.key("Enter").name("red ball").settle()
    width, height = person.ask("[seg2any.document.scene.width, seg2any.document.scene.height]")
    wanted = np.pi * (55 * width / 320) * (55 * height / 240)
    assert abs(person.ask("seg2any.document.confirmed.regions[0].area") / wanted - 1) < 0.35
    assert person.server_labels() == person.shown_labels()


@pytest.mark.slow
def test_a_negative_click_and_escape(person: Hands, tmp_path: Path) -> None:
    upload(person, photo(tmp_path / "photo.jpg"))
    x, y = disc(person)
    person.click(x, y).see("seg2any.toolbox.tool.candidates.length > 0", 20)
    person.click(x + 90, y, button="right").see("seg2any.toolbox.tool.points.length === 2", 20)
    assert person.ask("seg2any.toolbox.tool.points.map((point) => point[2])") == [1, 0]
    person.key("Escape").see("seg2any.toolbox.tool.points.length === 0")
    assert person.ask("seg2any.document.scene.regions.length") == 0
    person.drag((x - 60, y - 60), (x, y), (x + 60, y + 60))
    person.see(
        "seg2any.toolbox.tool.box && seg2any.toolbox.tool.candidates.length > 0",
        20,
    ).key("Escape")


@pytest.mark.slow
def test_a_photo_turned_by_its_camera_is_clicked_where_it_is_seen(
    visit: Open, tmp_path: Path
) -> None:
    person = visit()
    upload(person, photo(tmp_path / "turned.jpg", orientation=6))
    assert person.ask("seg2any.document.scene.width > seg2any.document.scene.height")
    x, y = disc(person)
    person.click(x, y).see("seg2any.toolbox.tool.candidates.length > 0", 20)
    box = person.ask("seg2any.toolbox.tool.candidates[seg2any.toolbox.tool.index].shape.box")
    assert box[0] < x < box[2]
    assert box[1] < y < box[3]


def test_a_file_that_is_no_picture_is_refused_and_nothing_changes(
    person: Hands, tmp_path: Path
) -> None:
    person.blank().key("r").drag((10, 10), (60, 60), (100, 100)).name("stays").settle()
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nnot really")
    person.page.click("[aria-label=Menu]")
    with person.page.expect_file_chooser() as chooser:
        person.page.click(".menu >> text=Open a file")
    chooser.value.set_files(broken)
    person.page.wait_for_selector(".toast.bad")
    assert "damaged" in person.page.inner_text(".toast.bad")
    assert person.captions == ["stays"]
