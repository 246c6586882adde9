"""Things that are drawn into a region's own shape, whatever that shape is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.workshop.painting import built, outlines
from studio.workshop.painting.colours import Colour
from studio.workshop.painting.form import Form, lit, painted_over
from studio.workshop.painting.materials import BY_NAME, Material
from studio.workshop.painting.outlines import Outline
from studio.workshop.painting.surface import Image, ramp, step, tint

Rgb = NDArray[Any]
_INK = (0.10, 0.08, 0.08)
_CREAM = (0.95, 0.90, 0.78)
_BARK = (0.38, 0.24, 0.13)
_GOLD = np.array((0.92, 0.72, 0.22), np.float32)


def _plain(form: Form, rgb: Rgb) -> Image:
    return np.broadcast_to(np.asarray(rgb, np.float32), (form.height, form.width, 3)).copy()


def ball(form: Form, rgb: Rgb, other: Rgb | None) -> Image:
    return painted_over(tint(rgb, form.sphere), (1, 1, 1), form.spot(0.34, 0.28, 0.09, 1.2) * 0.8)


def badge(form: Form, rgb: Rgb, other: Rgb | None) -> Image:
    rim = step(0.24 - form.depth / form.radius, 0, 0.06)
    face = tint(rgb, (0.4 - form.v) * 0.45)
    edge = tint(
        _GOLD if other is None else other, np.sin((form.u + form.v) * 5) * 0.25 + form.rounded * 0.8
    )
    image = face * (1 - rim[..., None]) + edge * rim[..., None]
    line = np.exp(-(((form.depth / form.radius - 0.26) / 0.05) ** 2))
    return painted_over(image, _INK, line * 0.35)


def button(form: Form, rgb: Rgb, other: Rgb | None) -> Image:
    rim = np.exp(-(((form.depth / form.radius - 0.28) / 0.07) ** 2))
    image = tint(rgb, form.rounded * 0.5 - rim * 0.35)
    for u in (0.41, 0.59):
        for v in (0.41, 0.59):
            image = painted_over(image, rgb * 0.15, form.spot(u, v, 0.062))
    return image


def balloon(form: Form, rgb: Rgb, other: Rgb | None) -> Image:
    image = tint(rgb, form.rounded * 0.85 + form.sphere * 0.2)
    return painted_over(image, (1, 1, 1), form.oval(0.35, 0.26, 0.09, 0.12, 0.8) * 0.75)


def apple(form: Form, rgb: Rgb, other: Rgb | None) -> Image:
    image = tint(rgb, form.sphere * 0.9)
    image = painted_over(image, (1, 1, 1), form.spot(0.34, 0.40, 0.07, 1.2) * 0.6)
    image = painted_over(
        image, (0.30, 0.58, 0.16), step(0.165 - form.v, 0, 0.03) * step(form.u, 0.55, 0.03)
    )
    return painted_over(image, _BARK, form.box(0.465, -0.1, 0.56, 0.24))


def orange_fruit(form: Form, rgb: Rgb, other: Rgb | None) -> Image:
    image = tint(rgb, form.sphere * 0.9 + form.noise(2.6) * 0.06)
    return painted_over(image, (0.22, 0.40, 0.12), form.spot(0.5, 0.13, 0.05, 0.8))


def leaf(form: Form, rgb: Rgb, other: Rgb | None) -> Image:
    rib = np.abs(form.u + form.v - 1.0)
    vein = np.abs(np.sin((form.u - form.v) * 11 + rib * 6))
    light = form.rounded * 0.55 - step(0.14 - vein, 0, 0.12) * 0.22
    return painted_over(
        tint(rgb, light), np.clip(rgb * 1.5 + 0.1, 0, 1), step(0.025 - rib, 0, 0.03) * 0.8
    )


def flower(form: Form, rgb: Rgb, other: Rgb | None) -> Image:
    x, y = form.u - 0.5, form.v - 0.5
    far = np.hypot(x, y) * 2
    streak = np.cos(np.arctan2(y, x) * 24) * 0.10
    image = tint(rgb, (far - 0.62) * 0.6 + streak + form.rounded * 0.3)
    heart = step(0.30 - far, 0, 0.08)
    return painted_over(image, (0.97, 0.78, 0.15) if other is None else other, heart)


def mushroom(form: Form, rgb: Rgb, other: Rgb | None) -> Image:
    cap = tint(rgb, form.sphere * 0.35 + (0.28 - form.v) * 0.7)
    for u, v, size in (
        (0.3, 0.3, 0.06),
        (0.55, 0.16, 0.07),
        (0.75, 0.36, 0.06),
        (0.5, 0.42, 0.05),
        (0.14, 0.46, 0.04),
    ):
        cap = painted_over(cap, (0.98, 0.96, 0.92), form.spot(u, v, size))
    stem = tint(
        np.array(_CREAM, np.float32), (0.5 - form.u) * 0.9 - step(0.64 - form.v, 0, 0.1) * 0.35
    )
    return _below(form, cap, stem, 0.56)


def _below(form: Form, upper: Image, lower: Image, v: float) -> Image:
    share = step(form.v, v, 2.5 / form.height)[..., None]
    return upper * (1 - share) + lower * share


def tree(form: Form, rgb: Rgb, other: Rgb | None) -> Image:
    tuft = form.cells(max(5.0, form.radius * 0.34))
    light = (
        form.rounded * 0.7
        + 0.30
        - tuft.distance / max(6.0, form.radius * 0.4)
        + form.noise(3) * 0.1
    )
    trunk = tint(np.array(_BARK, np.float32), (0.5 - form.u) * 1.6)
    return _below(form, tint(rgb, np.clip(light, -0.85, 0.8)), trunk, 0.70)


def fir(form: Form, rgb: Rgb, other: Rgb | None) -> Image:
    layer = np.mod(form.v * 3.2 + 0.05, 1)
    light = (0.5 - layer) * -0.5 + (0.5 - form.u) * 0.7 + form.noise(3) * 0.16
    return _below(form, tint(rgb, light), tint(np.array(_BARK, np.float32), (0.5 - form.u)), 0.88)


def house(form: Form, rgb: Rgb, other: Rgb | None) -> Image:
    wall = tint(rgb, (0.5 - form.u) * 0.2 + form.noise(3) * 0.05)
    for left in (0.18, 0.62):
        wall = painted_over(
            wall, (0.97, 0.97, 0.95), form.box(left - 0.02, 0.52, left + 0.22, 0.74)
        )
        wall = painted_over(wall, (0.36, 0.52, 0.66), form.box(left, 0.54, left + 0.09, 0.72))
        wall = painted_over(
            wall, (0.50, 0.66, 0.78), form.box(left + 0.11, 0.54, left + 0.20, 0.72)
        )
    wall = painted_over(wall, (0.40, 0.24, 0.12), form.box(0.43, 0.66, 0.57, 1.1))
    roof = built.roof_tiles(
        form, np.array((0.62, 0.24, 0.17), np.float32) if other is None else other
    )
    roof = lit(roof, -0.35 * step(form.u, 0.5, 0.04))
    return _below(form, roof, wall, 0.42)


def tower(form: Form, rgb: Rgb, other: Rgb | None) -> Image:
    image = lit(built.brick_wall(form, rgb), (0.45 - form.u) * 0.9)
    for v in (0.46, 0.68):
        image = painted_over(image, _INK, form.box(0.44, v, 0.56, v + 0.10))
    image = painted_over(image, (0.28, 0.16, 0.09), form.box(0.40, 0.86, 0.60, 1.1))
    return lit(image, -0.5 * np.exp(-(((form.v - 0.40) / 0.025) ** 2)))


def boat(form: Form, rgb: Rgb, other: Rgb | None) -> Image:
    sail = tint(
        np.array((0.95, 0.94, 0.90), np.float32) if other is None else other, (0.5 - form.u) * 0.35
    )
    sail = painted_over(sail, _BARK, form.box(0.455, -0.1, 0.505, 1.1))
    hull = tint(rgb, (0.80 - form.v) * 1.8)
    hull = painted_over(hull, (0.96, 0.96, 0.94), form.box(-0.1, 0.76, 1.1, 0.80))
    return _below(form, sail, hull, 0.71)


def fish(form: Form, rgb: Rgb, other: Rgb | None) -> Image:
    plates = (
        built.scales(form, rgb)
        if min(form.width, form.height) > 40
        else tint(rgb, form.noise(4) * 0.1)
    )
    image = lit(plates, form.rounded * 0.6 + (0.45 - form.v) * 0.5)
    fin = np.maximum(step(form.u, 0.74, 0.05), step(0.17 - form.v, 0, 0.05))
    image = painted_over(image, (rgb * 0.62 if other is None else other), fin * 0.9)
    image = painted_over(
        image, rgb * 0.5, np.exp(-(((form.u - 0.24 - (form.v - 0.5) ** 2) / 0.015) ** 2)) * 0.6
    )
    image = painted_over(image, (0.98, 0.98, 0.95), form.spot(0.13, 0.42, 0.075))
    return painted_over(image, _INK, form.spot(0.125, 0.42, 0.045))


def bird(form: Form, rgb: Rgb, other: Rgb | None) -> Image:
    image = tint(rgb, form.rounded * 0.7 + (0.45 - form.v) * 0.5)
    wing = form.oval(0.60, 0.52, 0.22, 0.17)
    feather = np.sin((form.u * 0.5 + form.v) * 36) * 0.10
    image = (
        image * (1 - wing[..., None])
        + tint(rgb * 0.62 if other is None else other, feather) * wing[..., None]
    )
    image = painted_over(image, (0.97, 0.62, 0.10), step(0.105 - form.u, 0, 0.03))
    image = painted_over(image, (0.90, 0.55, 0.12), step(form.v, 0.84, 0.03))
    image = painted_over(image, (0.98, 0.98, 0.96), form.spot(0.22, 0.28, 0.055))
    return painted_over(image, _INK, form.spot(0.21, 0.28, 0.035))


def butterfly(form: Form, rgb: Rgb, other: Rgb | None) -> Image:
    image = tint(rgb, (0.4 - np.hypot(form.u - 0.5, form.v - 0.5)) * 0.7)
    border = step(0.22 - form.depth / form.radius, 0, 0.14)
    image = painted_over(image, _INK, border * 0.9)
    spot = _CREAM if other is None else other
    for u in (0.2, 0.8):
        image = painted_over(image, spot, form.oval(u, 0.26, 0.075, 0.10))
        image = painted_over(image, spot, form.oval(u * 0.8 + 0.1, 0.75, 0.055, 0.08))
    return painted_over(image, (0.13, 0.10, 0.09), form.oval(0.5, 0.5, 0.055, 0.42))


def car(form: Form, rgb: Rgb, other: Rgb | None) -> Image:
    image = tint(rgb, (0.52 - form.v) * 0.9 + 0.1)
    pane = step(form.v, 0.16, 0.03) * step(0.41 - form.v, 0, 0.03)
    slope = (form.v - 0.16) * 0.42
    glass = (
        pane * step(form.u, 0.375 - slope + 0.02, 0.03) * step(0.70 + slope * 0.9 - form.u, 0, 0.03)
    )
    image = painted_over(image, (0.62, 0.78, 0.88), glass)
    image = painted_over(image, rgb * 0.7, form.box(0.525, 0.1, 0.555, 0.75))
    image = painted_over(image, (0.99, 0.95, 0.72), form.oval(0.965, 0.55, 0.035, 0.06))
    for u in (0.22, 0.78):
        image = painted_over(image, (0.09, 0.09, 0.10), form.oval(u, 0.80, 0.135, 0.20, 0.12))
        image = painted_over(image, (0.75, 0.76, 0.78), form.oval(u, 0.80, 0.065, 0.098, 0.2))
    return image


def cup(form: Form, rgb: Rgb, other: Rgb | None) -> Image:
    image = tint(rgb, np.cos((form.u - 0.22) * 4.2) * 0.5 - 0.15)
    if other is not None:
        image = painted_over(image, other, form.box(-0.1, 0.42, 0.72, 0.62))
    image = painted_over(image, rgb * 0.25, form.oval(0.39, 0.065, 0.35, 0.062))
    return painted_over(image, (0.28, 0.15, 0.07), form.oval(0.39, 0.085, 0.27, 0.035))


def lamp(form: Form, rgb: Rgb, other: Rgb | None) -> Image:
    glow = np.exp(-(((form.u - 0.5) / 0.26) ** 2) - ((form.v - 0.36) / 0.3) ** 2)
    shade = tint(rgb, glow * 0.9 - 0.05)
    foot = tint(
        np.array((0.55, 0.42, 0.20), np.float32) if other is None else other,
        np.cos((form.u - 0.42) * 9) * 0.5,
    )
    return _below(form, shade, foot, 0.53)


def star(form: Form, rgb: Rgb, other: Rgb | None) -> Image:
    angle = np.arctan2(form.u - 0.5, 0.5 - form.v)
    facet = np.where(np.mod(angle * 5 / np.pi, 2) < 1, 0.20, -0.22).astype(np.float32)
    return tint(rgb, facet + form.rounded * 0.35)


def heart(form: Form, rgb: Rgb, other: Rgb | None) -> Image:
    image = tint(rgb, form.rounded * 0.85)
    return painted_over(image, (1, 1, 1), form.oval(0.27, 0.25, 0.08, 0.09, 1.0) * 0.75)


def moon(form: Form, rgb: Rgb, other: Rgb | None) -> Image:
    image = tint(rgb, form.rounded * 0.5 + form.fractal(14, 2) * 0.08)
    for u, v, size in (
        (0.3, 0.35, 0.06),
        (0.18, 0.55, 0.05),
        (0.36, 0.72, 0.055),
        (0.5, 0.12, 0.035),
        (0.62, 0.5, 0.07),
    ):
        image = painted_over(image, rgb * 0.74, form.spot(u, v, size, 0.5))
    return image


def sun(form: Form, rgb: Rgb, other: Rgb | None) -> Image:
    far = np.hypot(form.u - 0.5, form.v - 0.5) * 2
    face = ramp(far, (1.0, 0.98, 0.72), (1.0, 0.90, 0.35), tuple(rgb))
    return painted_over(face, rgb * 0.9, np.exp(-(((far - 0.68) / 0.05) ** 2)) * 0.7)


def umbrella(form: Form, rgb: Rgb, other: Rgb | None) -> Image:
    angle = np.arctan2(form.u - 0.5, 0.52 - form.v)
    panel = step(np.sin(angle * 6 + 0.3), 0, 0.12)
    second = np.clip(rgb * 0.68, 0, 1) if other is None else other
    top = (
        tint(rgb, (0.2 - form.v) * 0.6) * (1 - panel[..., None])
        + tint(second, (0.2 - form.v) * 0.6) * panel[..., None]
    )
    handle = tint(np.array(_BARK, np.float32), (0.5 - form.u) * 3)
    return _below(form, top, handle, 0.50)


def cat(form: Form, rgb: Rgb, other: Rgb | None) -> Image:
    image = tint(rgb, form.rounded * 0.5 + form.noise(2, 7) * 0.14)
    for side in (-1, 1):
        image = painted_over(
            image, (0.95, 0.62, 0.62), form.oval(0.5 + side * 0.32, 0.20, 0.07, 0.11)
        )
        image = painted_over(
            image, (0.72, 0.85, 0.25), form.oval(0.5 + side * 0.18, 0.52, 0.095, 0.075, 0.15)
        )
        image = painted_over(image, _INK, form.oval(0.5 + side * 0.18, 0.52, 0.035, 0.07, 0.3))
        for drop in (0.0, 0.07):
            whisker = np.abs(form.v - 0.72 - drop - np.abs(form.u - 0.5) * 0.12)
            reach = step((form.u - 0.5) * side, 0.14, 0.02) * step(
                0.44 - (form.u - 0.5) * side, 0, 0.03
            )
            image = painted_over(
                image, (0.97, 0.97, 0.95), step(0.012 - whisker, 0, 0.014) * reach * 0.9
            )
    muzzle = np.clip(rgb * 0.3 + 0.66, 0, 1) if other is None else other
    image = painted_over(image, muzzle, form.oval(0.5, 0.76, 0.13, 0.10))
    return painted_over(image, (0.85, 0.40, 0.42), form.oval(0.5, 0.69, 0.05, 0.035))


@dataclass(frozen=True)
class Thing:
    """Something with a shape of its own.

    own: its paint when no colour is named; aspect: usual width / height; part: what its second
    colour is called ("rim": "badge with a gold rim"); can_be_made: materials may replace it.
    """

    phrases: tuple[str, ...]
    paint: Callable[[Form, Rgb, Rgb | None], Image]
    outline: Callable[[np.random.Generator], Outline]
    own: tuple[float, float, float]
    aspect: float = 1.0
    part: str | None = None
    can_be_made: bool = False

    @property
    def name(self) -> str:
        return self.phrases[0]

    def painted(self, form: Form, colour: Colour | None, other: Colour | None = None) -> Image:
        rgb = np.array(self.own, np.float32) if colour is None else colour.rgb
        image = self.paint(form, rgb, None if other is None else other.rgb)
        return np.clip(image, 0, 1).astype(np.float32, copy=False)

    def made_of(self, material: Material, form: Form, colour: Colour | None) -> Image:
        light = form.sphere if self.outline is outlines.ellipse else form.rounded
        return lit(material.painted(form, colour), light * 0.8).astype(np.float32, copy=False)


THINGS: tuple[Thing, ...] = (
    Thing(
        ("ball", "sphere", "round ball"),
        ball,
        outlines.ellipse,
        (0.85, 0.20, 0.15),
        1.0,
        None,
        True,
    ),
    Thing(
        ("badge", "round badge", "medal"), badge, outlines.ellipse, (0.20, 0.30, 0.60), 1.0, "rim"
    ),
    Thing(("button", "coat button", "shirt button"), button, outlines.ellipse, (0.30, 0.55, 0.70)),
    Thing(("balloon", "party balloon"), balloon, outlines.balloon, (0.88, 0.20, 0.22), 0.8),
    Thing(("apple", "ripe apple"), apple, outlines.apple, (0.80, 0.13, 0.12), 1.0),
    Thing(
        ("orange fruit", "tangerine", "mandarin"),
        orange_fruit,
        outlines.ellipse,
        (0.96, 0.55, 0.08),
    ),
    Thing(("leaf", "single leaf"), leaf, outlines.leaf, (0.30, 0.58, 0.16), 1.0),
    Thing(("flower", "blossom"), flower, outlines.flower, (0.93, 0.45, 0.65), 1.0, "heart"),
    Thing(("mushroom", "toadstool"), mushroom, outlines.mushroom, (0.82, 0.14, 0.11), 1.0),
    Thing(("tree", "leafy tree"), tree, outlines.tree, (0.20, 0.46, 0.14), 0.85),
    Thing(
        ("fir", "pine tree", "fir tree", "christmas tree"),
        fir,
        outlines.fir,
        (0.11, 0.36, 0.18),
        0.7,
    ),
    Thing(
        ("house", "house front", "cottage", "home"),
        house,
        outlines.house,
        (0.90, 0.83, 0.66),
        1.05,
        "roof",
    ),
    Thing(("tower", "castle tower"), tower, outlines.tower, (0.60, 0.57, 0.52), 0.55),
    Thing(
        ("boat", "sailing boat", "ship", "sailboat"),
        boat,
        outlines.boat,
        (0.60, 0.20, 0.14),
        1.0,
        "sail",
    ),
    Thing(("fish", "swimming fish"), fish, outlines.fish, (0.95, 0.50, 0.12), 1.6, "fins"),
    Thing(("bird", "small bird"), bird, outlines.bird, (0.25, 0.50, 0.80), 1.15, "wing"),
    Thing(("butterfly", "moth"), butterfly, outlines.butterfly, (0.95, 0.55, 0.10), 1.15, "spots"),
    Thing(("car", "automobile", "car body"), car, outlines.car, (0.80, 0.14, 0.13), 1.9),
    Thing(("cup", "mug", "coffee cup"), cup, outlines.cup, (0.90, 0.88, 0.84), 1.05, "band", False),
    Thing(("lamp", "table lamp"), lamp, outlines.lamp, (0.97, 0.82, 0.45), 0.75, "foot"),
    Thing(("star", "star shape"), star, outlines.star, (0.97, 0.80, 0.18), 1.0, None, True),
    Thing(("heart", "heart shape"), heart, outlines.heart, (0.85, 0.12, 0.20), 1.05, None, True),
    Thing(("moon", "crescent moon", "crescent"), moon, outlines.moon, (0.95, 0.90, 0.66), 0.65),
    Thing(("sun", "bright sun"), sun, outlines.sun, (0.99, 0.74, 0.10)),
    Thing(("umbrella", "parasol"), umbrella, outlines.umbrella, (0.80, 0.15, 0.20), 1.05, "panels"),
    Thing(("cat", "cat face", "kitten"), cat, outlines.cat, (0.90, 0.58, 0.24), 1.0, "muzzle"),
)
MADE_OF = tuple(
    BY_NAME[name]
    for name in (
        "wood",
        "gold",
        "metal",
        "rusty metal",
        "marble",
        "glass",
        "knit",
        "leather",
        "denim",
        "leopard",
        "zebra",
        "stone wall",
        "moss",
        "ice",
        "lava",
        "leaves",
        "fur",
        "scales",
        "concrete",
        "fabric",
        "stripes",
        "dots",
        "checks",
    )
)
