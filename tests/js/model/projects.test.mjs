/** Opening a project, and opening it anew when its model has arrived. */

import assert from "node:assert/strict";
import test from "node:test";
import { buildModel } from "../../../studio/ui/page/model/model.mjs";
import { REGION, Studio, withBrowser } from "../studio.mjs";

const square = { mask: Uint8Array.from({ length: 64 }, (_, i) => (i % 8 > 4 && i > 39 ? 1 : 0)), box: [5, 5, 8, 8] };

/** A page that opened a project while its model still loads. */
async function page() {
  withBrowser();
  const studio = new Studio();
  studio.model = { ready: false, sizes: [[1024, 1024, ""]] };
  const parts = buildModel(studio);
  const told = [];
  parts.bus.on("refused", (error) => told.push(error.message));
  await parts.projects.reopen();
  return { studio, parts, told };
}

/** The studio has loaded its model. */
function load(studio) {
  studio.model = { ready: true, sizes: [[256, 256, ""]] };
}

/** The answer to `action` comes when what is returned is called. */
function hold(studio, action) {
  const before = studio.delay;
  let answer = () => {};
  const isGiven = new Promise((resolve) => (answer = resolve));
  studio.delay = (asked) => (asked === action ? isGiven : before(asked));
  return answer;
}

const turns = () => new Promise(setImmediate);

test("a model has arrived when its sizes are known, not when the studio says that it is loaded", async () => {
  const { studio, parts } = await page();
  const { machine, news, projects } = parts;
  assert.equal(machine.isLoading, true);
  load(studio);
  const answer = hold(studio, "open");
  news.take({ status: { ready: true } });
  await turns();
  assert.equal(machine.isLoading, true);
  answer();
  await projects.modelArrived();
  assert.equal(machine.isLoading, false);
  assert.deepEqual(machine.sizes({ width: 8, height: 8 }).map((one) => one.width), [256]);
  news.take({ status: { ready: false } }); // another model is chosen
  news.take({ status: { ready: true } });
  assert.equal(machine.isLoading, true);
  await projects.modelArrived();
  parts.estimate.soon.drop();
});

test("a model whose sizes could not be asked for is asked again with the next news", async () => {
  const { studio, parts } = await page();
  load(studio);
  studio.refusals = { open: "offline" };
  parts.news.take({ status: { ready: true } });
  await turns();
  assert.equal(parts.machine.isLoading, true);
  studio.refusals = {};
  parts.news.take({ status: { ready: true } });
  await turns();
  assert.equal(parts.machine.isLoading, false);
  parts.estimate.soon.drop();
});

test("what is drawn in the moment that the model arrives is kept, and sent", async () => {
  const { studio, parts, told } = await page();
  load(studio);
  const answer = hold(studio, "open");
  const confirm = hold(studio, "add_region");
  const arrival = parts.projects.modelArrived();
  await turns();
  assert.equal(studio.times("open"), 2);
  const sent = parts.edits.addRegion(square.mask, square.box, { caption: "a kite" });
  answer();
  await arrival;
  assert.deepEqual(parts.document.scene.regions.map((region) => region.caption), ["red ball", "a kite"]);
  assert.equal(parts.document.layers.at(6, 6), parts.document.selected);
  assert.equal(parts.document.layers.at(1, 1), REGION.id);
  assert.equal(studio.times("add_region"), 1);
  confirm();
  assert.ok(await sent);
  assert.deepEqual(told, []);
  parts.estimate.soon.drop();
});

test("what is drawn while another tab's edit is fetched is kept, and sent", async () => {
  const { studio, parts, told } = await page();
  studio.revision = 5;
  const answer = hold(studio, "document");
  parts.news.take({ revision: 5 });
  await turns();
  const sent = parts.edits.addRegion(square.mask, square.box, { caption: "a kite" });
  answer();
  await turns();
  assert.equal(studio.payloads("add_region")[0].revision, 5);
  assert.ok(await sent);
  assert.deepEqual(told, []);
  parts.estimate.soon.drop();
});

test("a blank scene has the model's own size unless one was chosen", async () => {
  const { studio, parts } = await page();
  await parts.projects.startBlank();
  await parts.projects.startBlank({ width: 320, height: 192 });
  assert.deepEqual(studio.payloads("new_scene"), [{}, { width: 320, height: 192 }]);
  parts.estimate.soon.drop();
});
