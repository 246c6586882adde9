/** Masks as run lengths, and pieces of them. */

import assert from "node:assert/strict";
import test from "node:test";
import * as rle from "../../../studio/ui/page/core/rle.mjs";
import { picture, random, rows } from "../masks_as_text.mjs";

test("runs start with off and cover every pixel", () => {
  assert.deepEqual(rle.encode(picture(["..##", "#..."])), [2, 3, 3]);
  assert.deepEqual(rle.encode(picture(["##"])), [0, 2]);
  assert.deepEqual(rle.encode(picture([".."])), [2]);
});

test("any mask survives the round trip through runs", () => {
  const next = random(7);
  for (let i = 0; i < 50; i++) {
    const mask = Uint8Array.from({ length: 97 }, () => (next() < 0.4 ? 1 : 0));
    assert.deepEqual(rle.decode(rle.encode(mask), 97), mask);
  }
});

test("runs of another length are refused", () => {
  assert.throws(() => rle.decode([3, 2], 6), RangeError);
});

test("a cut-out pasted at its box gives the mask back", () => {
  const mask = picture([".....", "..##.", "..#..", "....."]);
  const box = rle.bounds(mask, 5, 4);
  assert.deepEqual(box, [2, 1, 4, 3]);
  assert.deepEqual(rle.paste(rle.crop(mask, 5, box), box, 5, 4), mask);
  assert.equal(rle.bounds(new Uint8Array(20), 5, 4), null);
});

test("a cut-out that hangs over the edge is cut at the edge", () => {
  const piece = picture(["##", "##"]);
  assert.deepEqual(rows(rle.paste(piece, [-1, -1, 1, 1], 3, 2), 3), ["#..", "..."]);
});
