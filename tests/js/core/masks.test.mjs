/** Combining and moving masks. */

import assert from "node:assert/strict";
import test from "node:test";
import * as masks from "../../../studio/ui/page/core/masks.mjs";
import { picture, rows } from "../masks_as_text.mjs";

test("the four ways of combining", () => {
  const [a, b] = [picture(["##.."]), picture([".##."])];
  assert.deepEqual(rows(masks.combine(a, b, "add"), 4), ["###."]);
  assert.deepEqual(rows(masks.combine(a, b, "subtract"), 4), ["#..."]);
  assert.deepEqual(rows(masks.combine(a, b, "intersect"), 4), [".#.."]);
  assert.deepEqual(rows(masks.combine(a, b, "replace"), 4), [".##."]);
});

test("moving a mask keeps its shape and cuts what leaves", () => {
  assert.deepEqual(rows(masks.shift(picture(["##.", "#.."]), 3, 2, 1, 0), 3), [".##", ".#."]);
  assert.deepEqual(rows(masks.shift(picture(["##.", "#.."]), 3, 2, 2, 0), 3), ["..#", "..#"]);
});

test("scaling a box doubles its sides", () => {
  const mask = masks.rescale(picture(["#...", "....", "....", "...."]), 4, 4, [0, 0, 1, 1], [1, 1, 3, 3]);
  assert.deepEqual(rows(mask, 4), ["....", ".##.", ".##.", "...."]);
});

test("the top region wins in the label map", () => {
  const labels = masks.labelMap([picture(["##."]), picture([".##"])], 3, 1);
  assert.deepEqual([...labels], [1, 2, 2]);
});
