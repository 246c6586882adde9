"""Materials of nature: sky, water, ground, plants, stone and fire."""

from __future__ import annotations

import cv2
import numpy as np

from studio.workshop.painting.surface import Field, Image, Surface, mix, ramp, relief, step, tint

_WHITE = np.array((0.97, 0.97, 0.97), np.float32)


def _rgb(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def sky(s: Surface) -> Image:
    return ramp(
        s.down * 0.9 + s.noise(60) * 0.05,
        (0.22, 0.48, 0.86),
        (0.50, 0.73, 0.95),
        (0.80, 0.90, 0.97),
    )


def clouds(s: Surface) -> Image:
    billow = s.fractal(26, 4, flat=1.9)
    cover = step(billow, 0.05, 0.9)
    shade = np.clip(0.86 + 0.14 * billow - 0.12 * relief(billow, 9), 0.6, 1)
    return mix(sky(s), shade[..., None] * _WHITE, cover)


def storm_clouds(s: Surface) -> Image:
    billow = s.fractal(30, 4, flat=1.7)
    return ramp(
        0.42 + 0.34 * billow - 0.25 * s.down * 0.4,
        (0.13, 0.15, 0.20),
        (0.33, 0.36, 0.43),
        (0.60, 0.63, 0.69),
    )


def sunset(s: Surface) -> Image:
    glow = s.down + s.fractal(14, 3, flat=4) * 0.10
    return ramp(
        glow,
        (0.28, 0.20, 0.45),
        (0.62, 0.27, 0.47),
        (0.93, 0.42, 0.32),
        (0.99, 0.66, 0.30),
        (1.0, 0.87, 0.50),
    )


def night_sky(s: Surface) -> Image:
    base = ramp(
        s.down * 0.8 + s.fractal(40, 3) * 0.15,
        (0.02, 0.03, 0.10),
        (0.06, 0.09, 0.24),
        (0.14, 0.17, 0.36),
    )
    stars = np.maximum(s.specks(0.006), s.specks(0.0012, 2))
    return mix(base, _rgb(1, 0.98, 0.9), np.minimum(stars, 1))


def sea(s: Surface) -> Image:
    ripple = s.fractal(7, 3, flat=3.5)
    base = ramp(
        s.down * 0.55 + 0.2 + ripple * 0.16,
        (0.05, 0.25, 0.46),
        (0.08, 0.40, 0.58),
        (0.25, 0.60, 0.70),
    )
    return mix(base, _rgb(0.85, 0.95, 0.97), step(ripple, 1.15, 0.5) * 0.6)


def waves(s: Surface) -> Image:
    swell = s.grid_y / 16 + s.fractal(34, 2, flat=1.6) * 0.6
    crest = swell - np.floor(swell)
    base = ramp(crest, (0.04, 0.26, 0.42), (0.08, 0.42, 0.58), (0.28, 0.66, 0.72))
    foam = step(crest + s.noise(4) * 0.12, 0.90, 0.16)
    return mix(base, _WHITE, foam * 0.95)


def lake(s: Surface) -> Image:
    calm = s.fractal(9, 2, flat=8)
    return ramp(
        s.down * 0.6 + 0.2 + calm * 0.08, (0.42, 0.64, 0.74), (0.20, 0.46, 0.56), (0.10, 0.32, 0.40)
    )


def river(s: Surface) -> Image:
    flow = s.across(0.5) / 7 + s.fractal(30, 2) * 2.2
    light = np.sin(flow) * 0.5 + s.noise(18, 6) * 0.5
    base = ramp(0.45 + light * 0.3, (0.10, 0.33, 0.36), (0.22, 0.52, 0.54), (0.50, 0.74, 0.74))
    return mix(base, _WHITE, step(light, 0.9, 0.4) * 0.5)


def waterfall(s: Surface) -> Image:
    streak = s.noise(3.5, 46) * 0.6 + s.noise(8, 70) * 0.5
    base = ramp(0.58 + streak * 0.42, (0.25, 0.45, 0.55), (0.62, 0.80, 0.87), (0.98, 0.99, 1.0))
    mist = step(s.down + s.noise(20) * 0.10, 0.92, 0.3)
    return mix(base, _WHITE, mist * 0.8)


def sand(s: Surface) -> Image:
    grain = s.noise(2) * 0.07 + np.sin(s.y / 4 + s.fractal(26, 2) * 3) * 0.12
    return tint(_rgb(0.87, 0.75, 0.53), grain + s.noise(40) * 0.08)


def dunes(s: Surface) -> Image:
    ridge = s.y / 30 + s.fractal(60, 2, flat=1.7) * 0.9
    slope = ridge - np.floor(ridge)
    light = np.where(slope < 0.12, slope / 0.12, 1 - (slope - 0.12) * 1.0).astype(np.float32)
    light = cv2.GaussianBlur(light, (0, 0), 1.0)
    return ramp(
        light + s.noise(1.6) * 0.02, (0.58, 0.36, 0.20), (0.83, 0.60, 0.34), (0.97, 0.81, 0.55)
    )


def snow(s: Surface) -> Image:
    drift = s.fractal(34, 3, flat=1.5)
    base = ramp(0.72 + drift * 0.22, (0.70, 0.79, 0.90), (0.87, 0.92, 0.97), (0.99, 0.99, 1.0))
    return mix(base, _rgb(1, 1, 1), s.specks(0.02))


def ice(s: Surface) -> Image:
    crack = s.cells(30, warp=4).border
    base = ramp(
        0.5 + s.fractal(26, 3) * 0.25, (0.45, 0.72, 0.83), (0.68, 0.88, 0.94), (0.90, 0.97, 0.99)
    )
    return mix(base, _WHITE, crack * 0.85)


def _blades(s: Surface) -> Field:
    return s.noise(3, 12) * 0.52 + s.fractal(28, 2) * 0.35


def grass(s: Surface) -> Image:
    return ramp(0.5 + _blades(s) * 0.42, (0.10, 0.27, 0.06), (0.27, 0.50, 0.13), (0.55, 0.73, 0.27))


def meadow(s: Surface) -> Image:
    image = grass(s)
    petals = [
        (0.98, 0.97, 0.95),
        (0.98, 0.86, 0.20),
        (0.93, 0.35, 0.52),
        (0.86, 0.16, 0.16),
        (0.55, 0.40, 0.85),
    ]
    for colour in s.rng.permutation(petals)[:3]:
        dots = s.specks(0.0016, 2.6)
        image = mix(image, colour.astype(np.float32), np.minimum(dots * 1.4, 1))
    return image


def forest(s: Surface) -> Image:
    image = np.broadcast_to(_rgb(0.03, 0.09, 0.05), (s.height, s.width, 3))
    side, first = 16, s.origin[1] // 16
    for row in range(first, first + s.height // side + 4):  # the nearer firs lower and in front
        columns = s.grid_x / side + row % 2 * 0.5
        column = np.floor(columns).astype(int) % 64
        tall = s.rng.random(64, dtype=np.float32)[column]
        fall = (s.grid_y - (row - 1.2 - tall * 0.5) * side) / (2.4 * side)
        branch = np.abs(fall * 5 - np.floor(fall * 5)) * 0.10
        across = np.abs(columns - np.floor(columns) - 0.5)
        fir = step(fall * 0.62 + branch - across, 0.06, 0.07) * (fall > 0)
        shade = 0.55 - (columns - np.floor(columns) - 0.5) * 0.7 - branch * 2 + (tall - 0.5) * 0.3
        image = mix(
            image, ramp(shade, (0.04, 0.13, 0.07), (0.12, 0.33, 0.14), (0.35, 0.55, 0.25)), fir
        )
    return image


def leaves(s: Surface, rgb: np.ndarray) -> Image:
    leaf = s.cells(13, warp=3)
    vein = np.abs(np.sin(s.across(0.8) / 6.5 + leaf.value * 20))
    light = (leaf.value - 0.5) * 1.1 - leaf.border * 0.75 + 0.25 - 0.25 * step(0.12 - vein, 0, 0.15)
    return tint(rgb, np.clip(light, -0.9, 0.8))


def moss(s: Surface) -> Image:
    tuft = s.cells(7)
    light = 0.62 - tuft.distance / 9 + s.fractal(30, 2) * 0.2 + s.noise(1.8) * 0.12
    return ramp(light, (0.10, 0.20, 0.03), (0.36, 0.48, 0.08), (0.64, 0.70, 0.22))


def soil(s: Surface) -> Image:
    clod = s.fractal(9, 3) * 0.30 + s.noise(2.4) * 0.12
    image = ramp(0.45 + clod, (0.13, 0.08, 0.05), (0.31, 0.20, 0.13), (0.50, 0.36, 0.25))
    return mix(image, _rgb(0.58, 0.50, 0.42), np.minimum(s.specks(0.004, 2), 1) * 0.8)


def rock(s: Surface) -> Image:
    mass = s.fractal(30, 4, gain=0.6)
    light = relief(mass, 10) * -0.55 + s.noise(2) * 0.06 + mass * 0.12
    return ramp(0.5 + light * 0.7, (0.20, 0.19, 0.18), (0.48, 0.46, 0.43), (0.77, 0.75, 0.70))


def mountain(s: Surface) -> Image:
    ridges = 1 - np.abs(s.fractal(46, 4, gain=0.6))
    light = relief(ridges, 12) * -0.6
    stone = ramp(0.5 + light * 0.7, (0.17, 0.19, 0.25), (0.40, 0.42, 0.48), (0.68, 0.69, 0.72))
    white = ramp(0.75 + light * 0.5, (0.60, 0.68, 0.80), (0.90, 0.93, 0.97), (1.0, 1.0, 1.0))
    return mix(stone, white, step(0.38 - s.down + ridges * 0.15 + light * 0.1, 0.12, 0.16))


def gravel(s: Surface) -> Image:
    pebble = s.cells(8)
    light = (pebble.value - 0.5) * 0.75 + 0.32 - pebble.distance / 9 - pebble.border * 0.3
    warm = _rgb(0.58, 0.55, 0.51)
    return tint(warm, np.clip(light, -0.85, 0.8))


def lava(s: Surface) -> Image:
    crack = s.cells(26, warp=7)
    glow = cv2.GaussianBlur(crack.border, (0, 0), 2.2) * 1.6 + s.fractal(20, 2) * 0.10
    return ramp(
        glow + 0.08, (0.08, 0.05, 0.05), (0.45, 0.07, 0.03), (0.95, 0.38, 0.05), (1.0, 0.88, 0.35)
    )


def fire(s: Surface) -> Image:
    tongue = s.noise(10, 34) * 0.30 + s.noise(5, 17) * 0.18 + s.noise(22, 60) * 0.2
    heat = 0.18 + s.down * 0.72 + tongue * (1.15 - s.down * 0.6)
    return ramp(
        heat,
        (0.16, 0.03, 0.02),
        (0.72, 0.12, 0.03),
        (0.97, 0.45, 0.06),
        (1.0, 0.80, 0.22),
        (1.0, 0.96, 0.72),
    )


def fog(s: Surface) -> Image:
    veil = s.fractal(50, 3, flat=1.8)
    return ramp(0.55 + veil * 0.25, (0.66, 0.69, 0.72), (0.80, 0.82, 0.84), (0.93, 0.94, 0.95))
