"""A style for a FLUX base, trained on scenes whose pictures a filter has changed.

Half of the scenes are changed wholly and the others in one region, whose rows alone take the style
then: so it is learnt from the start that neighbours stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor, nn

from studio.engine.loading import load_adapters
from studio.engine.network.adapters import attach
from studio.engine.network.loading import FluxParts, load_parts
from studio.engine.network.low_rank import LowRank
from studio.engine.network.quantization import Quantization
from studio.engine.network.style_rows import StackedTerm
from studio.engine.network.transformer import RegionalTransformer
from studio.engine.sampling.recommended import read_recommended
from studio.engine.sampling.scene_tokens import SceneTokens, assemble
from studio.engine.styles.rows import SceneStyles
from studio.scene.geometry import Extent
from studio.scene.style import Style, StyleName
from studio.training.adapters import LabelledRegion, LabelledScene, encoded
from studio.training.flow import flow_loss
from studio.training.trainer import Plan, Say, Trainer

Filter = Callable[[NDArray[Any]], NDArray[Any]]
_NOISES = 2  # a scene, since painting and encoding it costs as much as a pass
_WORDLESS = 0.1  # of the scenes, as the negative caption is rendered
_TRAINED = Style(StyleName("trained", "0" * 32))
_SMALLEST_SHARE = 0.04  # of the picture, from which a region alone is changed


@dataclass(frozen=True)
class StylePlan:
    """Where the base lies, what its pictures should become, and how long that is learnt."""

    folder: Path
    base: Path
    scene: Callable[[np.random.Generator, Extent], LabelledScene]
    becomes: Filter  # a picture (h, w, 3), 0..1, in the style
    seconds: float
    rank: int = 4
    device: str = "cpu"
    side: int = 256  # pixels of the scenes
    dtype: torch.dtype | None = None  # of the products; None: what the device computes fastest


def train_style(plan: StylePlan, out: Path, metadata: Mapping[str, str], say: Say) -> None:
    """Train a style and write it in diffusers' layout, in float16."""
    parts = load_parts(plan.base, torch.float32, Quantization.parse("none"))
    task = StyleTask(parts, plan)
    stage = Plan(
        plan.folder,
        plan.seconds,
        rate=2e-3,
        averaging=0.98,
        device=plan.device,
        dtype=plan.dtype,
    )
    trainer = Trainer(task, stage, say)
    trainer.run()
    with trainer.averaged():
        save_style(task.terms, out, metadata)
    say(f"style written to {out}")


class TrainedTerms(nn.Module):
    """A term for each linear layer inside the blocks but their modulation, adding nothing yet."""

    def __init__(self, flux: nn.Module, rank: int) -> None:
        super().__init__()
        self.terms = nn.ModuleDict(
            {
                name.replace(".", "/"): LowRank.build(layer.in_features, layer.out_features, rank)
                for name, layer in flux.named_modules()
                if isinstance(layer, nn.Linear) and "blocks." in name and ".norm" not in name
            }
        )

    def named(self) -> dict[str, LowRank]:
        return {key.replace("/", "."): term for key, term in self.terms.items()}  # type: ignore[misc]

    def stacked(
        self, styles: Sequence[Style], device: torch.device, dtype: torch.dtype
    ) -> Mapping[str, StackedTerm]:
        """As a library gives those of a file, but with gradients."""
        del styles, dtype
        return {
            name: StackedTerm(
                term.down, term.up, torch.zeros(len(term.down), dtype=torch.long, device=device)
            )
            for name, term in self.named().items()
        }


class StyleTask:
    """One scene a step, encoded by the base's own VAE and text encoders."""

    name = "style"

    def __init__(self, parts: FluxParts, plan: StylePlan) -> None:
        self.parts = parts
        self.plan = plan
        self.rng = np.random.default_rng()
        self.extent = Extent(plan.side, plan.side)
        self.device = torch.device(plan.device)
        flux = parts.flux.requires_grad_(False)
        contour = attach(flux, load_adapters(parts.files, None))
        self.terms = TrainedTerms(flux, plan.rank).to(self.device)
        self.net = RegionalTransformer(flux, contour).to(self.device)
        config: Any = flux.config
        steps: Any = parts.scheduler.config
        self.has_guidance = bool(config.guidance_embeds)
        self.known = read_recommended(plan.base, self.has_guidance, steps.use_dynamic_shifting)
        doubles, singles = len(flux.transformer_blocks), len(flux.single_transformer_blocks)
        first, last = self.known.isolation_blocks or (doubles, doubles + singles // 2 - 1)
        self.isolated = range(first, last + 1)
        encoders: tuple[Any, ...] = (parts.vae, parts.text.t5, parts.text.clip)
        for encoder in encoders:
            encoder.to(self.device)

    @property
    def module(self) -> nn.Module:
        return self.terms

    def parameters(self) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
        return [], list(self.terms.parameters())

    def loss(self, progress: float) -> Tensor:
        scene, styled = self.draw()
        clean, tokens = encoded(self.parts, self.known, scene, self.extent, self.device)
        inputs = self.inputs(tokens, styled)
        return flow_loss(self.net, clean.repeat(_NOISES, 1, 1), inputs)

    def inputs(self, tokens: SceneTokens, styled: int | None) -> Any:
        """styled: the region that takes the style; None: the whole picture."""
        regions = [
            None if number != styled else _TRAINED for number in range(len(tokens.region_texts))
        ]
        styles = SceneStyles(() if styled is not None else (_TRAINED,), tuple(regions))
        guidance = torch.ones(_NOISES, device=self.device) if self.has_guidance else None
        flux, tokens = self.parts.flux, replace(tokens, styles=styles)
        return assemble(flux, [tokens] * _NOISES, self.isolated, guidance, library=self.terms)

    def draw(self) -> tuple[LabelledScene, int | None]:
        """A scene that the filter has changed: wholly, or in the region of that number."""
        scene = self.plan.scene(self.rng, self.extent)
        changed = self.plan.becomes(np.asarray(scene.image, np.float32))
        styled: int | None = None
        large = [n for n, each in enumerate(scene.regions) if each.mask.mean() > _SMALLEST_SHARE]
        if large and self.rng.random() < 0.5:
            styled = int(self.rng.choice(large))
            changed = np.where(scene.regions[styled].mask[..., None], changed, scene.image)
        caption, regions = scene.caption, scene.regions
        if self.rng.random() < _WORDLESS:
            caption, regions = "", tuple(_Region(each.mask, "") for each in regions)
        return _Scene(np.clip(changed, 0, 1), caption, regions), styled

    def report(self, folder: Path) -> dict[str, float]:
        return {}


def save_style(terms: TrainedTerms, out: Path, metadata: Mapping[str, str]) -> None:
    tensors: dict[str, Tensor] = {}
    for name, term in terms.named().items():
        for side, matrix in (("A", term.down), ("B", term.up)):
            tensors[f"transformer.{name}.lora_{side}.weight"] = matrix.detach().half().cpu()
    out.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, out, {"format": "pt", **metadata})


@dataclass(frozen=True)
class _Region:
    mask: NDArray[np.bool_]
    caption: str


@dataclass(frozen=True)
class _Scene:
    image: NDArray[Any]
    caption: str | None
    regions: Sequence[LabelledRegion]
