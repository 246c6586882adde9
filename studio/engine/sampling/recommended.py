"""What a loaded model recommends: read beside its weights, else known from its kind."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from studio.engine.network.weights import read_config
from studio.scene.errors import DamagedWeights
from studio.scene.geometry import Extent

FILE = "recommended.json"


@dataclass(frozen=True)
class Recommended:
    """The settings that a request's None stands for, and how to preview latents."""

    name: str = "FLUX.1-dev"
    steps: int = 32
    guidance: float = 3.5
    true_cfg: float = 1.0
    negative_caption: str | None = None
    caption_tokens: int = 512
    region_tokens: int = 50
    width: int = 1024
    height: int = 1024
    draft_steps: int = 8
    isolation_blocks: tuple[int, int] | None = None  # None: the first half of the single blocks
    contour_scale: int | None = None  # None: 2 from 1024 pixels up, else 1
    latent_rgb: tuple[tuple[float, ...], ...] | None = None  # (c + 1) rows of r, g, b

    @property
    def size(self) -> Extent:
        return Extent(self.width, self.height)


def read_recommended(
    folder: Path, guidance_embeds: bool, dynamic_shift: bool, name: str | None = None
) -> Recommended:
    """From `folder`/recommended.json, over what the kind of model suggests.

    name: of the model, where it is not the folder's.
    """
    kind = _by_kind(name or folder.name, guidance_embeds, dynamic_shift)
    if not (folder / FILE).is_file():
        return kind
    found = read_config(folder, FILE)
    known = {each.name for each in fields(Recommended)}
    values: dict[str, Any] = {key: value for key, value in found.items() if key in known}
    for key in ("isolation_blocks", "latent_rgb"):
        if values.get(key) is not None:
            values[key] = _tuple(values[key])
    try:
        recommended = replace(kind, **values)
        _check(recommended)
    except (TypeError, ValueError) as exc:
        raise DamagedWeights(
            "{file} cannot be used: {fault}", file=folder / FILE, fault=exc
        ) from exc
    return recommended


def _by_kind(name: str, guidance_embeds: bool, dynamic_shift: bool) -> Recommended:
    if "krea" in name.lower():
        return Recommended(name="FLUX.1-Krea-dev", steps=28, guidance=4.5)
    if guidance_embeds:
        return Recommended()
    if not dynamic_shift:
        return Recommended(
            name="FLUX.1-schnell", steps=4, guidance=0.0, caption_tokens=256, draft_steps=2
        )
    return Recommended(name="undistilled FLUX", true_cfg=3.5, negative_caption="", guidance=0.0)


def _check(recommended: Recommended) -> None:
    for name in ("steps", "caption_tokens", "region_tokens", "width", "height", "draft_steps"):
        value = getattr(recommended, name)
        if not isinstance(value, int) or value < 1:
            raise ValueError(f"{name} is {value!r}; it must be a whole number from 1")


def _tuple(value: Any) -> Any:
    return tuple(_tuple(each) for each in value) if isinstance(value, list) else value
