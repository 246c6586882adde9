"""How the numbers behind "select similar" were learnt, from scenes that the studio paints.

python -m benchmarks.learn_similar --out studio/recognition/learnt_likeness.npz

A small net is shown how a part of the picture differs from one thing of a kind, and tells the IoU
that the part has with another thing of that kind. No photograph takes part; the same arguments
give the same numbers.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.alike import KINDS, AlikeScene, alike_scenes
from benchmarks.learn_segment import dense, descend, small
from studio.recognition.finder import anew
from studio.recognition.looks import looks_of_parts, looks_of_region, unlikeness
from studio.recognition.parts import Parts, parts_of
from studio.recognition.similar_finder import pieces_of_region
from studio.segmentation.click.click_segmenter import ClickSegmenter
from studio.segmentation.click.small_net import SmallNet

Floats = NDArray[np.float32]
FIRST_SEED = 60_000  # benchmarks.similar measures from 90,000 on
GIVEN_A_SCENE = 3
WORTH = 0.3  # IoU below which a part is no thing at all
WIDTH = 32
BATCH = 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--scenes", type=int, default=40, help="of each kind")
    parser.add_argument("--seen", type=Path, help="keep what was measured here, or take it")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    started = time.time()
    if options.seen and options.seen.exists():
        with np.load(options.seen) as file:
            features, targets = file["features"], file["targets"]
    else:
        rows = list(_rows(options.scenes))
        features = np.concatenate([each for each, _ in rows])
        targets = np.concatenate([each for _, each in rows])
        if options.seen:
            np.savez(options.seen, features=features, targets=targets)
    print(
        f"{len(targets)} rows, {(targets > WORTH).sum()} of things: {time.time() - started:.0f} s"
    )
    save(fitted(features, targets), options.out)


def _rows(scenes: int) -> Iterator[tuple[Floats, Floats]]:
    for kind in (*KINDS, "things"):
        for scene in alike_scenes(kind, scenes, FIRST_SEED):
            yield from rows_of(scene, ClickSegmenter())


def rows_of(scene: AlikeScene, segmenter: ClickSegmenter) -> Iterator[tuple[Floats, Floats]]:
    """For a few of its things: features of all parts, and the IoU with another thing."""
    parts = parts_of(segmenter, scene.pixels, anew)
    looks = looks_of_parts(parts)
    overlaps = np.stack([part_overlaps(parts, thing) for thing in scene.things])
    for number in range(min(GIVEN_A_SCENE, len(scene.things))):
        own = pieces_of_region(parts, scene.things[number])
        inside = parts.mean_of_pieces(own.astype(np.float64))
        others = np.delete(overlaps, number, axis=0).max(axis=0)
        kept = inside < 0.2
        features = unlikeness(looks, looks_of_region(parts, own))[kept]
        yield features, np.where(others > WORTH, others, 0)[kept].astype(np.float32)


def part_overlaps(parts: Parts, thing: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(parts,) IoU with a mask of the picture, as far as whole pieces can tell."""
    height, width = parts.land.labels.shape
    small = cv2.resize(thing.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
    within = parts.land.share_of_pieces(small > 0.5) * parts.land.sizes
    common = parts.land.node_sums(within)[parts.nodes]
    return common / (parts.land.tree.looks[parts.nodes, 0] + within.sum() - common)


def fitted(features: Floats, targets: Floats) -> SmallNet:
    """Half of each batch shows things; of the rest, half are the parts that were taken for some."""
    torch.manual_seed(0)
    clipped = np.clip(features, -50, 50)
    is_thing = targets > 0
    shown = np.concatenate(
        [clipped[is_thing], clipped[~is_thing][:: max(1, len(clipped) // 50_000)]]
    )
    mean, scale = shown.mean(axis=0), 1 / (shown.std(axis=0) + 1e-3)
    inputs = torch.from_numpy(np.clip((clipped - mean) * scale, -4, 4).astype(np.float32))
    worth = torch.from_numpy(targets)
    things, others = (torch.from_numpy(np.flatnonzero(each)) for each in (is_thing, ~is_thing))
    hard = others
    net = dense(inputs.shape[1], WIDTH, dropout=0.1)

    def loss(net: torch.nn.Module) -> torch.Tensor:
        batch = torch.cat(
            [
                each[torch.randint(len(each), (count,))]
                for each, count in ((things, BATCH // 2), (others, BATCH // 4), (hard, BATCH // 4))
            ]
        )
        logits = net(inputs[batch])[:, 0]
        return torch.nn.functional.binary_cross_entropy_with_logits(logits, worth[batch])

    for _ in range(4):
        descend(net, loss, steps=1500, decay=1e-3)
        with torch.no_grad():
            told = net.eval()(inputs[others])[:, 0]
        hard = others[told.argsort(descending=True)[: max(2000, len(others) // 100)]]
        print(f"of {len(others)} other parts {(told > 0).sum()} are taken for things")
        net.train()
    return small(net.eval(), mean, scale)


def save(net: SmallNet, path: Path) -> None:
    arrays = {"likeness.mean": net.mean, "likeness.scale": net.scale}
    for index, (weight, bias) in enumerate(net.layers):
        arrays[f"likeness.weight{index}"], arrays[f"likeness.bias{index}"] = weight, bias
    np.savez_compressed(path, **arrays)
    print(f"wrote {path}: {sum(array.size for array in arrays.values())} numbers")


if __name__ == "__main__":
    main()
