"""A gamma strip as one file: a PNG grid, an animation, or a page with a slider."""

from __future__ import annotations

import base64
import html
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from studio.scene.errors import SessionError

FORMATS = ("png", "gif", "webp", "html")
_GAP, _LINE = 8, 22
_FRAME_MILLISECONDS = 450


@dataclass(frozen=True)
class StripPicture:
    """One picture of a strip and how well it obeyed its shapes."""

    gamma: float
    image: Image.Image
    iou: float | None

    @property
    def label(self) -> str:
        shown = f"gamma {self.gamma:g}"
        return shown if self.iou is None else f"{shown}   IoU {self.iou:.2f}"


def strip_file(
    pictures: Sequence[StripPicture], layout: Image.Image, kind: str, title: str
) -> bytes:
    """`layout` is the scene's own overlay, shown beside the pictures."""
    if not pictures:
        raise SessionError("The strip has no picture yet.")
    if kind == "png":
        return _grid(pictures, layout)
    if kind == "gif":
        return _animation(pictures, "GIF")
    if kind == "webp":
        return _animation(pictures, "WEBP")
    if kind == "html":
        return _page(pictures, layout, title)
    raise SessionError(
        "A strip is saved as {allowed}; not as {kind!r}.", allowed=", ".join(FORMATS), kind=kind
    )


def _grid(pictures: Sequence[StripPicture], layout: Image.Image) -> bytes:
    width, height = pictures[0].image.size
    cells = [("layout", layout.resize((width, height)))]
    cells += [(picture.label, picture.image) for picture in pictures]
    sheet = Image.new(
        "RGB", (len(cells) * (width + _GAP) + _GAP, height + 2 * _GAP + _LINE), (250, 250, 250)
    )
    for place, (label, image) in enumerate(cells):
        left = _GAP + place * (width + _GAP)
        sheet.paste(image, (left, _GAP))
        _write(sheet, (left, height + _GAP + 4), label, (30, 30, 30))
    return _encoded(sheet, "PNG")


def _animation(pictures: Sequence[StripPicture], kind: str) -> bytes:
    """There and back again, so that it can run for ever."""
    frames = [_labelled(picture) for picture in pictures]
    frames += frames[-2:0:-1]
    file = io.BytesIO()
    frames[0].save(
        file,
        kind,
        save_all=True,
        append_images=frames[1:],
        duration=_FRAME_MILLISECONDS,
        loop=0,
    )
    return file.getvalue()


def _labelled(picture: StripPicture) -> Image.Image:
    frame = picture.image.convert("RGB").copy()
    for dx, dy, colour in ((1, 1, (0, 0, 0)), (0, 0, (255, 255, 255))):
        _write(frame, (6 + dx, frame.height - 20 + dy), picture.label, colour)
    return frame


def _page(pictures: Sequence[StripPicture], layout: Image.Image, title: str) -> bytes:
    """One file without any other: pictures inside, a slider, arrow keys."""
    items = [
        {"label": picture.label, "image": _data(picture.image), "iou": picture.iou}
        for picture in pictures
    ]
    content = json.dumps(items).replace("<", "\\u003c")
    page = _PAGE.replace("{title}", html.escape(title)).replace("{layout}", _data(layout))
    return page.replace("{last}", str(len(items) - 1)).replace("{items}", content).encode()


def _data(image: Image.Image) -> str:
    return "data:image/png;base64," + base64.b64encode(_encoded(image, "PNG")).decode()


def _encoded(image: Image.Image, kind: str) -> bytes:
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def _write(
    image: Image.Image, at: tuple[int, int], text: str, colour: tuple[int, int, int]
) -> None:
    ImageDraw.Draw(image).text(at, text, fill=colour, font=ImageFont.load_default(13))


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<style>
body{font:16px/1.5 system-ui,sans-serif;margin:0;padding:2rem;background:#16181d;color:#e8eaee}
main{max-width:1100px;margin:auto;display:grid;gap:1rem;grid-template-columns:1fr 1fr}
h1{font-size:1.2rem;grid-column:1/3;margin:0}img{width:100%;border-radius:8px;display:block}
label{grid-column:1/3;display:flex;gap:1rem;align-items:center}input{flex:1}
output{min-width:14em;font-variant-numeric:tabular-nums}
</style></head><body><main>
<h1>{title}</h1>
<img src="{layout}" alt="the regions that were asked for">
<img id="picture" alt="the picture at this gamma">
<label>loose sketch<input id="gamma" type="range" min="0" max="{last}" value="{last}">exact shape
<output id="label"></output></label>
</main><script>
const items = {items};
const slider = document.getElementById("gamma");
const show = () => {
  const item = items[slider.value];
  document.getElementById("picture").src = item.image;
  document.getElementById("label").textContent = item.label;
};
slider.addEventListener("input", show);
show();
slider.focus();
</script></body></html>
"""
