"""The masks of a series in a folder, written frame by frame, so that a run can be gone on with."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin

from studio.files.json_file import parse_json
from studio.files.scene_file import write_scene
from studio.files.storage import write_atomic
from studio.recognition.frames.tracker import Mask
from studio.scene.errors import SceneFileError
from studio.scene.mask import Mask as SceneMask
from studio.scene.region import Click, Region
from studio.scene.scene import Scene

CLICKS = "clicks.json"
_KEY = "track"  # the text of a mask's PNG that says what it came of
Clicks = Mapping[int, tuple[Click, ...]]  # by frame


@dataclass(frozen=True)
class FrameResults:
    """`masks/NAME.png`, white on black, and `scenes/NAME.json` with its label map.

    The mask is written last and carries the key of all that decided it, so that a file which is
    there is a frame that is finished.
    """

    folder: Path
    caption: str = ""

    def is_done(self, name: str, key: str) -> bool:
        try:
            with Image.open(self._mask(name)) as image:
                return image.info.get(_KEY) == key
        except (OSError, ValueError, SyntaxError):
            return False

    def mask(self, name: str) -> Mask:
        with Image.open(self._mask(name)) as image:
            return np.asarray(image.convert("L")) > 127

    def put(self, name: str, mask: Mask, key: str, clicks: tuple[Click, ...] = ()) -> None:
        scene = self.folder / "scenes" / f"{name}.json"
        if mask.any():
            height, width = mask.shape
            region = Region(SceneMask(mask), self.caption, name="thing", clicks=clicks)
            write_scene(Scene(width, height, None, [region]), scene)
        else:  # out of sight: there is no region to change
            for path in (scene, scene.with_suffix(".png")):
                path.unlink(missing_ok=True)
        text = PngImagePlugin.PngInfo()
        text.add_text(_KEY, key)
        file = io.BytesIO()
        Image.fromarray(mask).save(file, "PNG", pnginfo=text)
        write_atomic(self._mask(name), file.getvalue())

    def keep_clicks(self, clicks: Clicks) -> None:
        entry = {str(number): [list(each) for each in own] for number, own in clicks.items()}
        write_atomic(self.folder / CLICKS, json.dumps({"frames": entry}, indent=1).encode())

    def read_clicks(self) -> dict[int, tuple[Click, ...]]:
        """Those of the runs before; none in a new folder."""
        path = self.folder / CLICKS
        if not path.exists():
            return {}
        try:
            content: Any = parse_json(path.read_bytes())
            return {
                int(number): tuple(Click(float(x), float(y), int(label)) for x, y, label in own)
                for number, own in content["frames"].items()
            }
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise SceneFileError(
                "{path} cannot be read: {fault}. Give another folder to --out, or delete it.",
                path=path,
                fault=fault,
            ) from fault

    def _mask(self, name: str) -> Path:
        return self.folder / "masks" / f"{name}.png"
