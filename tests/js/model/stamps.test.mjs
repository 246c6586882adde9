/** Stamps: found by their words, turned in hand, put down as a region with a caption. */

import assert from "node:assert/strict";
import test from "node:test";
import { buildModel } from "../../../studio/ui/page/model/model.mjs";
import { rotated } from "../../../studio/ui/page/core/trace.mjs";
import { SCENE, SHAPES, Studio, withBrowser } from "../studio.mjs";

const BEAR = { caption: "teddy bear", names: ["teddy", "toy bear"], chinese: ["泰迪熊"], size: [10, 20], loops: [[0, 0, 10, 0, 10, 20, 0, 20]] };
const TREE = { caption: "tree", names: ["leafy tree"], chinese: ["树"], size: [20, 20], loops: [[10, 0, 20, 20, 0, 20]] };
const STREET = { caption: "street lamp", names: [], chinese: ["路灯"], size: [20, 20], loops: [[10, 0, 20, 20, 0, 20]] };

function page() {
  withBrowser();
  const parts = buildModel(new Studio());
  parts.document.take(SCENE, SHAPES, { isWhole: true });
  parts.stamps.all = [STREET, TREE, BEAR];
  parts.stamps.chosen = STREET;
  return parts;
}

test("the name itself comes before those that hold the word", () => {
  const { stamps } = page();
  assert.deepEqual(stamps.found("tree"), [TREE, STREET]);
  assert.deepEqual(stamps.found(" Toy "), [BEAR]);
  assert.deepEqual(stamps.found("泰迪"), [BEAR]);
  assert.deepEqual(stamps.found("submarine"), []);
  assert.equal(stamps.found("").length, 3);
});

test("the outline lies where it is put, mirrored before it is turned", () => {
  const { stamps } = page();
  assert.deepEqual(stamps.outline(BEAR, [4, 4], 2), [[3, 2, 5, 2, 5, 6, 3, 6]]);
  stamps.mirror();
  assert.deepEqual(stamps.outline(BEAR, [4, 4], 2), [[5, 2, 3, 2, 3, 6, 5, 6]]);
  stamps.mirror();
  stamps.turn(6);
  const [loop] = stamps.outline(BEAR, [4, 4], 2);
  assert.deepEqual(loop.map((value) => Math.round(value * 1e6) / 1e6), [6, 3, 6, 5, 2, 5, 2, 3]);
  stamps.turn(-7);
  assert.equal(stamps.degrees, 345);
});

test("what is put down is asked for as it lay in hand", async () => {
  const { document, stamps } = page();
  stamps.mirror();
  stamps.turn(1);
  await stamps.put(BEAR, [4, 4], 3);
  const [{ id, revision, ...sent }] = document.server.payloads("add_stamp");
  assert.deepEqual(sent, { name: "teddy bear", x: 4, y: 4, width: 3, degrees: 15, mirrored: true, caption: "teddy bear" });
  assert.match(id, /^[0-9a-f]{12}$/);
});

test("a region's outline follows the knob", () => {
  const [loop] = rotated([[0, 0, 2, 0, 2, 2]], [1, 1], 90);
  assert.deepEqual(loop.map((value) => Math.round(value) + 0), [2, 0, 2, 2, 0, 2]);
});
