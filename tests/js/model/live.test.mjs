/** Live drafts: the latest wins, and a slider that keeps moving still shows pictures. */

import assert from "node:assert/strict";
import test from "node:test";
import { buildModel } from "../../../studio/ui/page/model/model.mjs";
import { REGION, SCENE, SHAPES, Studio, withBrowser } from "../studio.mjs";

function livePage() {
  withBrowser();
  const studio = new Studio();
  const page = buildModel(studio);
  page.document.take(SCENE, SHAPES, { isWhole: true });
  page.machine.status = { ready: true };
  page.view.isLive = true;
  return { studio, page };
}

const ended = ({ jobs, news }) => news.take({ seen: 1, jobs: jobs.list.map((job) => ({ ...job, state: "done", seconds: 0.7 })) });

test("while gamma slides the picture on its way is finished, and the latest value follows", async () => {
  const { studio, page } = livePage();
  for (const gamma of [0.9, 0.8, 0.7]) {
    page.typing.setGamma(gamma);
    await page.typing.settled();
  }
  assert.equal(studio.times("render"), 1);
  ended(page);
  await page.typing.settled();
  assert.equal(studio.times("render"), 2);
  ended(page);
  await page.typing.settled();
  assert.equal(studio.times("render"), 2);
  page.estimate.soon.drop();
});

test("a committed edit does not wait for the picture on its way", async () => {
  const { studio, page } = livePage();
  await page.edits.setRegion(REGION.id, { caption: "blue ball" });
  await page.edits.setRegion(REGION.id, { caption: "green ball" });
  assert.equal(studio.times("render"), 2);
  page.estimate.soon.drop();
});

test("letting gamma go draws the last value at once", async () => {
  const { studio, page } = livePage();
  page.typing.setGamma(0.9);
  await page.typing.settled();
  page.typing.setGamma(0.5);
  page.typing.settleGamma();
  await page.typing.settled();
  assert.equal(studio.times("render"), 2);
  page.estimate.soon.drop();
});

test("a draft that the studio has no time for is not worth a message, another refusal is", async () => {
  const { studio, page } = livePage();
  const told = [];
  page.bus.on("refused", (error) => told.push(error.message));
  studio.refusals = { render: "busy" };
  await page.edits.setRegion(REGION.id, { caption: "blue ball" });
  await page.typing.settled();
  assert.deepEqual(told, []);
  studio.refusals = { render: "BadInput" };
  await page.edits.setRegion(REGION.id, { caption: "green ball" });
  await new Promise(setImmediate);
  assert.deepEqual(told, ["No render."]);
  page.estimate.soon.drop();
});
