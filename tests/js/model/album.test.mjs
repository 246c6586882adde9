/** Several photos: each is sent once, and comes back as the project that it became. */

import assert from "node:assert/strict";
import test from "node:test";
import { Signals } from "../../../studio/ui/page/core/signals.mjs";
import { Album } from "../../../studio/ui/page/model/album.mjs";

function album() {
  const opened = [];
  const bus = new Signals();
  const server = { send: (action, [file]) => ({ action, name: file.name }) };
  const projects = {
    project: { id: "sketch", name: "" },
    openWith: async (work) => enter(`project of ${work().name}`),
    openProject: async (id) => enter(id),
  };
  const enter = (id) => {
    opened.push(id);
    projects.project = { id, name: "" };
    bus.emit("project");
    return true;
  };
  const photos = ["a.jpg", "b.jpg", "c.jpg"].map((name) => ({ name }));
  return { opened, projects, photos, enter, album: new Album({ bus, server, status: { say: () => {} }, projects }) };
}

test("the first of several photos is open, and the rest wait", async () => {
  const { opened, photos, album: found } = album();
  await found.begin(photos);
  assert.deepEqual([opened, found.at, found.isHere], [["project of a.jpg"], 0, true]);
});

test("going on opens the next one, going back finds the project that is there already", async () => {
  const { opened, photos, projects, album: found } = album();
  await found.begin(photos);
  await found.go(1);
  projects.openWith = () => assert.fail("it was sent before");
  await found.go(-1);
  assert.deepEqual(opened, ["project of a.jpg", "project of b.jpg", "project of a.jpg"]);
});

test("there is nothing before the first and nothing after the last", async () => {
  const { opened, photos, album: found } = album();
  await found.begin(photos.slice(0, 2));
  assert.equal(await found.go(-1), false);
  await found.go(1);
  assert.equal(await found.go(1), false);
  assert.equal(opened.length, 2);
});

test("another project is no photo of it; one that is opened by hand is", async () => {
  const { photos, enter, album: found } = album();
  await found.begin(photos);
  await found.go(1);
  enter("sketch");
  assert.equal(found.isHere, false);
  enter("project of a.jpg");
  assert.deepEqual([found.isHere, found.at], [true, 0]);
});

test("a photo that is refused leaves the one before open", async () => {
  const { photos, projects, album: found } = album();
  await found.begin(photos);
  projects.openWith = async () => false;
  assert.equal(await found.go(1), false);
  assert.deepEqual([found.at, found.isHere], [0, true]);
});

test("an arrow pressed while the next photo opens goes on from there", async () => {
  const { opened, photos, projects, enter, album: found } = album();
  await found.begin(photos);
  /** @type {() => void} */
  let answer = () => {};
  const answered = new Promise((resolve) => (answer = () => resolve(null)));
  projects.openWith = async (work) => {
    enter(`project of ${work().name}`); // it is on the screen
    await answered;
    return true;
  };
  const right = found.go(1);
  await Promise.resolve();
  assert.equal(found.isHere, true);
  const left = found.go(-1);
  answer();
  assert.deepEqual([await right, await left, found.at], [true, true, 0]);
  assert.equal(opened.at(-1), "project of a.jpg");
});
