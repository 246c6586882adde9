/** The page's document runs ahead of the server, and comes back to it when an edit is refused. */

import assert from "node:assert/strict";
import test from "node:test";
import { Signals } from "../../../studio/ui/page/core/signals.mjs";
import { Edits } from "../../../studio/ui/page/model/edits.mjs";
import { SceneDocument } from "../../../studio/ui/page/model/document.mjs";
import { Typing } from "../../../studio/ui/page/model/typing.mjs";
import { REGION, SCENE, SHAPES, Studio } from "../studio.mjs";

function page() {
  const [bus, server] = [new Signals(), new Studio()];
  const document = new SceneDocument({ bus, server });
  const typing = new Typing({ bus, document });
  const edits = new Edits({ bus, document, typing });
  document.take(SCENE, SHAPES, { isWhole: true });
  const told = [];
  for (const name of ["notice", "refused"]) bus.on(name, (what) => told.push(what.message ?? what));
  return { bus, server, document, typing, edits, told };
}

const square = { mask: Uint8Array.from({ length: 64 }, (_, i) => (i % 8 > 4 && i > 39 ? 1 : 0)), box: [5, 5, 8, 8] };

test("a new region shows before the server has it", async () => {
  const { server, document, edits } = page();
  const sent = edits.addRegion(square.mask, square.box, { caption: "a kite" });
  assert.deepEqual(document.scene.regions.map((region) => region.caption), ["red ball", "a kite"]);
  assert.equal(document.layers.at(6, 6), document.selected);
  assert.equal(document.scene.regions[1].slot, 1);
  await sent;
  assert.deepEqual(server.payloads("add_region").map((one) => one.shape), [{ box: [5, 5, 8, 8], counts: [0, 9] }]);
});

test("a refused edit is told, and the page shows what the server has", async () => {
  const { server, document, edits, told } = page();
  server.refusals = { set_region: "BadInput" };
  await edits.setRegion(REGION.id, { caption: "blue ball" });
  assert.equal(document.region(REGION.id).caption, "red ball");
  assert.deepEqual(told, ["No set_region."]);
});

test("a stale edit takes the server's document without a word", async () => {
  const { server, document, edits, told } = page();
  server.refusals = { set_region: "stale" };
  server.scene = { ...SCENE, caption: "changed in another tab" };
  await edits.setRegion(REGION.id, { caption: "blue ball" });
  assert.equal(document.scene.caption, "changed in another tab");
  assert.deepEqual(told, []);
});

test("a locked region is neither drawn on nor deleted", () => {
  const { server, document, edits, told } = page();
  document.take({ ...SCENE, regions: [{ ...REGION, locked: true }] }, {}, { isWhole: false });
  document.select(REGION.id);
  assert.equal(edits.commitShape(square, "add"), null);
  edits.remove();
  assert.deepEqual(told, ["Region 1 is locked.", "Region 1 is locked."]);
  assert.deepEqual(server.asked, []);
});

test("taking away needs a region to take from", () => {
  const { server, document, edits, told } = page();
  document.select(null);
  assert.equal(edits.commitShape(square, "subtract"), null);
  assert.equal(told.length, 1);
  assert.deepEqual(server.asked, []);
});

test("a region that loses its last pixel is deleted", async () => {
  const { server, document, edits } = page();
  const all = { mask: new Uint8Array(64).fill(1), box: [0, 0, 8, 8] };
  document.select(REGION.id);
  const sent = edits.commitShape(all, "subtract");
  assert.deepEqual(document.scene.regions, []);
  assert.equal(document.selected, null);
  await sent;
  assert.deepEqual(server.asked.map((one) => one.action), ["delete_regions"]);
});

test("arrow keys move the selected region by pixels, but never out of the picture", async () => {
  const { server, document, edits, told } = page();
  document.select(REGION.id);
  edits.nudge(2, 1);
  assert.deepEqual(document.layers.shapes.get(REGION.id).box, [2, 1, 6, 5]);
  edits.nudge(100, 0);
  assert.deepEqual(document.layers.shapes.get(REGION.id).box, [2, 1, 6, 5]);
  assert.equal(told.length, 1);
  await document.outbox.settled();
  assert.deepEqual(server.payloads("transform_region").map((one) => one.to), [[2, 1, 6, 5]]);
});

test("what is typed survives an older answer, and goes out once a pause", async () => {
  const { server, document, typing } = page();
  typing.typeCaption(REGION.id, "b");
  typing.typeCaption(REGION.id, "blue");
  document.take({ ...SCENE, revision: 1 });
  assert.equal(document.region(REGION.id).caption, "blue");
  await typing.settled();
  assert.deepEqual(server.payloads("set_region").map((one) => one.caption), ["blue"]);
  assert.equal(document.ahead.size, 0);
});

test("a gamma that is dragged is one gesture until it is let go", async () => {
  const { server, typing } = page();
  for (const gamma of [0.4, 0.3]) {
    typing.setGamma(gamma);
    await typing.settled();
  }
  typing.settleGamma();
  typing.setGamma(0.2);
  await typing.settled();
  const gestures = server.payloads("set_sampling").map((one) => one.gesture);
  assert.equal(gestures.length, 3);
  assert.equal(gestures[0], gestures[1]);
  assert.notEqual(gestures[1], gestures[2]);
});

test("a typed gamma is brought between 0.05 and 1; what is no number changes nothing", () => {
  const { typing } = page();
  assert.deepEqual(["0.4", "7", "-1", "", "x"].map((text) => typing.gammaFrom(text)), [0.4, 1, 0.05, 1, 1]);
});
