/** The keyboard: a tool's key tapped changes the tool, held lends it; Escape ends one thing after another. */

import assert from "node:assert/strict";
import test from "node:test";
import { Signals } from "../../../studio/ui/page/core/signals.mjs";
import { Keys } from "../../../studio/ui/page/panels/keys.mjs";

const listeners = {};
globalThis.document = { addEventListener: (kind, work) => (listeners[kind] = work) };
globalThis.window = { addEventListener: () => {} };
globalThis.Element = class {};

/** A page that has tools, something to cancel, and nothing else. */
function page() {
  const done = [];
  const toolbox = { tool: { id: "brush" }, setTool: (id) => (toolbox.tool = { id }) };
  const parts = {
    root: { isConnected: true },
    bus: new Signals(),
    above: { isOpen: false },
    document: { selected: null, scene: { regions: [] }, select: () => done.push("select nothing") },
    demo: { toggle: () => done.push("leave the demo") },
    jobs: { current: null, cancel: () => done.push("cancel the job") },
    strips: { isPlaying: false, stop: () => done.push("stop playing") },
    stage: { pointer: null, redrawLive: () => {} },
    view: { isDemo: false, options: { size: 24 }, pan: (on) => done.push(`pan ${on}`) },
    toolbox,
  };
  new Keys(parts);
  const press = (kind, key, timeStamp = 0) => listeners[kind]({ key, timeStamp, target: {}, preventDefault: () => {} });
  return { parts, done, press };
}

test("a tap counts as a tap even when the page was busy between its two ends", () => {
  const { parts, press } = page();
  press("keydown", "v", 1000);
  const until = performance.now() + 400;
  while (performance.now() < until); // a slow frame
  press("keyup", "v", 1060);
  assert.equal(parts.toolbox.tool.id, "move");
});

test("a held key gives the tool back; a stroke that outlasts the key is finished first", () => {
  const { parts, press } = page();
  press("keydown", "e", 1000);
  press("keyup", "e", 1500);
  assert.equal(parts.toolbox.tool.id, "brush");
  press("keydown", "r", 2000);
  parts.stage.pointer = { kind: "tool" };
  press("keyup", "r", 2500);
  assert.equal(parts.toolbox.tool.id, "rectangle");
  parts.stage.pointer = null;
  parts.bus.emit("released");
  assert.equal(parts.toolbox.tool.id, "brush");
});

test("Escape ends the nearest thing first: the job, the sweep, the demo, the selection", () => {
  const { parts, done, press } = page();
  Object.assign(parts.view, { isDemo: true });
  Object.assign(parts.strips, { isPlaying: true });
  Object.assign(parts.jobs, { current: { kind: "final" } });
  press("keydown", "Escape");
  parts.jobs.current = null;
  press("keydown", "Escape");
  parts.strips.isPlaying = false;
  press("keydown", "Escape");
  parts.view.isDemo = false;
  press("keydown", "Escape");
  assert.deepEqual(done, ["cancel the job", "stop playing", "leave the demo", "select nothing"]);
});

test("letters do nothing while something lies above the page, or in the demo", () => {
  const { parts, press } = page();
  parts.above.isOpen = true;
  press("keydown", "v", 1000);
  parts.above.isOpen = false;
  parts.view.isDemo = true;
  press("keydown", "e", 1000);
  assert.equal(parts.toolbox.tool.id, "brush");
});

test("a page that was taken out hears no more keys", () => {
  const { parts, press } = page();
  parts.root.isConnected = false;
  press("keydown", "v", 1000);
  assert.equal(parts.toolbox.tool.id, "brush");
});

test("undo in a project where nothing was done leads back to the one before", () => {
  const { parts, done, press } = page();
  const command = (key) => listeners.keydown({ key, ctrlKey: true, timeStamp: 0, target: {}, preventDefault: () => {} });
  Object.assign(parts, { pictures: { history: [] }, projects: { before: { id: "before" }, goBack: () => done.push("back") }, edits: { undo: () => done.push("undo") } });
  command("z");
  parts.document.canUndo = true;
  command("z");
  assert.deepEqual(done, ["back", "undo"]);
  press("keyup", "z");
});

test("the arrows go through several photos while no region is selected", () => {
  const { parts, done, press } = page();
  Object.assign(parts, { album: { isHere: true, go: (step) => done.push(step) }, edits: { nudge: (x) => done.push(`nudge ${x}`) } });
  press("keydown", "ArrowRight");
  press("keydown", "ArrowLeft");
  parts.document.selected = "a";
  press("keydown", "ArrowRight");
  assert.deepEqual(done, [1, -1, "nudge 1"]);
});
