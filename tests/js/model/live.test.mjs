/** Live drafts: the latest wins, and a slider that keeps moving still shows pictures. */

import assert from "node:assert/strict";
import test from "node:test";
import { Rendering } from "../../../studio/ui/page/model/renders.mjs";

const region = { id: "a".repeat(12), caption: "red ball", gamma: null, visible: true, locked: false, slot: 0, mask: "m", clicks: [] };
const SCENE = { revision: 0, width: 8, height: 8, caption: null, photo: null, regions: [region], sampling: { gamma: 1, seed: 0, count: 1 }, hints: [], undo: null, redo: null, saved_at: null };

/** A studio that takes every edit and counts the renders that were asked for. */
class Studio {
  isConnected = true;
  revision = 0;
  asked = [];
  url = (reference) => reference;

  async ask(action, payload) {
    this.asked.push(action);
    if (action === "render") return { ok: true, job: { id: `job ${this.asked.length}`, kind: "live", state: "running", seconds: 0 } };
    if (action === "preflight") return { ok: true, estimate: null, notices: [] };
    this.revision++;
    const sampling = { ...SCENE.sampling, ...(action === "set_sampling" ? { gamma: payload.gamma } : {}) };
    return { ok: true, revision: this.revision, document: { ...SCENE, revision: this.revision, sampling }, shapes: {}, notices: [] };
  }

  get renders() {
    return this.asked.filter((action) => action === "render").length;
  }
}

function livePage() {
  const studio = new Studio();
  const page = new Rendering(studio);
  page.take(SCENE, { [region.id]: { box: [0, 0, 4, 4], counts: [0, 16] } }, { isWhole: true });
  page.machine = { ready: true };
  page.isLive = true;
  page.scrubbed = null;
  return { studio, page };
}

const ended = (page) => page.takeNews({ seen: 1, jobs: page.jobs.map((job) => ({ ...job, state: "done", seconds: 0.7 })) });

test("while gamma slides the picture on its way is finished, and the latest value follows", async () => {
  const { studio, page } = livePage();
  for (const gamma of [0.9, 0.8, 0.7]) {
    page.setGamma(gamma);
    await page.settled();
  }
  assert.equal(studio.renders, 1);
  ended(page);
  assert.equal(studio.renders, 2);
  ended(page);
  assert.equal(studio.renders, 2);
});

test("a committed edit does not wait for the picture on its way", async () => {
  const { studio, page } = livePage();
  await page.setRegion(region.id, { caption: "blue ball" });
  await page.setRegion(region.id, { caption: "green ball" });
  assert.equal(studio.renders, 2);
});

test("letting gamma go draws the last value at once", async () => {
  const { studio, page } = livePage();
  page.setGamma(0.9);
  await page.settled();
  page.setGamma(0.5);
  page.settleGamma();
  await page.settled();
  assert.equal(studio.renders, 2);
  clearTimeout(page.soonEstimate.timer);
});
