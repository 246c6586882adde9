"""How the click segmenter's numbers were learnt, from scenes that the studio paints.

python -m benchmarks.learn_segment --out studio/segmentation/click/learnt_from_paintings.npz

No photograph takes part. Most pictures are lit unevenly, faded, blurred or made noisy, since
paintings have sharper edges than photographs. Three small nets are fitted one after the other:

merge   is there a true border between two neighbouring regions?  Seen while merging, twice: first
        merging by a rule of thumb, then by what was learnt from that.
choice  the IoU that an answer to a click would have.  Seen in simulated chains of five clicks,
        twice: first taking answers near the best, then those that a net fitted to these takes.
box     the IoU of each way to fill a box.

The last two are then made honest: on further scenes, half of them as painted, their logits are
stretched and shifted until the answer that comes first tells what it is worth.
The same arguments give the same numbers: all seeds are fixed, and workers only share work out.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.segment import error_centre, iou, visible_pieces
from studio.scene.geometry import Bounds, Extent
from studio.segmentation.click.box_options import box_options
from studio.segmentation.click.click_segmenter import ClickSegmenter
from studio.segmentation.click.edits import possible_edits
from studio.segmentation.click.landscape import Landscape, Pieces, WorkingClick
from studio.segmentation.click.merge_tree import Cost, Regions, build_merge_tree
from studio.segmentation.click.small_net import Ranker, SmallNet
from studio.segmentation.click.superpixels import build_piece_graph
from studio.workshop.painting.painter import PaintedScene, paint_scene

Floats = NDArray[np.float32]
Random = np.random.Generator

FIRST_SEED = 50_000
SIDE = 512
THINGS_A_SCENE = 8
CLICKS = 5
MERGES_A_ROUND = 40  # cheapest pairs, and as many at random
SPOT = 4  # pixels around a click that changes nothing but itself
NETS = 4  # that judge clicks together
WIDTHS = {"merge": 32, "choice": 64, "box": 24}  # of each net's first layer
BATCH = 128  # prompts
REGRET = 3.0  # how much the IoU that is lost by a wrong choice counts
SHARPNESS = 3.0  # how sure the choice is that loses it
AS_IT_IS = np.array([[1, 0]], np.float32)  # a line that changes nothing

Told = tuple[int, float, float]  # clicks, the score, the true IoU


@dataclass(eq=False)
class Group:
    """Options of which one is taken: feature rows, and what each should give (0..1)."""

    features: Floats
    targets: Floats
    weights: Floats | None = None  # how much each row counts; None: alike


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--scenes", type=int, default=330, help="for clicks and boxes")
    parser.add_argument("--merge-scenes", type=int, default=130)
    parser.add_argument("--fresh-scenes", type=int, default=48, help="to make the scores honest")
    parser.add_argument("--steps", type=int, default=2500, help="of each net that ranks answers")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"  # of the workers, so that sums are always added up alike
    torch.set_num_threads(1)
    started = time.perf_counter()
    seeds = range(FIRST_SEED, FIRST_SEED + options.scenes)
    fresh = range(seeds.stop, seeds.stop + options.fresh_scenes)

    def minutes() -> str:
        return f"{(time.perf_counter() - started) / 60:.0f} minutes"

    with ProcessPoolExecutor(options.workers, get_context("spawn")) as pool:
        merge = learn_merges(pool, seeds[: options.merge_scenes])
        print(f"merge: {minutes()}", flush=True)
        few = list(pool.map(partial(see_answers, merge=merge, choice=None), seeds[::3]))
        guide = fit_ranks(shown(few, "choice"), WIDTHS["choice"], options.steps, seed=0)
        print(f"guide: {minutes()}", flush=True)
        many = list(pool.map(partial(see_answers, merge=merge, choice=guide), seeds))
        clicks = [*shown(few, "choice"), *shown(many, "choice")]
        fit = partial(fit_ranks, clicks, WIDTHS["choice"], options.steps)
        choice = together(list(pool.map(fit, range(NETS))))
        box = fit_ranks(shown(few, "box"), WIDTHS["box"], options.steps, seed=0)
        print(f"choice and box: {minutes()}", flush=True)
        plain = ClickSegmenter(
            merge=merge, choice=Ranker(choice, AS_IT_IS), box=Ranker(box, AS_IT_IS)
        )
        told = [
            row for rows in pool.map(partial(see_scores, segmenter=plain), fresh) for row in rows
        ]
    rankers = {
        "choice": honest(
            choice, [[row for row in told if row[0] == n] for n in range(1, CLICKS + 1)]
        ),
        "box": honest(box, [[row for row in told if row[0] == 0]]),
    }
    save(options.out, merge, rankers)
    print(f"It took {minutes()}.")


def learn_merges(pool: ProcessPoolExecutor, seeds: range) -> SmallNet:
    groups = pool.map(partial(see_merges, cost=rule_of_thumb), seeds)
    first = fit_rows(list(groups), WIDTHS["merge"])
    return fit_rows(list(pool.map(partial(see_merges, cost=first), seeds)), WIDTHS["merge"])


@dataclass(eq=False)
class Scene:
    painted: PaintedScene
    pixels: NDArray[np.uint8]
    random: Random


def scene_of(seed: int) -> Scene:
    painted = paint_scene(np.random.default_rng(seed), Extent(SIDE, SIDE))
    random = np.random.default_rng(seed + 991)
    pixels = (np.clip(painted.image, 0, 1) * 255).astype(np.float32)
    if random.random() < 0.08:
        pixels = like_a_drawing(painted, random)
    return Scene(painted, like_a_photograph(pixels, random), random)


def like_a_drawing(painted: PaintedScene, random: Random) -> Floats:
    """Every region in one flat colour, now and then black or white; 0..255."""
    kinds = len(painted.regions) + 1
    palette = random.uniform(-60, 315, (kinds, 3))
    palette[random.random(kinds) < 0.2] = random.choice([0, 255])
    labels = np.zeros((SIDE, SIDE), np.int32)
    for number, region in enumerate(painted.regions, start=1):
        labels[region.mask] = number
    return np.clip(palette, 0, 255).astype(np.float32)[labels]


def like_a_photograph(pixels: Floats, random: Random) -> NDArray[np.uint8]:
    """Uneven light, faded colours, blur, grain and JPEG, each now and then; 0..255 in and out."""
    if random.random() < 0.3:
        return np.clip(pixels, 0, 255).astype(np.uint8)
    if random.random() < 0.35:
        coarse = random.normal(0, random.uniform(0.1, 0.3), (4, 4)).astype(np.float32)
        light = cv2.resize(coarse, pixels.shape[1::-1], interpolation=cv2.INTER_CUBIC)
        pixels = pixels * np.exp(light)[..., None]
    if random.random() < 0.35:
        grey = pixels.mean(axis=2, keepdims=True)
        pixels = grey + (pixels - grey) * max(0, random.uniform(-0.4, 0.8))
    if random.random() < 0.5:
        pixels = 255 * np.clip(pixels / 255, 0, 1) ** random.uniform(0.6, 1.6)
        pixels = (pixels - 128) * random.uniform(0.45, 1.1) + 128 + random.uniform(-25, 25)
    if random.random() < 0.6:
        pixels = cv2.GaussianBlur(pixels, (0, 0), random.uniform(0.4, 2.2))
    if random.random() < 0.5:
        pixels = pixels + random.normal(0, random.uniform(1, 9), pixels.shape)
    clipped = np.clip(pixels, 0, 255).astype(np.uint8)
    if random.random() < 0.3:
        quality = int(random.integers(40, 95))
        _, file = cv2.imencode(".jpg", clipped, [cv2.IMWRITE_JPEG_QUALITY, quality])
        clipped = np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR), np.uint8)
    return clipped


def rule_of_thumb(features: Floats) -> Floats:
    """Unlike colours or textures and a sharp border speak against merging; small goes first."""
    columns = features[:, [0, 1, 9, 10, 21, 23]]
    return columns @ np.array([1.0, 0.5, 0.3, 0.3, 0.25, -0.3], np.float32)


def see_merges(seed: int, cost: Cost) -> Group:
    cv2.setNumThreads(1)
    scene = scene_of(seed)
    truth = np.zeros((SIDE, SIDE), np.int32)  # 0 is ground without a name
    for number, region in enumerate(scene.painted.regions, start=1):
        truth[region.mask] = number
    graph = build_piece_graph(scene.pixels)
    pieces, kinds = len(graph.sizes), int(truth.max()) + 1
    counts = np.zeros((2 * pieces - 1, kinds), np.float32)
    counts[:pieces] = np.bincount(
        graph.labels.ravel() * kinds + truth.ravel(), minlength=pieces * kinds
    ).reshape(pieces, kinds)
    seen: list[tuple[NDArray[np.int32], Floats]] = []

    def watch(regions: Regions, features: Floats) -> None:
        cheap = np.argsort(cost(features))[:MERGES_A_ROUND]
        some = scene.random.integers(0, len(features), min(MERGES_A_ROUND, len(features)))
        index = np.unique(np.concatenate([cheap, some]))
        seen.append((regions.nodes[regions.pairs[index]], features[index]))

    tree = build_merge_tree(graph, cost, watch)
    for node in range(pieces, len(counts)):
        counts[node] = counts[tree.children[node]].sum(axis=0)
    sizes, kind = counts.sum(axis=1), counts.argmax(axis=1)
    purity = counts.max(axis=1) / sizes
    nodes = np.concatenate([nodes for nodes, _ in seen])
    features = np.concatenate([features for _, features in seen])
    one, other = nodes.T
    is_clear = (purity[one] > 0.75) & (purity[other] > 0.75)
    weight = np.sqrt(np.minimum(sizes[one], sizes[other])) * purity[one] * purity[other]
    is_border = (kind[one] != kind[other]).astype(np.float32)
    return Group(features[is_clear], is_border[is_clear], weight[is_clear])


def see_answers(seed: int, merge: Cost, choice: Cost | None) -> dict[str, list[Group]]:
    cv2.setNumThreads(1)
    scene = scene_of(seed)
    graph = build_piece_graph(scene.pixels)
    land = Landscape.of(build_merge_tree(graph, merge), graph)
    clicks: list[Group] = []
    boxes: list[Group] = []
    for truth in some_things(scene):
        clicks += click_chain(truth, land, choice, scene.random)
        if choice is None:
            boxes += box_group(truth, land, scene.pixels, scene.random)
    return {"choice": clicks, "box": boxes}


def some_things(scene: Scene) -> Iterator[NDArray[np.bool_]]:
    things = [thing.mask for thing in visible_pieces(scene.painted) if not thing.has_a_twin]
    for index in scene.random.permutation(len(things))[:THINGS_A_SCENE]:
        yield things[index]


def click_chain(
    truth: NDArray[np.bool_], land: Landscape, choice: Cost | None, random: Random
) -> list[Group]:
    """Up to five clicks at the largest error. The net's answer is taken, or without one any that
    is good; and now and then another, so that mistakes are seen too."""
    measure = overlap_with(truth, land)
    chosen = np.zeros(land.tree.pieces, np.bool_)
    settled = np.zeros(truth.shape, np.bool_)  # where a click changed nothing but itself
    done: list[WorkingClick] = []
    groups: list[Group] = []
    for _ in range(CLICKS):
        place = error_centre((chosen[land.labels] != truth) & ~settled)
        if place is None:
            break
        x, y = place
        click = WorkingClick.at(land, x, y, bool(truth[y, x]))
        edits = possible_edits(land, click, chosen, done)
        done.append(click)
        if edits is None:
            settled[max(0, y - SPOT) : y + SPOT + 1, max(0, x - SPOT) : x + SPOT + 1] = True
            continue
        targets = np.array([measure(each) for each in edits.selections], np.float32)
        groups.append(Group(edits.features, targets))
        if choice is None:
            best = int((targets + random.normal(0, 0.08, len(targets))).argmax())
        else:
            best = int(choice(edits.features).argmax())
        if random.random() < 0.2:
            best = int(np.clip(best + random.integers(-3, 4), 0, len(targets) - 1))
        chosen = edits.selections[best]
    return groups


def overlap_with(truth: NDArray[np.bool_], land: Landscape) -> Callable[[Pieces], float]:
    inside = land.share_of_pieces(truth) * land.sizes
    area = float(truth.sum())

    def measure(chosen: Pieces) -> float:
        shared = float(inside[chosen].sum())
        return shared / (float(land.sizes[chosen].sum()) + area - shared)

    return measure


def box_group(
    truth: NDArray[np.bool_], land: Landscape, pixels: NDArray[np.uint8], random: Random
) -> list[Group]:
    """A box drawn by hand: each side up to two pixels off."""
    rows, columns = np.nonzero(truth)
    left, top = (max(0, int(p.min() + random.integers(-2, 3))) for p in (columns, rows))
    right, bottom = (min(SIDE, int(p.max() + 1 + random.integers(-2, 3))) for p in (columns, rows))
    if min(right - left, bottom - top) < 4:
        return []
    options = box_options(land, pixels, Bounds(left, top, right, bottom))
    measure = overlap_with(truth, land)
    targets = np.array([measure(selection) for selection in options.selections], np.float32)
    return [Group(options.features, targets)]


def see_scores(seed: int, segmenter: ClickSegmenter) -> list[Told]:
    """For a box and after each click: what the first answer tells, and what it is worth."""
    cv2.setNumThreads(1)
    scene = scene_of(seed)
    if seed % 2:  # as painted
        scene.pixels = (np.clip(scene.painted.image, 0, 1) * 255 + 0.5).astype(np.uint8)
    embedding = segmenter.embed(scene.pixels)
    told: list[Told] = []
    for truth in some_things(scene):
        mask = np.zeros_like(truth)
        clicks: list[tuple[int, int]] = []
        for _ in range(CLICKS):
            place = error_centre(mask != truth)
            if place is not None:
                clicks.append(place)
            labels = [int(truth[y, x]) for x, y in clicks]
            first = segmenter.segment(embedding, points=clicks, labels=labels)[0]
            mask = first.mask
            told.append((len(clicks), first.score, iou(mask, truth)))
        rows, columns = np.nonzero(truth)
        box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        first = segmenter.segment(embedding, box=box)[0]
        told.append((0, first.score, iou(first.mask, truth)))
    return told


def shown(answers: list[dict[str, list[Group]]], name: str) -> list[Group]:
    return [group for found in answers for group in found[name]]


def fit_rows(groups: list[Group], width: int) -> SmallNet:
    """Each row by itself; the targets are shares, so the loss is a cross entropy."""
    torch.manual_seed(0)
    features, mean, scale = standard(groups)
    inputs = torch.from_numpy(features)
    targets = torch.from_numpy(np.concatenate([group.targets for group in groups]))
    weights = torch.from_numpy(np.concatenate([group.weights for group in groups]))
    weights /= weights.mean()

    def loss(net: torch.nn.Module) -> torch.Tensor:
        batch = torch.randint(len(inputs), (2048,))
        return torch.nn.functional.binary_cross_entropy_with_logits(
            net(inputs[batch])[:, 0], targets[batch], weights[batch]
        )

    net = dense(inputs.shape[1], width, dropout=0.0)
    descend(net, loss, steps=6000, decay=1e-4)
    return small(net, mean, scale)


def fit_ranks(groups: list[Group], width: int, steps: int, seed: int) -> SmallNet:
    """Options of one prompt together: each should tell its IoU, and what is lost by taking the
    one that tells most counts as well."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    features, mean, scale = standard(groups)
    inputs = torch.from_numpy(np.concatenate([features, np.zeros((1, len(mean)), np.float32)]))
    targets = torch.from_numpy(np.concatenate([*(group.targets for group in groups), [-1.0]]))
    rows = torch.from_numpy(padded([len(group.targets) for group in groups]))

    def loss(net: torch.nn.Module) -> torch.Tensor:
        batch = rows[torch.randint(len(rows), (BATCH,))]
        logits, worth = net(inputs[batch])[..., 0], targets[batch].float()
        is_real = worth >= 0
        worth = worth.clamp(min=0)
        off = torch.nn.functional.binary_cross_entropy_with_logits(logits, worth, reduction="none")
        off = (off * is_real).sum(dim=1) / is_real.sum(dim=1).sqrt()
        taken = torch.softmax((SHARPNESS * logits).masked_fill(~is_real, -1e4), dim=1)
        regret = worth.max(dim=1).values - (taken * worth).sum(dim=1)
        return off.mean() / 2 + REGRET * regret.mean()

    net = dense(len(mean), width, dropout=0.2)
    descend(net, loss, steps, decay=1e-3)
    return small(net, mean, scale)


