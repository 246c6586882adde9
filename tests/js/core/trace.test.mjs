/** Outlines of masks, and where a number lies in them. */

import assert from "node:assert/strict";
import test from "node:test";
import * as masks from "../../../studio/ui/page/core/masks.mjs";
import * as shapes from "../../../studio/ui/page/core/shapes.mjs";
import { anchor, trace } from "../../../studio/ui/page/core/trace.mjs";
import { picture, random } from "../masks_as_text.mjs";

test("an outline runs round the mask, a hole the other way", () => {
  const mask = picture(["###", "#.#", "###"]);
  const loops = trace(mask, 3, 3);
  assert.deepEqual(loops, [
    [0, 0, 3, 0, 3, 3, 0, 3],
    [1, 2, 2, 2, 2, 1, 1, 1],
  ].map((loop) => loop));
});

test("outlines filled again give the mask back", () => {
  const next = random(11);
  const mask = Uint8Array.from({ length: 600 }, () => (next() < 0.5 ? 1 : 0));
  const back = new Uint8Array(600);
  for (const loop of trace(mask, 30, 20)) {
    const points = [];
    for (let i = 0; i < loop.length; i += 2) points.push([loop[i], loop[i + 1]]);
    const { mask: part } = shapes.polygon(points, 30, 20);
    part.forEach((value, i) => (back[i] ^= value));
  }
  assert.deepEqual(back, mask);
});

test("the anchor keeps away from edges, so that a number does not lie on a neighbour", () => {
  const width = 60;
  const sky = new Uint8Array(60 * 60).fill(1);
  for (let y = 22; y < 60; y++) for (let x = 8; x < 46; x++) sky[y * width + x] = 0; // a house stands in it
  const { x, y } = anchor(sky, width, [0, 0, 60, 60]);
  assert.ok(y > 5 && y < 17, `y is ${y}`);
  assert.ok(x > 15 && x < 45, `x is ${x}`);
});

test("the anchor of a ring lies on the ring", () => {
  const plane = shapes.ellipse([0, 0], [40, 40], 40, 40);
  const ring = masks.combine(plane.mask, shapes.ellipse([8, 8], [32, 32], 40, 40).mask, "subtract");
  const { x, y } = anchor(ring, 40, [0, 0, 40, 40]);
  assert.equal(ring[Math.floor(y) * 40 + Math.floor(x)], 1);
});
