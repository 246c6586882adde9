/** The page's document: "saved" is said only when the disk has what was done. */

import assert from "node:assert/strict";
import test from "node:test";
import { Document } from "../../../studio/ui/page/model/document.mjs";

const SCENE = { revision: 4, width: 8, height: 8, caption: null, photo: null, regions: [], sampling: { gamma: 1, seed: 0, count: 1 }, hints: [], undo: null, redo: null };

/** A page and a studio whose last save was at `at`. */
function page(at) {
  const server = { ask: async (action, payload) => ({ ok: true, revision: payload.revision + 1, document: { ...SCENE, revision: payload.revision + 1, saved_at: at }, shapes: {} }) };
  const document = new Document(server);
  document.take({ ...SCENE, saved_at: at }, {}, { isWhole: true });
  return document;
}

test("an edit is saved when a later save is heard of, not when it was sent", async () => {
  const now = Date.now() / 1000;
  const document = page(now - 5);
  assert.equal(document.savedText(), "saved");
  await document.edit("set_scene", { caption: "a calm sea" });
  assert.equal(document.savedText(), "saving…");
  document.savedAt(now - 5); // the same old save
  assert.equal(document.savedText(), "saving…");
  document.savedAt(now);
  assert.equal(document.savedText(), "saved");
});

test("what hinders saving is said", () => {
  const document = page(1);
  document.machine = { disk: { trouble: "The disk is full." } };
  assert.equal(document.savedText(), "not saved");
  assert.equal(document.saveTrouble, "The disk is full.");
});