def padded(lengths: list[int]) -> NDArray[np.int64]:
    """(groups, rows): where each group's rows are; the row after the last of all where it has no
    more."""
    starts = np.cumsum([0, *lengths])
    rows = np.full((len(lengths), max(lengths)), starts[-1])
    for index, length in enumerate(lengths):
        rows[index, :length] = starts[index] + np.arange(length)
    return rows


def standard(groups: list[Group]) -> tuple[Floats, Floats, Floats]:
    """All rows as a SmallNet sees them, with its mean and scale."""
    features = np.clip(np.concatenate([group.features for group in groups]), -50, 50)
    mean, scale = features.mean(axis=0), 1 / (features.std(axis=0) + 1e-3)
    return np.clip((features - mean) * scale, -4, 4).astype(np.float32), mean, scale


def dense(inputs: int, width: int, dropout: float) -> torch.nn.Sequential:
    return torch.nn.Sequential(
        torch.nn.Linear(inputs, width),
        torch.nn.ReLU(),
        torch.nn.Dropout(dropout),
        torch.nn.Linear(width, width // 2),
        torch.nn.ReLU(),
        torch.nn.Linear(width // 2, 1),
    )


def descend(
    net: torch.nn.Module, loss: Callable[[torch.nn.Module], torch.Tensor], steps: int, decay: float
) -> None:
    optimizer = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, total_steps=steps)
    for _ in range(steps):
        value = loss(net)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        schedule.step()


def small(net: torch.nn.Sequential, mean: Floats, scale: Floats) -> SmallNet:
    layers = [layer for layer in net if isinstance(layer, torch.nn.Linear)]
    return SmallNet(
        mean.astype(np.float32),
        scale.astype(np.float32),
        tuple((one.weight.detach().numpy().T.copy(), one.bias.detach().numpy()) for one in layers),
    )


def together(nets: list[SmallNet]) -> SmallNet:
    """One net that gives the mean of what several nets of the same input give: theirs side by
    side."""
    first, second, last = zip(*(net.layers for net in nets), strict=True)
    block = np.zeros((sum(len(w) for w, _ in second), sum(len(b) for _, b in second)), np.float32)
    row = column = 0
    for weight, _ in second:
        block[row : row + weight.shape[0], column : column + weight.shape[1]] = weight
        row, column = row + weight.shape[0], column + weight.shape[1]
    layers = (
        (np.concatenate([w for w, _ in first], axis=1), np.concatenate([b for _, b in first])),
        (block, np.concatenate([b for _, b in second])),
        (np.concatenate([w for w, _ in last]) / len(nets), sum(b for _, b in last) / len(nets)),
    )
    return SmallNet(nets[0].mean, nets[0].scale, layers)


def honest(net: SmallNet, told: list[list[Told]]) -> Ranker:
    """With a line for each number of clicks, from 0, fitted to what was told and what was true."""
    lines = [honest_line(rows) for rows in told]
    return Ranker(net, np.array([lines[0], *lines], np.float32))


def honest_line(rows: list[Told]) -> Floats:
    """Logistic regression by Newton's method."""
    _, told, worth = np.array(rows).T
    columns = np.stack([np.log(told / (1 - told)), np.ones_like(told)], axis=1)
    line = np.array([1.0, 0.0])
    for _ in range(20):
        says = 1 / (1 + np.exp(-columns @ line))
        slope = columns.T @ (says - worth) + 1e-2 * (line - (1, 0))
        bend = (columns * (says * (1 - says))[:, None]).T @ columns + 1e-2 * np.eye(2)
        line = line - np.linalg.solve(bend, slope)
    says = 1 / (1 + np.exp(-columns @ line))
    print(
        f"{len(rows)} answers are worth {worth.mean():.3f}; their scores were {told.mean():.3f} "
        f"and are {says.mean():.3f}, off by {np.abs(says - worth).mean():.3f} on average"
    )
    return np.maximum(line, (0.05, -np.inf)).astype(np.float32)


def save(path: Path, merge: SmallNet, rankers: dict[str, Ranker]) -> None:
    arrays: dict[str, Floats] = {}
    for name, net in {"merge": merge, **{name: one.net for name, one in rankers.items()}}.items():
        arrays[f"{name}.mean"], arrays[f"{name}.scale"] = net.mean, net.scale
        for index, (weight, bias) in enumerate(net.layers):
            arrays[f"{name}.weight{index}"], arrays[f"{name}.bias{index}"] = weight, bias
    for name, ranker in rankers.items():
        arrays[f"{name}.lines"] = ranker.lines
    np.savez_compressed(path, **arrays)
    print(f"wrote {path}: {sum(array.size for array in arrays.values())} numbers")


if __name__ == "__main__":
    main()
