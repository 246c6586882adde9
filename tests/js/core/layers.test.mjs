/** Who owns each pixel, and the outlines of that. */

import assert from "node:assert/strict";
import test from "node:test";
import { Layers } from "../../../studio/ui/page/core/layers.mjs";
import * as masks from "../../../studio/ui/page/core/masks.mjs";
import * as shapes from "../../../studio/ui/page/core/shapes.mjs";
import { picture, random } from "../masks_as_text.mjs";

test("layers keep owners and outlines in step with every change", () => {
  const layers = new Layers(4, 1);
  layers.put("a", picture(["###."]));
  layers.put("b", picture(["..##"]));
  layers.arrange(["a", "b"]);
  assert.deepEqual(layers.labelMap(), [1, 1, 2, 2]);
  assert.deepEqual(layers.outlines.get("a").loops, [[0, 0, 2, 0, 2, 1, 0, 1]]);
  layers.put("b", picture(["...#"]));
  assert.deepEqual(layers.outlines.get("a").loops, [[0, 0, 3, 0, 3, 1, 0, 1]]);
  layers.arrange(["b", "a"]);
  assert.deepEqual(layers.labelMap(), [2, 2, 2, 1]);
  assert.equal(layers.at(0.5, 0.5), "a");
  layers.arrange(["b"], ["a", "b"]);
  assert.deepEqual(layers.labelMap(), [0, 0, 0, 1]);
  assert.equal(layers.at(0, 0), null);
});

test("layers forget regions that are gone, and equal a fresh build after many edits", () => {
  const next = random(5);
  const layers = new Layers(24, 16);
  const all = new Map();
  for (let i = 0; i < 60; i++) {
    const id = `r${Math.floor(next() * 5)}`;
    const mask = shapes.ellipse([next() * 24, next() * 16], [next() * 24, next() * 16], 24, 16).mask;
    if (next() < 0.2) all.delete([...all.keys()][0]);
    else {
      all.set(id, mask);
      layers.put(id, mask);
    }
    const order = [...all.keys()];
    if (next() < 0.15) order.reverse();
    const shown = order.filter(() => next() < 0.85);
    layers.arrange(shown, order);
    const fresh = masks.labelMap(shown.map((one) => all.get(one)), 24, 16);
    assert.deepEqual(layers.labelMap(), Array.from(fresh));
  }
  layers.arrange([...all.keys()]);
  assert.deepEqual(layers.labelMap(), Array.from(masks.labelMap([...all.values()], 24, 16)));
  assert.deepEqual([...layers.shapes.keys()].sort(), [...all.keys()].sort());
});
