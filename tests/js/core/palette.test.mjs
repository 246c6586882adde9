/** Which colour and pattern a region has. */

import assert from "node:assert/strict";
import test from "node:test";
import { freeSlot, look } from "../../../studio/ui/page/core/palette.mjs";

test("a new region takes the lowest free slot", () => {
  assert.equal(freeSlot([0, 1, 3]), 2);
  assert.notEqual(look(0).colour, look(1).colour);
});
