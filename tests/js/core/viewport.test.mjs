/** Where the scene lies on the screen. */

import assert from "node:assert/strict";
import test from "node:test";
import * as viewport from "../../../studio/ui/page/core/viewport.mjs";

test("scene to screen and back is the identity", () => {
  const view = { scale: 2.5, x: -31, y: 17 };
  const [x, y] = viewport.toScreen(view, 12.25, 99.5);
  assert.deepEqual(viewport.toScene(view, x, y), [12.25, 99.5]);
});

test("zooming keeps the point under the pointer", () => {
  const view = viewport.fit({ width: 256, height: 128 }, { width: 600, height: 400 });
  const before = viewport.toScene(view, 150, 220);
  const after = viewport.toScene(viewport.zoomAt(view, 150, 220, 1.7), 150, 220);
  assert.ok(Math.hypot(before[0] - after[0], before[1] - after[1]) < 1e-9);
});

test("fit shows the whole scene centred", () => {
  const view = viewport.fit({ width: 200, height: 100 }, { width: 440, height: 400 }, 20);
  assert.deepEqual(view, { scale: 2, x: 20, y: 100 });
});

test("a pinch scales by the fingers' distance and follows their middle", () => {
  const view = viewport.pinch({ scale: 1, x: 0, y: 0 }, [[0, 0], [100, 0]], [[10, 5], [210, 5]]);
  assert.deepEqual(view, { scale: 2, x: 10, y: 5 });
});

test("a scene cannot be dragged out of sight", () => {
  const view = viewport.hold({ scale: 1, x: 9999, y: -9999 }, { width: 100, height: 100 }, { width: 400, height: 300 });
  assert.deepEqual([view.x, view.y], [352, -52]);
});
