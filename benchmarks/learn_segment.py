"""How the click segmenter's few thousand numbers were learnt, from scenes that the studio paints.

python -m benchmarks.learn_segment --out studio/segmentation/learnt_from_paintings.npz

No photograph takes part. Pictures are blurred, recoloured and made noisy, since paintings have
sharper edges than photographs. Three small nets are fitted one after the other:

merge   is there a true border between two neighbouring regions?  Seen while merging, twice: first
        merging by a rule of thumb, then by what was learnt from that.
choice  the IoU that an answer to a click would have.  Seen in simulated chains of five clicks, in
        rounds in which the last round's net chooses most answers.
box     the IoU of each way to fill a box.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.segment import error_centre
from studio.domain.geometry import Bounds, Extent
from studio.painting.painter import paint_scene
from studio.segmentation.box_options import box_options
from studio.segmentation.click_options import Landscape, Pieces, WorkingClick, click_options
from studio.segmentation.merge_tree import Cost, Regions, build_merge_tree
from studio.segmentation.small_net import SmallNet
from studio.segmentation.superpixels import PieceGraph, build_piece_graph

Floats = NDArray[np.float32]
Random = np.random.Generator

FIRST_SEED = 50_000
SIDE = 512
REGIONS_A_SCENE = 8
CLICKS = 5


@dataclass(eq=False)
class Samples:
    """Feature rows, what each should give (0..1) and how much it counts."""

    features: list[Floats]
    targets: list[Floats]
    weights: list[Floats]

    @staticmethod
    def none() -> Samples:
        return Samples([], [], [])

    def add(self, features: Floats, targets: Floats, weights: Floats | float) -> None:
        self.features.append(features.astype(np.float32))
        self.targets.append(np.asarray(targets, np.float32))
        self.weights.append(np.broadcast_to(np.float32(weights), len(targets)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--scenes", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3, help="of simulated clicks")
    parser.add_argument("--steps", type=int, default=6000, help="of each fit")
    options = parser.parse_args()
    torch.manual_seed(0)
    merge: Cost = rule_of_thumb
    for _ in range(2):
        samples = Samples.none()
        for scene in scenes(options.scenes):
            see_merges(scene, merge, samples)
        merge = fit(samples, 24, options.steps)
    choice: Cost = first_choice
    samples, boxes = Samples.none(), Samples.none()
    for number in range(options.rounds):
        for scene in scenes(options.scenes):
            looked = look(scene, merge)
            see_clicks(scene, looked, choice, samples)
            if number == 0:
                see_boxes(scene, looked, boxes)
        choice = fit(samples, 48, options.steps)
    save(options.out, {"merge": merge, "choice": choice, "box": fit(boxes, 24, options.steps)})


@dataclass(eq=False)
class Scene:
    pixels: NDArray[np.uint8]
    truth: NDArray[np.int32]  # 0 is ground without a name
    random: Random


def scenes(count: int) -> Iterator[Scene]:
    for seed in range(FIRST_SEED, FIRST_SEED + count):
        painted = paint_scene(np.random.default_rng(seed), Extent(SIDE, SIDE))
        if not painted.regions:
            continue
        truth = np.zeros((SIDE, SIDE), np.int32)
        for number, region in enumerate(painted.regions, start=1):
            truth[region.mask] = number
        random = np.random.default_rng(seed + 991)
        pixels = (np.clip(painted.image, 0, 1) * 255).astype(np.float32)
        yield Scene(like_a_photograph(pixels, random), truth, random)


def like_a_photograph(pixels: Floats, random: Random) -> NDArray[np.uint8]:
    if random.random() < 0.3:
        grey = pixels.mean(axis=2, keepdims=True)
        pixels = grey + (pixels - grey) * random.uniform(0, 0.8)
    if random.random() < 0.4:
        pixels = 255 * np.clip(pixels / 255, 0, 1) ** random.uniform(0.6, 1.6)
        pixels = (pixels - 128) * random.uniform(0.6, 1.1) + 128 + random.uniform(-20, 20)
    if random.random() < 0.55:
        pixels = cv2.GaussianBlur(pixels, (0, 0), random.uniform(0.4, 2.2))
    if random.random() < 0.45:
        pixels = pixels + random.normal(0, random.uniform(1, 9), pixels.shape)
    return np.clip(pixels, 0, 255).astype(np.uint8)


def rule_of_thumb(features: Floats) -> Floats:
    """Unlike colours or textures and a sharp border speak against merging; small goes first."""
    columns = features[:, [0, 1, 9, 10, 21, 23]]
    return columns @ np.array([1.0, 0.5, 0.3, 0.3, 0.25, -0.3], np.float32)


def first_choice(features: Floats) -> Floats:
    """A part that stands out and has the click at its centre."""
    return features[:, [3, 16, 9]] @ np.array([0.35, 3.0, -2.0], np.float32) - 1


def see_merges(scene: Scene, cost: Cost, samples: Samples) -> None:
    graph = build_piece_graph(scene.pixels)
    pieces, kinds = len(graph.sizes), int(scene.truth.max()) + 1
    counts = np.zeros((2 * pieces - 1, kinds), np.float32)
    counts[:pieces] = np.bincount(
        graph.labels.ravel() * kinds + scene.truth.ravel(), minlength=pieces * kinds
    ).reshape(pieces, kinds)
    seen: list[tuple[NDArray[np.int32], Floats]] = []

    def watch(regions: Regions, features: Floats) -> None:
        cheap = np.argsort(cost(features))[:40]
        some = scene.random.integers(0, len(features), min(40, len(features)))
        index = np.unique(np.concatenate([cheap, some]))
        seen.append((regions.nodes[regions.pairs[index]], features[index]))

    tree = build_merge_tree(graph, cost, watch)
    for node in range(pieces, len(counts)):
        counts[node] = counts[tree.children[node]].sum(axis=0)
    sizes, kind = counts.sum(axis=1), counts.argmax(axis=1)
    purity = counts.max(axis=1) / sizes
    for nodes, features in seen:
        one, other = nodes.T
        is_clear = (purity[one] > 0.75) & (purity[other] > 0.75)
        weight = np.sqrt(np.minimum(sizes[one], sizes[other])) * purity[one] * purity[other]
        samples.add(features[is_clear], (kind[one] != kind[other])[is_clear], weight[is_clear])


@dataclass(eq=False)
class Look:
    graph: PieceGraph
    land: Landscape


def look(scene: Scene, merge: Cost) -> Look:
    graph = build_piece_graph(scene.pixels)
    return Look(graph, Landscape.of(build_merge_tree(graph, merge), graph))


def see_clicks(scene: Scene, looked: Look, choice: Cost, samples: Samples) -> None:
    for truth in some_regions(scene):
        click_chain(truth, looked.land, choice, scene.random, samples)


def click_chain(
    truth: NDArray[np.bool_], land: Landscape, choice: Cost, random: Random, samples: Samples
) -> None:
    """Up to five clicks at the largest error; now and then another answer than the best is taken,
    so that mistakes are seen too."""
    measure = overlap_with(truth, land)
    chosen = np.zeros(land.tree.pieces, np.bool_)
    done: list[WorkingClick] = []
    for _ in range(CLICKS):
        place = error_centre(chosen[land.labels] != truth)
        if place is None:
            return
        x, y = place
        click = WorkingClick.at(land, x, y, bool(truth[y, x]))
        options = click_options(land, click, chosen, done)
        edits = [edited(land, chosen, node, click.adds) for node in options.nodes]
        targets = np.array([measure(edit) for edit in edits])
        samples.add(options.features, targets, 1 / np.sqrt(len(targets)))
        best = int(choice(options.features).argmax())
        if random.random() < 0.25:
            best = int(np.clip(best + random.integers(-3, 4), 0, len(edits) - 1))
        chosen = edits[best]
        done.append(click)


def edited(land: Landscape, chosen: Pieces, node: int, adds: bool) -> Pieces:
    result = chosen.copy()
    result[land.pieces_of(node)] = adds
    return result


def overlap_with(truth: NDArray[np.bool_], land: Landscape) -> Callable[[Pieces], float]:
    inside = land.share_of_pieces(truth) * land.sizes
    area = float(truth.sum())

    def measure(chosen: Pieces) -> float:
        shared = float(inside[chosen].sum())
        return shared / (float(land.sizes[chosen].sum()) + area - shared)

    return measure


def see_boxes(scene: Scene, looked: Look, samples: Samples) -> None:
    for truth in some_regions(scene):
        rows, columns = np.nonzero(truth)
        left, top = (
            max(0, int(p.min()) + int(scene.random.integers(-2, 3))) for p in (columns, rows)
        )
        right, bottom = (
            min(SIDE, int(p.max()) + 1 + int(scene.random.integers(-2, 3))) for p in (columns, rows)
        )
        if min(right - left, bottom - top) < 4:
            continue
        options = box_options(looked.land, scene.pixels, Bounds(left, top, right, bottom))
        measure = overlap_with(truth, looked.land)
        samples.add(options.features, np.array([measure(s) for s in options.selections]), 1.0)


def some_regions(scene: Scene) -> Iterator[NDArray[np.bool_]]:
    order = scene.random.permutation(int(scene.truth.max())) + 1
    for number in order[:REGIONS_A_SCENE]:
        truth = scene.truth == number
        if truth.any():
            yield truth


def fit(samples: Samples, width: int, steps: int) -> SmallNet:
    """Two hidden layers; the targets are shares, so the loss is a cross entropy."""
    features = np.clip(np.concatenate(samples.features), -50, 50)
    mean, scale = features.mean(axis=0), 1 / (features.std(axis=0) + 1e-4)
    inputs = torch.from_numpy(np.clip((features - mean) * scale, -4, 4))
    targets = torch.from_numpy(np.concatenate(samples.targets))
    weights = torch.from_numpy(np.concatenate(samples.weights))
    weights /= weights.mean()
    net = torch.nn.Sequential(
        torch.nn.Linear(inputs.shape[1], width),
        torch.nn.ReLU(),
        torch.nn.Linear(width, width // 2),
        torch.nn.ReLU(),
        torch.nn.Linear(width // 2, 1),
    )
    optimizer = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, total_steps=steps)
    for _ in range(steps):
        batch = torch.randint(len(inputs), (2048,))
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            net(inputs[batch])[:, 0], targets[batch], weights[batch]
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    layers = [layer for layer in net if isinstance(layer, torch.nn.Linear)]
    return SmallNet(
        mean.astype(np.float32),
        scale.astype(np.float32),
        tuple((one.weight.detach().numpy().T.copy(), one.bias.detach().numpy()) for one in layers),
    )


def save(path: Path, nets: dict[str, SmallNet]) -> None:
    arrays: dict[str, Floats] = {}
    for name, net in nets.items():
        arrays[f"{name}.mean"], arrays[f"{name}.scale"] = net.mean, net.scale
        for index, (weight, bias) in enumerate(net.layers):
            arrays[f"{name}.weight{index}"], arrays[f"{name}.bias{index}"] = weight, bias
    np.savez(path, **arrays)
    print(f"wrote {path}: {sum(array.size for array in arrays.values())} numbers")


if __name__ == "__main__":
    main()
