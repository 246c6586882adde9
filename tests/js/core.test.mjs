/** The canvas' pure logic: masks, shapes, outlines, viewport and the outbox. */

import assert from "node:assert/strict";
import test from "node:test";
import { Layers } from "../../studio/ui/page/core/layers.mjs";
import * as masks from "../../studio/ui/page/core/masks.mjs";
import { Outbox } from "../../studio/ui/page/model/outbox.mjs";
import { freeSlot, look } from "../../studio/ui/page/core/palette.mjs";
import * as rle from "../../studio/ui/page/core/rle.mjs";
import * as shapes from "../../studio/ui/page/core/shapes.mjs";
import { anchor, trace } from "../../studio/ui/page/core/trace.mjs";
import * as viewport from "../../studio/ui/page/core/viewport.mjs";

const picture = (rows) => Uint8Array.from(rows.join(""), (c) => (c === "#" ? 1 : 0));
const rows = (mask, width) =>
  Array.from({ length: mask.length / width }, (_, y) =>
    Array.from(mask.subarray(y * width, (y + 1) * width), (v) => (v ? "#" : ".")).join(""),
  );
const random = (seed) => () => {
  seed = (seed * 1664525 + 1013904223) >>> 0;
  return seed / 2 ** 32;
};

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

test("a rectangle covers the pixels whose centres it contains", () => {
  const plane = shapes.rectangle([1, 1], [3, 2], 4, 3);
  assert.deepEqual(rows(plane.mask, 4), ["....", ".##.", "...."]);
  assert.deepEqual(plane.box, [1, 1, 3, 2]);
});

test("a polygon equals the same rectangle", () => {
  const outline = [[1, 1], [6, 1], [6, 4], [1, 4]];
  assert.deepEqual(
    shapes.polygon(outline, 8, 6).mask,
    shapes.rectangle([1, 1], [6, 4], 8, 6).mask,
  );
});

test("a polygon agrees with a point-in-polygon test of each centre", () => {
  const next = random(3);
  const points = Array.from({ length: 9 }, () => [next() * 40, next() * 30]);
  const inside = (x, y) => {
    let odd = false;
    points.forEach(([ax, ay], i) => {
      const [bx, by] = points[(i + 1) % points.length];
      if (ay <= y !== by <= y && x < ax + ((y - ay) * (bx - ax)) / (by - ay)) odd = !odd;
    });
    return odd ? 1 : 0;
  };
  const { mask } = shapes.polygon(points, 40, 30);
  for (let y = 0; y < 30; y++) {
    for (let x = 0; x < 40; x++) assert.equal(mask[y * 40 + x], inside(x + 0.5, y + 0.5));
  }
});

test("a lasso of 1000 points is filled within a frame or two", () => {
  const points = Array.from({ length: 1000 }, (_, i) => {
    const angle = (i / 1000) * 2 * Math.PI;
    const radius = 400 + 40 * Math.sin(9 * angle);
    return [512 + radius * Math.cos(angle), 512 + radius * Math.sin(angle)];
  });
  const started = performance.now();
  const { mask } = shapes.polygon(points, 1024, 1024);
  assert.ok(performance.now() - started < 250);
  assert.ok(Math.abs(rle.area(mask) / (Math.PI * (400 ** 2 + 40 ** 2 / 2)) - 1) < 0.01);
});

test("a stroke covers exactly the pixels within its radius", () => {
  const [a, b, radius] = [[8.3, 7.1], [24.9, 18.2], 4.6];
  const { mask } = shapes.stroke([a, b], radius, 36, 28);
  for (let y = 0; y < 28; y++) {
    for (let x = 0; x < 36; x++) {
      const [px, py] = [x + 0.5 - a[0], y + 0.5 - a[1]];
      const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
      const t = Math.max(0, Math.min(1, (px * dx + py * dy) / (dx * dx + dy * dy)));
      const distance = Math.hypot(px - t * dx, py - t * dy);
      if (Math.abs(distance - radius) > 1e-6) assert.equal(mask[y * 36 + x], distance < radius ? 1 : 0);
    }
  }
});

test("a stroke that leaves the canvas is cut at the edge and does not wrap", () => {
  const { mask, box } = shapes.stroke([[-20, 5], [4, 5]], 2, 10, 10);
  assert.deepEqual(box, [0, 3, 6, 7]);
  assert.equal(mask[9 + 10 * 4], 0);
});

test("an ellipse has the area of an ellipse", () => {
  const plane = shapes.ellipse([10, 10], [110, 70], 128, 96);
  assert.ok(Math.abs(rle.area(plane.mask) / (Math.PI * 50 * 30) - 1) < 0.01);
  assert.deepEqual(plane.box, [10, 10, 110, 70]);
});

test("a fill stops at other labels", () => {
  const labels = picture(["..#..", "..#..", "..#.."]);
  assert.deepEqual(rows(shapes.flood(labels, 5, 3, 0, 1).mask, 5), ["##...", "##...", "##..."]);
  assert.equal(rle.area(shapes.flood(labels, 5, 3, 9, 9).mask), 0);
});

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

test("the outbox sends in order, one at a time", async () => {
  const sent = [];
  let running = 0;
  const outbox = new Outbox(async (edit) => {
    assert.equal(++running, 1);
    await new Promise((resolve) => setTimeout(resolve, 2));
    running--;
    sent.push(edit.n);
    return edit.n;
  });
  const answers = await Promise.all([1, 2, 3].map((n) => outbox.push({ n })));
  await outbox.settled();
  assert.deepEqual([sent, answers], [[1, 2, 3], [1, 2, 3]]);
});

test("waiting edits of one field become the last of them", async () => {
  const sent = [];
  const send = async (edit) => sent.push(edit.gamma);
  const outbox = new Outbox(send, (before, after) => (before.gamma && after.gamma ? after : null));
  for (const gamma of [0.1, 0.2, 0.3, 0.4]) outbox.push({ gamma });
  await outbox.settled();
  assert.deepEqual(sent, [0.1, 0.4]);
});

test("a failed edit does not stop the ones behind it", async () => {
  const outbox = new Outbox(async (edit) => {
    if (edit.bad) throw new Error("refused");
    return "ok";
  });
  const bad = outbox.push({ bad: true });
  const good = outbox.push({});
  await assert.rejects(bad, /refused/);
  assert.equal(await good, "ok");
});

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

test("a new region takes the lowest free slot", () => {
  assert.equal(freeSlot([0, 1, 3]), 2);
  assert.notEqual(look(0).colour, look(1).colour);
});
