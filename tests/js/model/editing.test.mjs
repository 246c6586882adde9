/** Editing a photo: what the button would do, what a region is like as a layer, and what is asked of the studio. */

import assert from "node:assert/strict";
import test from "node:test";
import { buildModel } from "../../../studio/ui/page/model/model.mjs";
import { BOTH, LAYER, photo, SECOND } from "../photo.mjs";
import { REGION, SCENE, SHAPES, Studio, withBrowser } from "../studio.mjs";

function page(document = photo(), shapes = SHAPES) {
  withBrowser();
  globalThis.Image ??= class {};
  const studio = new Studio();
  studio.scene = document;
  const model = buildModel(studio);
  model.document.take(document, shapes, { isWhole: true });
  model.machine.status = { ready: true };
  return { studio, ...model };
}

const calm = ({ estimate, context, sharp }) => [estimate, context, sharp].forEach((part) => part.soon.drop());

test("the button says how many regions it edits", () => {
  const one = page();
  assert.equal(one.editing.verb("final"), "Edit 1 region");
  const two = page(photo({ to_do: [REGION.id, SECOND.id] }, [REGION, SECOND]), BOTH);
  assert.equal(two.editing.verb("final"), "Edit 2 regions");
  assert.equal(two.editing.verb("draft"), "Draft of 2 regions");
  [one, two].forEach(calm);
});

test("when everything is made it edits again, unless all is pinned", () => {
  const made = page(photo({ to_do: [], layers: { [REGION.id]: LAYER } }));
  assert.equal(made.editing.verb("final"), "Edit again");
  assert.ok(made.renders.canRender());
  const pinned = page(photo({ to_do: [], layers: { [REGION.id]: LAYER } }, [{ ...REGION, pinned: true }]));
  assert.ok(!pinned.renders.canRender());
  [made, pinned].forEach(calm);
});

test("without a region there is nothing to edit, and the button says what to do", () => {
  const bare = page(photo({ to_do: [] }, []), {});
  assert.equal(bare.editing.verb("final"), "Click what should change");
  assert.ok(!bare.renders.canRender());
  calm(bare);
});

test("a hidden region is not edited; one the studio has not heard of yet is", async () => {
  const parts = page(photo({ to_do: [REGION.id] }, [{ ...REGION, visible: false }]));
  assert.equal(parts.editing.toDo.length, 0);
  parts.edits.addRegion(new Uint8Array(64).fill(1, 40, 44), [0, 5, 4, 6]);
  assert.equal(parts.editing.toDo.length, 1);
  await parts.typing.settled();
  calm(parts);
});

test("a photo has one view, a sketch has its result beside it", () => {
  const parts = page();
  assert.equal(parts.view.mode, "layout");
  parts.document.take({ ...SCENE, revision: 1, edit: null }, {});
  assert.equal(parts.view.mode, "split");
  calm(parts);
});

test("what was clicked in a photo keeps its shape exactly", async () => {
  const parts = page();
  await parts.edits.acceptShape({ box: [5, 5, 7, 7], counts: [0, 4] }, [[6, 6, 1]], { ask: false });
  assert.deepEqual(parts.studio.payloads("add_region").map((one) => one.gamma), [1]);
  calm(parts);
});

test("an opacity that is dragged shows at once and is one edit", async () => {
  const parts = page(photo({ to_do: [], layers: { [REGION.id]: LAYER } }));
  for (const value of [0.9, 0.7, 0.5]) parts.typing.slideRegion(REGION.id, "opacity", value);
  assert.equal(parts.editing.opacityOf(REGION.id), 0.5);
  assert.deepEqual(parts.composite.shown.map(({ ref, box, opacity }) => [ref, box, opacity]), [["layer.png", [0, 0, 4, 4], 0.5]]);
  await parts.typing.settled();
  assert.deepEqual(parts.studio.payloads("set_region").map((one) => one.opacity), [0.5]);
  calm(parts);
});

test("how much may change is dragged for the whole edit", async () => {
  const parts = page();
  parts.typing.slideStrength(0.4);
  assert.equal(parts.editing.settings.strength, 0.4);
  await parts.typing.settled();
  assert.deepEqual(parts.studio.payloads("set_edit").map((one) => one.strength), [0.4]);
  calm(parts);
});

test("one region is rolled again alone, and removed alone", async () => {
  const parts = page();
  await parts.renders.reroll(REGION.id);
  await parts.renders.removeThing(REGION.id);
  assert.deepEqual(parts.studio.payloads("reroll"), [{ region: REGION.id }]);
  assert.deepEqual(parts.studio.payloads("remove_thing").map((one) => one.region), [REGION.id]);
  calm(parts);
});

test("in a sketch nothing is rolled again alone", async () => {
  const parts = page({ ...SCENE, edit: null });
  await parts.renders.reroll(REGION.id);
  assert.equal(parts.studio.times("reroll"), 0);
  calm(parts);
});

test("the layers that show are those of visible regions, lowest first", () => {
  const layers = { [REGION.id]: LAYER, [SECOND.id]: { ...LAYER, ref: "second.png", opacity: 0.3 } };
  const both = page(photo({ to_do: [], layers }, [REGION, SECOND]), BOTH);
  assert.deepEqual(both.composite.shown.map(({ ref, opacity }) => [ref, opacity]), [["layer.png", 1], ["second.png", 0.3]]);
  const one = page(photo({ to_do: [], layers }, [{ ...REGION, visible: false }, SECOND]), BOTH);
  assert.deepEqual(one.composite.shown.map(({ ref }) => ref), ["second.png"]);
  [both, one].forEach(calm);
});

test("while a subject is kept, the button changes all around it", () => {
  const parts = page(photo({ subject: REGION.id, to_do: [REGION.id] }));
  assert.equal(parts.editing.verb("final"), "Change everything else");
  assert.ok(parts.renders.canRender());
  calm(parts);
});

test("a layer is cut to its region's shape only when that is another than it was made in", () => {
  const same = page(photo({ to_do: [], layers: { [REGION.id]: LAYER } }));
  assert.deepEqual(same.composite.shown.map(({ clip }) => clip), [null]);
  const other = page(photo({ layers: { [REGION.id]: { ...LAYER, clip: true } } }));
  assert.deepEqual(other.composite.shown.map(({ clip }) => clip), ["m"]);
  [same, other].forEach(calm);
});
