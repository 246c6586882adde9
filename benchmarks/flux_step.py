"""One denoising step: plain FLUX, dense masks with unfused adapters, and ours, in one run.

python -m benchmarks.flux_step                                # the CPU shape of the targets
python -m benchmarks.flux_step --regions 1 50                 # flat in the number of regions
python -m benchmarks.flux_step --shape flux-dev --size 1024 --regions 8   # on a CUDA device
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from diffusers import FluxTransformer2DModel
from torch import Tensor, nn

from studio.engine.network.adapters import AdaptedLinear, Adapters, attach
from studio.engine.network.low_rank import ContourTerms, LowRank, difference, is_contour_site
from studio.engine.network.transformer import RegionalInputs, RegionalTransformer
from studio.engine.sampling.attention_plan import dense_attention
from studio.engine.sampling.scene_tokens import SceneTokens, assemble
from studio.engine.tokens.membership import membership
from studio.engine.tokens.patch_grid import PatchGrid

SHAPES = {
    "small": {"num_layers": 4, "num_single_layers": 8, "num_attention_heads": 8,
              "attention_head_dim": 64, "joint_attention_dim": 512, "pooled_projection_dim": 256,
              "axes_dims_rope": (16, 24, 24)},
    "flux-dev": {"num_layers": 19, "num_single_layers": 38, "num_attention_heads": 24,
                 "attention_head_dim": 128, "joint_attention_dim": 4096,
                 "pooled_projection_dim": 768, "axes_dims_rope": (16, 56, 56)},
}  # fmt: skip
RANK = 64


@dataclass(frozen=True)
class Task:
    """One network shape and one scene."""

    flux: FluxTransformer2DModel
    adapters: Adapters
    scene: SceneTokens
    isolated: range

    @property
    def device(self) -> torch.device:
        return self.scene.pooled.device


def main() -> None:
    options = _options()
    torch.manual_seed(0)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if options.shape == "flux-dev" and device.type != "cuda":
        print("FLUX.1-dev's shape needs a CUDA device; there is none here: not measured.")
        return
    if device.type == "cpu":
        torch.set_num_threads(options.threads)
    tasks = {count: build_task(options, count, device) for count in options.regions[:1]}
    first = tasks[options.regions[0]]
    for count in options.regions[1:]:
        scene = build_scene(first.flux, options, count, device, first.scene.pooled.dtype)
        tasks[count] = replace(first, scene=scene)
    if len(tasks) > 1:
        print("ours, by the number of regions at the same total of text tokens")
        report(
            measure({f"{n} regions": ours_call(tasks[n]) for n in tasks}, options.rounds, device)
        )
        return
    print(describe(first))
    report(measure(variants(first, options), options.rounds, device))


def build_task(options: argparse.Namespace, regions: int, device: torch.device) -> Task:
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    torch.set_default_dtype(dtype)
    with torch.device(device):
        flux = FluxTransformer2DModel(guidance_embeds=True, **SHAPES[options.shape])
    torch.set_default_dtype(torch.float32)
    flux.eval().requires_grad_(False)
    blocks = ("transformer_blocks.", "single_transformer_blocks.")
    linears = {n: m for n, m in flux.named_modules() if isinstance(m, nn.Linear)}

    def terms(names: list[str]) -> dict[str, LowRank]:
        return {name: _random_term(linears[name]) for name in names}

    adapters = Adapters(
        default=terms([name for name in linears if name.startswith(blocks)]),
        cond=terms([name for name in linears if is_contour_site(name)]),
    )
    singles = SHAPES[options.shape]["num_single_layers"]
    doubles = SHAPES[options.shape]["num_layers"]
    isolated = range(doubles, doubles + singles // 2)
    return Task(flux, adapters, build_scene(flux, options, regions, device, dtype), isolated)


def build_scene(
    flux: FluxTransformer2DModel,
    options: argparse.Namespace,
    regions: int,
    device: torch.device,
    dtype: torch.dtype,
) -> SceneTokens:
    """Half of the picture in `regions` boxes; the text tokens are shared out among them."""
    side = options.size // 16
    grid = PatchGrid(side, side, 16)
    masks = boxes(options.size, regions)
    kept = np.sort(np.random.default_rng(0).permutation(grid.count)[: options.contour])
    per_region = max(1, (options.text - options.text // 6) // regions)
    config = flux.config

    def random(*shape: int) -> Tensor:
        return torch.randn(*shape, device=device, dtype=dtype)

    return SceneTokens(
        global_text=random(options.text - per_region * regions, config.joint_attention_dim),
        region_texts=tuple(random(per_region, config.joint_attention_dim) for _ in range(regions)),
        pooled=random(config.pooled_projection_dim),
        grid=grid,
        words=membership(masks, grid, "top").words,
        contour=random(len(kept), config.in_channels),
        contour_positions=grid.positions()[kept],
        contour_bias=float(np.log(options.gamma)),
    )


def boxes(size: int, count: int) -> list[np.ndarray]:
    """Boxes on a lattice that together cover about 60 % of the picture."""
    across = int(np.ceil(np.sqrt(count)))
    cell = size / across
    masks: list[np.ndarray] = []
    for number in range(count):
        mask = np.zeros((size, size), np.bool_)
        top, left = (number // across) * cell, (number % across) * cell
        mask[int(top) : int(top + 0.78 * cell), int(left) : int(left + 0.78 * cell)] = True
        masks.append(mask)
    return masks


def variants(task: Task, options: argparse.Namespace) -> dict[str, Callable[[], Tensor]]:
    """Name -> one call of the transformer. The plain baseline comes first."""
    torch.manual_seed(1)
    scene, device, dtype = task.scene, task.device, task.scene.pooled.dtype
    latents = torch.randn(1, scene.grid.count, task.flux.config.in_channels, device=device)
    latents, sigma = latents.to(dtype), torch.full((1,), 0.6, device=device)
    guidance = torch.full((1,), 3.5, device=device)
    inputs = assemble(task.flux, [scene], task.isolated, guidance)

    naive = naive_network(task)
    dense = with_dense_masks(task, inputs)

    def plain(flux: FluxTransformer2DModel = task.flux) -> Tensor:
        return flux(
            hidden_states=latents,
            timestep=sigma,
            guidance=guidance,
            encoder_hidden_states=inputs.text,
            pooled_projections=inputs.pooled,
            txt_ids=torch.zeros(inputs.text.shape[1], 3, device=device),
            img_ids=torch.from_numpy(scene.grid.positions()).to(device),
            return_dict=False,
        )[0]

    calls = {
        "plain FLUX": plain,
        "dense masks, adapters not fused": lambda: naive(latents, sigma, dense),
        "ours": ours_call(task),
    }
    if device.type == "cuda" or options.compiled:
        compiled = _copy(task.flux)
        compiled.compile_repeated_blocks(dynamic=False)
        calls["plain FLUX, compiled"] = partial(plain, compiled)
        calls["ours, compiled"] = ours_call(task, compiles=True)
    gap = (calls["ours"]() - calls["dense masks, adapters not fused"]()).abs().max()
    print(f"largest difference of ours to dense and unfused: {float(gap):.1e}")
    return {name: call for name, call in calls.items() if name in options.only or not options.only}


def ours_call(task: Task, *, compiles: bool = False) -> Callable[[], Tensor]:
    """A step of ours: adapters fused, what the scene fixes computed before."""
    torch.manual_seed(1)
    scene, device, dtype = task.scene, task.device, task.scene.pooled.dtype
    latents = torch.randn(1, scene.grid.count, task.flux.config.in_channels, device=device)
    latents, sigma = latents.to(dtype), torch.full((1,), 0.6, device=device)
    guidance = torch.full((1,), 3.5, device=device)
    inputs = assemble(task.flux, [scene], task.isolated, guidance, compiles)
    network = RegionalTransformer(_copy(task.flux))
    if compiles:
        network.compile_blocks(dynamic=False)
    network.contour = attach(network.flux, task.adapters)
    fixed = network.prepare(inputs)
    return lambda: network(latents, sigma, inputs, fixed)


def naive_network(task: Task) -> RegionalTransformer:
    """Every layer once for image and text tokens and once for contour tokens, nothing fused."""
    flux = _copy(task.flux)
    once: dict[str, LowRank] = {}  # called for contour tokens on their own
    for name in {*task.adapters.default, *task.adapters.cond}:
        layer = flux.get_submodule(name)
        default, cond = task.adapters.default.get(name), task.adapters.cond.get(name)
        if cond and ("norm" in name or name == "x_embedder"):
            own = difference(cond, default)
            assert own is not None
            once[name] = own
        if default is None:
            continue
        new = AdaptedLinear(layer, default)
        if cond and name not in once:
            new = SplitLinear(layer, default, cond, task.scene)
        parent, _, child = name.rpartition(".")
        setattr(flux.get_submodule(parent), child, new)
    return RegionalTransformer(flux, ContourTerms(once)).eval()


class SplitLinear(nn.Module):
    """A layer with two adapters: contour rows, the last ones, take `cond`, others `default`."""

    def __init__(
        self, layer: nn.Module, default: LowRank, cond: LowRank, scene: SceneTokens
    ) -> None:
        super().__init__()
        self.layer, self.default, self.cond = layer, default, cond
        self.image, self.contour = scene.grid.count, len(scene.contour)

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[1] == self.image:  # the last block asks for image tokens alone
            return self.layer(x) + self.default(x)
        image, contour = x[:, : -self.contour], x[:, -self.contour :]
        return torch.cat(
            [self.layer(image) + self.default(image), self.layer(contour) + self.cond(contour)],
            dim=1,
        )


def with_dense_masks(task: Task, inputs: RegionalInputs) -> RegionalInputs:
    roles = [task.scene.roles(task.scene.layout)]
    plain = assemble(task.flux, [task.scene], range(0), inputs.guidance)
    return replace(
        plain,
        isolation=dense_attention(roles, isolates=True, device=task.device),
        isolated=task.isolated,
    )


@torch.no_grad()
def measure(
    calls: dict[str, Callable[[], Tensor]], rounds: int, device: torch.device
) -> dict[str, list[float]]:
    """Seconds of each variant in interleaved rounds, after one round to warm up.

    On one thread, processor time is taken: it is the same on a busy machine.
    """
    is_alone = device.type == "cpu" and torch.get_num_threads() == 1
    clock = time.process_time if is_alone else time.perf_counter
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for round_number in range(rounds + 1):
        for name, call in calls.items():
            _wait(device)
            started = clock()
            call()
            _wait(device)
            if round_number:
                seconds[name].append(clock() - started)
    return seconds


def describe(task: Task) -> str:
    layout = task.scene.layout
    return (
        f"{len(layout.region_text)} regions, {layout.image} image, {layout.text} text, "
        f"{layout.contour} contour tokens, {len(task.isolated)} blocks isolated, "
        f"{task.device.type}"
    )


def report(seconds: dict[str, list[float]]) -> None:
    baseline = next(iter(seconds.values()))
    for name, values in seconds.items():
        ratios = [one / other for one, other in zip(values, baseline, strict=True)]
        print(
            f"  {name:32} {1000 * statistics.median(values):8.1f} ms   "
            f"{statistics.median(ratios):5.2f} x   ({min(ratios):.2f} to {max(ratios):.2f}, "
            f"{len(ratios)} pairs)"
        )


def _random_term(layer: nn.Linear) -> LowRank:
    weight = layer.weight
    down = torch.randn(RANK, layer.in_features, device=weight.device) / layer.in_features**0.5
    up = 0.02 * torch.randn(layer.out_features, RANK, device=weight.device)
    return LowRank(down.to(weight.dtype), up.to(weight.dtype)).requires_grad_(False)


def _copy(flux: FluxTransformer2DModel) -> FluxTransformer2DModel:
    with torch.device("meta"):
        twin = FluxTransformer2DModel.from_config(flux.config)
    twin.load_state_dict({n: t.clone() for n, t in flux.state_dict().items()}, assign=True)
    return twin.eval().requires_grad_(False)


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shape", choices=SHAPES, default="small")
    parser.add_argument("--size", type=int, default=512, help="pixels along one side")
    parser.add_argument("--regions", type=int, nargs="+", default=[8])
    parser.add_argument("--text", type=int, default=120, help="text tokens in all")
    parser.add_argument("--contour", type=int, default=200, help="contour tokens")
    parser.add_argument("--gamma", type=float, default=0.5)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--compiled", action="store_true", help="compile on a CPU, too")
    parser.add_argument("--only", nargs="*", default=[], help="names of variants")
    return parser.parse_args()


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    main()
