/** "Saved" is said only when the disk has what was done. */

import assert from "node:assert/strict";
import test from "node:test";
import { Signals } from "../../../studio/ui/page/core/signals.mjs";
import { Machine } from "../../../studio/ui/page/model/machine.mjs";
import { Saving } from "../../../studio/ui/page/model/saving.mjs";
import { SceneDocument } from "../../../studio/ui/page/model/document.mjs";
import { SCENE, SHAPES } from "../studio.mjs";

/** A page and a studio whose last save was at `at`. */
function page(at) {
  const server = { ask: async (action, payload) => ({ ok: true, revision: payload.revision + 1, document: { ...SCENE, revision: payload.revision + 1, saved_at: at }, shapes: {} }) };
  const bus = new Signals();
  const machine = new Machine({ bus });
  const document = new SceneDocument({ bus, server });
  const saving = new Saving({ bus, document, machine });
  document.take({ ...SCENE, saved_at: at }, SHAPES, { isWhole: true });
  return { document, machine, saving };
}

test("an edit is saved when a later save is heard of, not when it was sent", async () => {
  const now = Date.now() / 1000;
  const { document, saving } = page(now - 5);
  assert.equal(saving.text(), "saved");
  await document.edit("set_scene", { caption: "a calm sea" });
  assert.equal(saving.text(), "saving…");
  saving.savedAt(now - 5); // the same old save
  assert.equal(saving.text(), "saving…");
  saving.savedAt(now);
  assert.equal(saving.text(), "saved");
});

test("what hinders saving is said", () => {
  const { machine, saving } = page(1);
  machine.status = { disk: { used: 1, limit: 1, free: 0, trouble: "The disk is full." } };
  assert.equal(saving.text(), "not saved");
  assert.equal(saving.trouble, "The disk is full.");
});

test("an old save is told with its age", () => {
  const { saving } = page(Date.now() / 1000 - 300);
  assert.equal(saving.text(), "saved 5 min ago");
});
