"""The words by which a sentence tells how many, how large, where, and what lies how."""

from __future__ import annotations

from typing import Literal

Kind = Literal["sky", "far", "ground", "thing"]
Where = Literal["left", "right", "middle", "top", "bottom", "back", "front"]
Relation = Literal[
    "on",
    "in",
    "above",
    "under",
    "left of",
    "right of",
    "beside",
    "behind",
    "in front of",
    "between",
]


def listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


COUNTS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "couple": 2, "pair": 2, "few": 3, "some": 3,
    "several": 4, "many": 6, "row": 4, "dozen": 12,
}  # fmt: skip
SIZES = {
    "tiny": 0.45, "little": 0.65, "small": 0.65, "short": 0.75, "tall": 1.3, "big": 1.4,
    "large": 1.4, "huge": 1.9, "giant": 2.0, "enormous": 2.0,
}  # fmt: skip
PLACES: dict[str, Where] = {
    "on the left side": "left", "on the left": "left", "at the left": "left", "left": "left",
    "to the left": "left", "to the right": "right",
    "on the right side": "right", "on the right": "right", "at the right": "right",
    "right": "right", "in the middle": "middle", "in the centre": "middle",
    "in the center": "middle", "at the top": "top", "at the bottom": "bottom",
    "in the background": "back", "in the distance": "back", "far away": "back",
    "in the foreground": "front", "in the front": "front", "at the front": "front",
}  # fmt: skip
RELATIONS: dict[str, Relation] = {
    "on the left of": "left of", "to the left of": "left of", "left of": "left of",
    "on the right of": "right of", "to the right of": "right of", "right of": "right of",
    "on top of": "on", "in front of": "in front of", "next to": "beside", "close to": "beside",
    "beside": "beside", "near": "beside", "by": "beside", "behind": "behind",
    "between": "between", "underneath": "under", "beneath": "under", "below": "under",
    "under": "under", "above": "above", "over": "above", "upon": "on", "onto": "on", "on": "on",
    "inside": "in", "into": "in", "in": "in", "against": "in front of",
}  # fmt: skip
ARTICLES = frozenset(("a", "an", "the", "its", "his", "her", "their", "of", "this", "that"))
# what joins things without being seen itself
SILENT = listed(
    "at is are was were there here we see shows showing picture photo image scene view stands "
    "stand standing sits sit sitting lies lie lying flies fly floats float hangs hang grows "
    "grow rises rise runs run swims swim walks walk can be has have which who very"
)
NO_THINGS = frozenset(("it", "them", "everything", "nothing", "something"))

_SKY = "sky clouds cloud sunset sunrise fog mist night stars dusk dawn storm"
_FAR = "mountain mountains hills forest woods city skyline dunes cliffs village jungle"
_GROUND = (
    "grass meadow lawn field fields sand beach snow ground floor soil road street path sea ocean "
    "lake river water ice desert carpet rug planks tiles gravel pavement moss garden hill waves "
    "pond farmland square"
)
KINDS: dict[str, Kind] = {
    **dict.fromkeys(_SKY.split(), "sky"),
    **dict.fromkeys(_FAR.split(), "far"),
    **dict.fromkeys(_GROUND.split(), "ground"),
}
FLYING = listed(
    "sun moon star bird balloon kite plane airplane rocket butterfly bee dragon eagle owl "
    "helicopter ufo rainbow planet comet"
)
SUPPORTS = listed(
    "table desk shelf plate tray bed bench branch bowl chair sofa stool counter roof wall "
    "rock boat windowsill"
)
ROUND = listed(
    "sun moon ball balloon apple orange planet star badge button head plate bowl wheel clock "
    "flower pumpkin lemon peach cherry bush egg coin"
)
# width and height of a thing, as shares of the picture's shorter side
EXTENTS: dict[str, tuple[float, float]] = {
    "house": (0.40, 0.38), "cottage": (0.40, 0.36), "castle": (0.50, 0.50), "church": (0.34, 0.52),
    "barn": (0.42, 0.36), "tower": (0.16, 0.56), "lighthouse": (0.15, 0.56), "tree": (0.30, 0.48),
    "fir": (0.24, 0.50), "palm": (0.28, 0.52), "bush": (0.24, 0.18), "car": (0.38, 0.20),
    "bus": (0.48, 0.26), "truck": (0.44, 0.26), "train": (0.60, 0.22), "boat": (0.36, 0.26),
    "ship": (0.46, 0.34), "bridge": (0.70, 0.26), "table": (0.60, 0.30), "bed": (0.60, 0.32),
    "sofa": (0.56, 0.30), "chair": (0.24, 0.36), "bench": (0.44, 0.22), "lamp": (0.14, 0.36),
    "man": (0.15, 0.42), "woman": (0.15, 0.42), "girl": (0.13, 0.34), "boy": (0.13, 0.34),
    "child": (0.12, 0.30), "person": (0.15, 0.42), "horse": (0.36, 0.32), "cow": (0.34, 0.26),
    "elephant": (0.46, 0.40), "dog": (0.24, 0.20), "cat": (0.20, 0.19), "bird": (0.14, 0.10),
    "butterfly": (0.12, 0.10), "fish": (0.20, 0.12), "mouse": (0.09, 0.07), "sun": (0.17, 0.17),
    "moon": (0.14, 0.14), "star": (0.08, 0.08), "balloon": (0.13, 0.17), "kite": (0.14, 0.16),
    "plane": (0.26, 0.12), "rocket": (0.12, 0.34), "rainbow": (0.80, 0.36), "cup": (0.15, 0.16),
    "apple": (0.12, 0.12), "flower": (0.10, 0.17), "mushroom": (0.14, 0.17), "ball": (0.13, 0.13),
    "book": (0.18, 0.08), "bottle": (0.09, 0.25), "vase": (0.13, 0.26), "plate": (0.26, 0.10),
    "bowl": (0.22, 0.14), "umbrella": (0.26, 0.28), "fence": (0.70, 0.16), "rock": (0.24, 0.18),
    "window": (0.16, 0.20), "door": (0.15, 0.32), "snowman": (0.20, 0.38), "island": (0.55, 0.16),
}  # fmt: skip
USUAL = (0.24, 0.24)


def singular(word: str) -> str:
    irregular = {
        "people": "person", "men": "man", "women": "woman", "children": "child", "mice": "mouse",
        "leaves": "leaf", "geese": "goose", "sheep": "sheep", "fish": "fish", "knives": "knife",
        "wolves": "wolf", "snowmen": "snowman", "houses": "house", "horses": "horse",
    }  # fmt: skip
    if word in irregular:
        return irregular[word]
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("shes", "ches", "xes", "sses", "oes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
