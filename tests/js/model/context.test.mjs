/** The box that the model sees: kept inside the photo, joined, dragged; and the part that is fetched sharply. */

import assert from "node:assert/strict";
import test from "node:test";
import { changed } from "../../../studio/ui/page/canvas/context_boxes.mjs";
import { Signals } from "../../../studio/ui/page/core/signals.mjs";
import { Context } from "../../../studio/ui/page/model/context.mjs";
import { visible } from "../../../studio/ui/page/model/sharp.mjs";

function context() {
  const chosen = [];
  const editing = { isOn: true, toDo: [{}], settings: { context: null }, setContext: (box) => chosen.push(box) };
  const parts = { bus: new Signals(), server: {}, document: { scene: { width: 100, height: 80 } }, editing };
  return { chosen, context: new Context(parts) };
}

test("a box that is dragged out of the photo stays inside, as large as it was", () => {
  const { context: boxes } = context();
  assert.deepEqual(boxes.within([-20, 60, 20, 100]), [0, 40, 40, 80]);
  assert.deepEqual(boxes.within([0, 0, 500, 500]), [0, 0, 100, 80]);
});

test("a box is never smaller than can be seen", () => {
  assert.deepEqual(context().context.within([50, 50, 51, 51]), [50, 50, 66, 66]);
});

test("several boxes are joined into one round all of them", () => {
  const { chosen, context: boxes } = context();
  boxes.boxes = [[0, 0, 20, 20], [60, 40, 90, 70]];
  boxes.join();
  assert.deepEqual(chosen, [[0, 0, 90, 70]]);
});

test("a corner moves its two sides and never passes the other corner", () => {
  assert.deepEqual(changed([10, 10, 50, 50], "move", 5, -5), [15, 5, 55, 45]);
  assert.deepEqual(changed([10, 10, 50, 50], 0, 5, 6), [15, 16, 50, 50]);
  assert.deepEqual(changed([10, 10, 50, 50], 1, 5, 6), [10, 16, 55, 50]);
  assert.deepEqual(changed([10, 10, 50, 50], 2, -99, -99), [10, 10, 11, 11]);
  assert.deepEqual(changed([10, 10, 50, 50], 3, 5, 6), [15, 10, 50, 56]);
});

test("what is fetched sharply is what is seen and a little more, in the photo's pixels", () => {
  const photo = { width: 4000, height: 3000 };
  // the pane of 200 x 100 shows 100 x 50 scene pixels from (150, 100) on; a scene pixel is 4 of the photo's
  assert.deepEqual(visible({ scale: 2, x: -300, y: -200 }, { width: 200, height: 100 }, 4, photo), [552, 376, 1048, 624]);
  assert.deepEqual(visible({ scale: 2, x: 50, y: 50 }, { width: 200, height: 100 }, 4, photo), [0, 0, 348, 124]);
  assert.equal(visible({ scale: 2, x: 9999, y: 0 }, { width: 200, height: 100 }, 4, photo), null);
});
