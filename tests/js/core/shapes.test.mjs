/** Shapes as masks: which pixels belong to them. */

import assert from "node:assert/strict";
import test from "node:test";
import * as rle from "../../../studio/ui/page/core/rle.mjs";
import * as shapes from "../../../studio/ui/page/core/shapes.mjs";
import { picture, random, rows } from "../masks_as_text.mjs";

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
