/** Jobs: which one the stage tells of, and what happens when they end. */

import assert from "node:assert/strict";
import test from "node:test";
import { buildModel } from "../../../studio/ui/page/model/model.mjs";
import { SCENE, SHAPES, Studio, withBrowser } from "../studio.mjs";

function page() {
  withBrowser();
  const studio = new Studio();
  const parts = buildModel(studio);
  parts.document.take(SCENE, SHAPES, { isWhole: true });
  const told = [];
  parts.bus.on("undoable", ({ label, work }) => told.push({ label, work }));
  parts.bus.on("refused", (error) => told.push(error.message));
  return { studio, parts, told };
}

const running = (more) => ({ id: "j1", kind: "final", state: "running", seconds: 0, ...more });

test("the newest job that is not over is the current one; a quick live draft is not told of", () => {
  const { jobs } = page().parts;
  jobs.take([running({ id: "old", state: "done" }), running({}), running({ id: "j2", kind: "live", seconds: 0.4 })]);
  assert.equal(jobs.current.id, "j2");
  assert.equal(jobs.told, null);
  jobs.take([running({ id: "j2", kind: "live", seconds: 2 })]);
  assert.equal(jobs.told.id, "j2");
});

test("progress is said with the step and the time that is left", () => {
  const { jobs } = page().parts;
  jobs.take([running({ phase: "steps", step: 3, steps: 12, seconds_left: 4.25 })]);
  assert.equal(jobs.text(), "denoising · step 3 of 12 · 4.3 s left");
  assert.equal(jobs.progress, 0.25);
  jobs.take([{ ...running({}), state: "waiting", position: 2 }]);
  assert.equal(jobs.text(), "waiting: 2 before this one");
});

test("a job without a sign of life says so while it runs", () => {
  const { jobs } = page().parts;
  jobs.take([running({ phase: "steps", step: 3, steps: 12, suspicious: "No sign of life for 90 s." })]);
  assert.equal(jobs.text(), "No sign of life for 90 s.");
});

test("an end is told once, and not of jobs that were over before this page came", () => {
  const { bus, jobs, estimate } = page().parts;
  const ended = [];
  bus.on("ended", (job) => ended.push(job.id));
  jobs.take([running({}), running({ id: "before", state: "done" })]);
  jobs.take([running({ state: "done", summary: "render 2.0 s" }), running({ id: "before", state: "done" })]);
  jobs.take([running({ state: "done" })]);
  assert.deepEqual(ended, ["j1"]);
  assert.equal(jobs.last.summary, "render 2.0 s");
  estimate.soon.drop();
});

test("a failed render may be tried anyway; a failed measurement is only told", async () => {
  const { studio, parts, told } = page();
  parts.machine.status = { ready: true };
  parts.jobs.take([running({}), running({ id: "m", kind: "measure" })]);
  parts.jobs.take([running({ state: "failed", error: "Out of memory." }), running({ id: "m", kind: "measure", state: "failed", error: "No luck." })]);
  assert.equal(told[1], "No luck.");
  assert.equal(told[0].label, "Try anyway");
  await told[0].work();
  assert.deepEqual(studio.payloads("render").map((one) => one.anyway), [true]);
  parts.estimate.soon.drop();
});

test("a cancelled render takes its preview away and is said", () => {
  const { jobs, pictures, status, estimate } = page().parts;
  jobs.take([running({})]);
  pictures.previewImage = {};
  jobs.take([running({ state: "cancelled" })]);
  assert.equal(pictures.previewImage, null);
  assert.equal(status.text, "Cancelled");
  estimate.soon.drop();
});

test("a scene of nothing is not rendered, nor one whose model still loads", async () => {
  const { studio, parts } = page();
  parts.machine.status = { ready: false };
  await parts.renders.render();
  parts.machine.status = { ready: true };
  parts.document.take({ ...SCENE, regions: [] }, {}, { isWhole: true });
  await parts.renders.render();
  assert.equal(studio.times("render"), 0);
  parts.document.take({ ...SCENE, regions: [], caption: "a calm sea" }, {}, { isWhole: true });
  await parts.renders.render();
  assert.equal(studio.times("render"), 1);
});

test("another tab's edit is fetched, but not over what is typed here", async () => {
  const { studio, parts } = page();
  parts.document.ahead.set("caption", "typed");
  parts.news.take({ revision: 5 });
  assert.equal(studio.times("document"), 0);
  parts.document.ahead.clear();
  parts.news.take({ revision: 5 });
  assert.equal(studio.times("document"), 1);
});
