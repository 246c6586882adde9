/** The gamma strip: which draft shows while gamma moves, and when the drafts are of another scene. */

import assert from "node:assert/strict";
import test from "node:test";
import { buildModel } from "../../../studio/ui/page/model/model.mjs";
import { REGION, SCENE, SHAPES, Studio, withBrowser } from "../studio.mjs";

const shot = (gamma) => ({ gamma, url: `${gamma}.png`, picture: { gamma }, iou: gamma });

function page() {
  withBrowser();
  const parts = buildModel(new Studio());
  parts.document.take(SCENE, SHAPES, { isWhole: true });
  parts.strips.strip = { id: "s", done: true, shots: [0.1, 0.5, 0.9].map(shot), isStale: false };
  return parts;
}

test("dragging gamma shows the nearest draft at once", () => {
  const { strips, typing, pictures } = page();
  typing.setGamma(0.45);
  assert.equal(pictures.scrubbed.gamma, 0.5);
  assert.equal(pictures.shownImage().gamma, 0.5);
  strips.scrubTo(1);
  assert.equal(pictures.scrubbed.gamma, 0.9);
  typing.flushGamma.drop();
});

test("another gamma leaves the drafts as they are, any other edit makes them stale", async () => {
  const { edits, strips, pictures, typing, estimate } = page();
  typing.setGamma(0.5);
  await typing.settled();
  assert.equal(strips.strip.isStale, false);
  await edits.setRegion(REGION.id, { caption: "blue ball" });
  assert.equal(strips.strip.isStale, true);
  assert.equal(pictures.scrubbed, null);
  assert.deepEqual(strips.shots, []);
  estimate.soon.drop();
});

test("the sweep goes there and back until it is stopped", (context) => {
  context.mock.timers.enable({ apis: ["setInterval"] });
  const { strips, pictures } = page();
  const seen = [];
  strips.play();
  for (let i = 0; i < 6; i++) {
    context.mock.timers.tick(320);
    seen.push(pictures.scrubbed.gamma);
  }
  assert.deepEqual(seen, [0.1, 0.5, 0.9, 0.5, 0.1, 0.5]);
  strips.play();
  assert.deepEqual([strips.isPlaying, pictures.scrubbed], [false, null]);
});

test("whatever else is to be shown stops the sweep", () => {
  const { bus, strips } = page();
  strips.play();
  bus.emit("pause");
  assert.equal(strips.isPlaying, false);
});

test("drafts that are there stay while later ones arrive", () => {
  const { strips } = page();
  const [first] = strips.strip.shots;
  strips.take([{ id: "s", done: true, stale: false, items: [{ gamma: 0.1, image: "0.1.png", iou: 0.7 }, { gamma: 0.3, image: null, iou: null }] }]);
  assert.equal(strips.strip.shots[0], first);
  assert.equal(first.iou, 0.7);
  assert.equal(strips.strip.shots[1].picture, null);
});

test("what auto-gamma found is shown and told", async () => {
  const { bus, pictures, strips, server } = page();
  const told = [];
  bus.on("notice", (text) => told.push(text));
  await strips.loosen(0.8);
  assert.deepEqual(server.payloads("auto_gamma"), [{ wish: 0.8 }]);
  Object.assign(strips.strip, { found: 0.5, note: "Gamma 0.50 keeps every shape." });
  bus.emit("ended", { id: "j", kind: "auto_gamma", state: "done" });
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(pictures.scrubbed.gamma, 0.5);
  assert.deepEqual(told, ["Gamma 0.50 keeps every shape."]);
});
