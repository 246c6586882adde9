"""Every material the mini model knows: how it is called and how it is painted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.workshop.painting import aerial, built, natural
from studio.workshop.painting.colours import Colour
from studio.workshop.painting.surface import Image, Surface


@dataclass(frozen=True)
class Material:
    """A surface with its names (the first is the usual one).

    own: the paint it has when no colour is named; None where a colour makes no sense.
    two_coloured: a pattern in a second colour as well.
    """

    phrases: tuple[str, ...]
    paint: Callable[..., Image]
    room: str
    own: tuple[float, float, float] | None = None
    two_coloured: bool = False

    @property
    def name(self) -> str:
        return self.phrases[0]

    @property
    def takes_colour(self) -> bool:
        return self.own is not None

    def painted(
        self, surface: Surface, colour: Colour | None, other: Colour | None = None
    ) -> Image:
        if self.own is None:
            return _image(self.paint(surface))
        arguments: list[Any] = [np.array(self.own, np.float32) if colour is None else colour.rgb]
        if self.two_coloured:
            arguments.append(_PLAIN_WHITE if other is None else other.rgb)
        return _image(self.paint(surface, *arguments))


_PLAIN_WHITE = np.array((0.94, 0.94, 0.93), np.float32)


def _many(room: str, module: Any, table: dict[str, Any]) -> list[Material]:
    found = []
    for name, entry in table.items():
        phrases, own, two = entry if isinstance(entry[0], tuple) else (entry, None, False)
        found.append(Material(phrases, getattr(module, name), room, own, two))
    return found


_NATURAL = {
    "sky": ("sky", "blue sky", "clear sky"),
    "clouds": ("clouds", "cloudy sky", "sky with clouds", "white clouds"),
    "storm_clouds": ("storm clouds", "stormy sky", "dark clouds", "thunder clouds"),
    "sunset": ("sunset", "sunset sky", "evening sky", "sky at sunset"),
    "night_sky": ("night sky", "night sky with stars", "starry sky", "stars"),
    "sea": ("sea", "ocean", "sea water", "water"),
    "waves": ("waves", "sea waves", "breaking waves", "surf"),
    "lake": ("lake", "calm lake", "still water", "pond"),
    "river": ("river", "stream", "flowing water", "river water"),
    "waterfall": ("waterfall", "falling water", "cascade"),
    "sand": ("sand", "beach", "sandy beach", "beach sand"),
    "dunes": ("dunes", "sand dunes", "desert", "desert dunes"),
    "snow": ("snow", "fresh snow", "snowy ground", "deep snow"),
    "ice": ("ice", "cracked ice", "frozen lake", "ice sheet"),
    "grass": ("grass", "lawn", "green grass", "grassy ground"),
    "meadow": ("meadow", "meadow with flowers", "flower meadow", "wild flowers"),
    "forest": ("forest", "woods", "trees", "dense forest"),
    "leaves": (("leaves", "foliage", "pile of leaves"), (0.25, 0.50, 0.14), False),
    "moss": ("moss", "mossy ground", "soft moss"),
    "soil": ("soil", "bare soil", "earth", "dirt"),
    "rock": ("rock", "rocks", "cliff", "rocky ground"),
    "mountain": ("mountain", "snowy mountain", "mountains", "mountain with snow"),
    "gravel": ("gravel", "pebbles", "small stones"),
    "lava": ("lava", "molten lava", "magma", "glowing lava"),
    "fire": ("fire", "flames", "burning fire"),
    "fog": ("fog", "mist", "thick fog"),
}
_BUILT = {
    "brick_wall": (("brick wall", "bricks", "wall of bricks"), (0.62, 0.27, 0.20), False),
    "stone_wall": (("stone wall", "wall of stones", "stones"), (0.58, 0.54, 0.48), False),
    "roof_tiles": (("roof tiles", "tiled roof", "roof"), (0.70, 0.33, 0.21), False),
    "wood": (("wood", "wooden board", "wood grain", "timber"), (0.58, 0.37, 0.20), False),
    "planks": (
        ("planks", "wooden planks", "floor boards", "wooden floor"),
        (0.55, 0.36, 0.21),
        False,
    ),
    "marble": (("marble", "polished marble", "marble slab"), (0.91, 0.90, 0.89), False),
    "concrete": (("concrete", "concrete wall", "cement"), (0.60, 0.60, 0.58), False),
    "metal": (("metal", "brushed metal", "steel", "metal plate"), (0.62, 0.64, 0.67), False),
    "rusty_metal": ("rusty metal", "rust", "rusty iron", "rusted steel"),
    "gold": ("gold", "shiny gold", "golden metal"),
    "glass": (("glass", "window glass", "shiny glass"), (0.62, 0.80, 0.86), False),
    "plastic": (("plastic", "smooth plastic", "glossy plastic"), (0.75, 0.76, 0.78), False),
    "rubber": (("rubber", "rubber mat", "studded rubber"), (0.16, 0.16, 0.17), False),
    "fabric": (("fabric", "cloth", "woven cloth", "textile"), (0.70, 0.66, 0.60), False),
    "denim": ("denim", "jeans", "denim cloth"),
    "knit": (("knit", "knitted wool", "wool", "knitwear"), (0.82, 0.78, 0.70), False),
    "leather": (("leather", "soft leather", "leather skin"), (0.42, 0.25, 0.15), False),
    "carpet": (("carpet", "rug", "soft carpet"), (0.55, 0.20, 0.20), False),
    "paper": (("paper", "crumpled paper", "sheet of paper"), (0.93, 0.92, 0.88), False),
    "tiles": (
        ("tiles", "ceramic tiles", "tiled wall", "bathroom tiles"),
        (0.62, 0.80, 0.84),
        False,
    ),
    "stripes": (("stripes", "striped pattern", "striped cloth"), (0.80, 0.11, 0.11), True),
    "checks": (("checks", "checkered pattern", "checkered cloth"), (0.13, 0.31, 0.80), True),
    "dots": (("dots", "polka dots", "dotted pattern"), (0.80, 0.11, 0.11), True),
    "leopard": ("leopard", "leopard skin", "leopard pattern"),
    "zebra": ("zebra", "zebra skin", "zebra stripes"),
    "scales": (("scales", "fish scales", "dragon scales"), (0.25, 0.55, 0.45), False),
    "fur": (("fur", "soft fur", "animal fur"), (0.47, 0.31, 0.18), False),
}
_AERIAL = {
    "crop_rows": ("crop rows", "rows of crops", "plantation from above"),
    "fields": ("fields", "fields from above", "farmland", "farm fields from above"),
    "forest_above": ("forest from above", "tree tops from above", "aerial forest"),
    "river_above": ("river from above", "winding river from above", "aerial river"),
    "city_above": ("city from above", "city blocks from above", "aerial city"),
    "rooftops": ("rooftops", "rooftops from above", "houses from above"),
    "road": ("road", "street", "asphalt road", "highway"),
    "runway": ("runway", "airport runway", "landing strip"),
    "harbour": ("harbour", "harbour from above", "marina", "boats in harbour"),
    "solar_panels": ("solar panels", "solar farm", "photovoltaic panels"),
    "flood_water": ("flood water", "flood", "muddy water", "brown water"),
    "snow_field": ("snow field", "snow covered field", "snowy field from above"),
    "burnt_forest": ("burnt forest", "burned trees", "charred forest"),
    "greenhouses": ("greenhouses", "greenhouse rows", "rows of greenhouses"),
}

MATERIALS: tuple[Material, ...] = (
    *_many("natural", natural, _NATURAL),
    *_many("built", built, _BUILT),
    *_many("aerial", aerial, _AERIAL),
)
BY_NAME = {material.name: material for material in MATERIALS}


def _image(paint: Image) -> Image:
    return np.clip(paint, 0, 1).astype(np.float32, copy=False)
