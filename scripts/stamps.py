"""Write the outlines that can be stamped onto a canvas: python -m scripts.stamps FOLDER

FOLDER: the drawings that `python -m studio train mini --things` fetches (runs/.../drawings).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import cv2
import numpy as np

from studio.engine.network.chinese import words
from studio.workshop.painting.cutouts import Cutout, Drawings, known_cutouts

FILE = Path(__file__).parent.parent / "studio" / "files" / "stamps.json"
SIDE = 1000  # units of the longer side
FINE = 3.0  # units that an outline may lie off
SMALLEST = 0.002  # of the outline's area: smaller pieces and holes are left out
NOTICE = (
    "Outlines of drawings from Fluent Emoji, Copyright (c) Microsoft Corporation, MIT License; "
    "Chinese names after Unicode CLDR, Copyright (c) Unicode, Inc., Unicode License V3. "
    "Each stamp: caption, other names, Chinese names, size [width, height], and loops of "
    "x, y, x, y ... that are filled by the even-odd rule. Written by `python -m scripts.stamps`."
)


def main() -> None:
    drawings = Drawings(Path(sys.argv[1]))
    chinese: dict[str, list[str]] = {}
    for word, english in words():
        chinese.setdefault(english, []).append(word)
    stamps = [stamp(cutout, drawings, chinese) for cutout in known_cutouts()]
    lines = ",\n".join(
        json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in stamps
    )
    FILE.write_text(f'{{"notice":{json.dumps(NOTICE)},\n"stamps":[\n{lines}\n]}}\n', "utf-8")
    print(f"{len(stamps)} stamps, {FILE.stat().st_size / 1000:.0f} kB: {FILE}")


def stamp(cutout: Cutout, drawings: Drawings, chinese: dict[str, list[str]]) -> dict:
    alpha = drawings.of(cutout).alpha
    scale = SIDE / max(alpha.shape)
    size = round(alpha.shape[1] * scale), round(alpha.shape[0] * scale)
    large = cv2.resize(alpha, size, interpolation=cv2.INTER_CUBIC)
    names = [*cutout.phrases[1:], *cutout.also]
    translated = [word for name in cutout.phrases for word in chinese.get(name, [])]
    return {
        "caption": cutout.name,
        "names": names,
        "chinese": list(dict.fromkeys(translated)),
        "size": size,
        "loops": loops(large > 0.5),
    }


def loops(mask: np.ndarray) -> list[list[int]]:
    found, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    least = SMALLEST * np.count_nonzero(mask)
    kept = [loop for loop in found if cv2.contourArea(loop) >= least]
    simple = [cv2.approxPolyDP(loop, FINE, True).reshape(-1) for loop in kept]
    return [loop.tolist() for loop in simple if len(loop) >= 6]


if __name__ == "__main__":
    main()
