"""Seg2Any adapters on a FLUX base, trained on labelled scenes with the one trainer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from peft import LoraConfig, get_peft_model_state_dict
from safetensors.torch import save_file
from torch import Tensor, nn

from studio.engine.network.loading import FluxParts, load_parts
from studio.engine.network.low_rank import ContourTerms
from studio.engine.network.quantization import Quantization
from studio.engine.network.transformer import RegionalTransformer
from studio.engine.sampling.latents import encode, to_tensor, vae_factor
from studio.engine.sampling.recommended import Recommended, read_recommended
from studio.engine.sampling.scene_tokens import SceneTokens, assemble
from studio.engine.tokens.contour_tokens import contour_tokens
from studio.engine.tokens.membership import membership
from studio.engine.tokens.patch_grid import PatchGrid
from studio.inventory.layouts import ADAPTER_FILE, CONTOUR_FILE
from studio.scene.geometry import Extent
from studio.training.flow import flow_loss
from studio.training.trainer import Plan, Say, Trainer


class LabelledRegion(Protocol):
    @property
    def mask(self) -> NDArray[np.bool_]: ...
    @property
    def caption(self) -> str: ...


class LabelledScene(Protocol):
    """A picture (height, width, 3), 0..1, with the words of its regions, the topmost last."""

    @property
    def image(self) -> NDArray[Any]: ...
    @property
    def caption(self) -> str | None: ...
    @property
    def regions(self) -> Sequence[LabelledRegion]: ...


@dataclass(frozen=True)
class AdapterPlan:
    """Where the base lies and how long its adapters are trained. Rank 64 as published."""

    folder: Path
    base: Path
    scene: Callable[[np.random.Generator, Extent], LabelledScene]  # what is learnt from
    seconds: float
    rank: int = 64
    device: str = "cpu"
    side: int = 256  # pixels of the scenes
    dtype: torch.dtype | None = None  # of the products; None: what the device computes fastest


def train_adapters(plan: AdapterPlan, out: Path, say: Say) -> None:
    """Train `default` and `cond` together and write them in the published layout."""
    parts = load_parts(plan.base, torch.float32, Quantization.parse("none"))
    task = AdapterTask(parts, plan)
    stage = Plan(plan.folder, plan.seconds, rate=1e-4, device=plan.device, dtype=plan.dtype)
    trainer = Trainer(task, stage, say)
    trainer.run()
    with trainer.averaged():
        save_adapters(task.net, out)
    say(f"adapters written to {out}")


class AdapterTask:
    """One scene a step, encoded by the base's own VAE and text encoders."""

    name = "adapters"

    def __init__(self, parts: FluxParts, plan: AdapterPlan) -> None:
        self.parts = parts
        self.draw = plan.scene
        self.rng = np.random.default_rng()
        self.extent = Extent(plan.side, plan.side)
        flux = parts.flux.requires_grad_(False)
        contour = ContourTerms.build(flux, plan.rank)
        flux.add_adapter(default_config(flux, plan.rank))
        self.net = RegionalTransformer(flux, contour).to(plan.device)
        self.module = nn.ModuleDict({"contour": contour, "default": _only_trained(flux)})
        blocks = len(flux.transformer_blocks), len(flux.single_transformer_blocks)
        self.isolated = range(blocks[0], blocks[0] + blocks[1] // 2)
        config: Any = flux.config
        steps: Any = parts.scheduler.config
        self.has_guidance = bool(config.guidance_embeds)
        self.recommended = read_recommended(
            plan.base, self.has_guidance, steps.use_dynamic_shifting
        )
        self.device = torch.device(plan.device)
        encoders: tuple[Any, ...] = (parts.vae, parts.text.t5, parts.text.clip)
        for encoder in encoders:
            encoder.to(self.device)

    def parameters(self) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
        return [], [weight for weight in self.net.parameters() if weight.requires_grad]

    def loss(self, progress: float) -> Tensor:
        scene = self.draw(self.rng, self.extent)
        clean, tokens = self.encoded(scene)
        flux = self.parts.flux
        guidance = torch.ones(1, device=self.device) if self.has_guidance else None
        return flow_loss(self.net, clean, assemble(flux, [tokens], self.isolated, guidance))

    def encoded(self, scene: LabelledScene) -> tuple[Tensor, SceneTokens]:
        """Packed latents (1, l, c) of the picture, and its scene as tokens."""
        return encoded(self.parts, self.recommended, scene, self.extent, self.device)

    def report(self, folder: Path) -> dict[str, float]:
        return {}


@torch.no_grad()
def encoded(
    parts: FluxParts,
    known: Recommended,
    scene: LabelledScene,
    extent: Extent,
    device: torch.device,
) -> tuple[Tensor, SceneTokens]:
    """Packed latents (1, l, c) of a picture, and its scene as tokens."""
    vae, text = parts.vae, parts.text
    pixels = 2 * vae_factor(vae)
    grid = PatchGrid.over(extent, pixels)
    masks = [region.mask for region in scene.regions]
    captions = [region.caption for region in scene.regions]
    lines = contour_tokens(masks, extent, pixels, 1, False)
    picture = to_tensor(np.round(scene.image * 255).astype(np.uint8)).to(device)
    drawn = encode(vae, to_tensor(lines.picture).to(device))[0]
    tokens = SceneTokens(
        global_text=None
        if scene.caption is None
        else text.embed(scene.caption, known.caption_tokens, device),
        region_texts=tuple(text.embed(c, known.region_tokens, device) for c in captions),
        pooled=text.pool(scene.caption or ".".join(captions), device),
        grid=grid,
        words=membership(masks, grid, "top").words,
        contour=drawn[torch.from_numpy(lines.kept).to(device)],
        contour_positions=lines.positions,
    )
    return encode(vae, picture), tokens


def default_config(flux: nn.Module, rank: int) -> LoraConfig:
    """LoRA on every linear layer inside the blocks, modulation included; alpha = rank."""
    inside = ("transformer_blocks.", "single_transformer_blocks.")
    names = [
        name
        for name, module in flux.named_modules()
        if isinstance(module, nn.Linear) and name.startswith(inside)
    ]
    return LoraConfig(r=rank, lora_alpha=rank, target_modules=names, init_lora_weights=True)


def save_adapters(net: RegionalTransformer, out: Path) -> None:
    """`default` as it is; `cond` is what contour tokens see: default and their own term as one."""
    default = {
        name.removesuffix(".weight"): weight.detach().float().cpu()
        for name, weight in get_peft_model_state_dict(net.flux).items()
    }
    cond: dict[str, Tensor] = {}
    assert net.contour is not None
    for name, term in net.contour.named().items():
        down, up = [term.down.detach().float().cpu()], [term.up.detach().float().cpu()]
        if f"{name}.lora_A" in default:
            down.append(default[f"{name}.lora_A"])
            up.append(default[f"{name}.lora_B"])
        cond[f"{name}.lora_A"] = torch.cat(down)
        cond[f"{name}.lora_B"] = torch.cat(up, dim=1)
    for file, tensors in ((ADAPTER_FILE, default), (CONTOUR_FILE, cond)):
        (out / file).parent.mkdir(parents=True, exist_ok=True)
        named = {f"transformer.{k}.weight": v.contiguous() for k, v in tensors.items()}
        save_file(named, out / file, {"format": "pt"})


def _only_trained(flux: nn.Module) -> nn.ParameterDict:
    """The trained weights under names of their own, so that checkpoints hold no base."""
    return nn.ParameterDict(
        {n.replace(".", "/"): w for n, w in flux.named_parameters() if w.requires_grad}
    )
