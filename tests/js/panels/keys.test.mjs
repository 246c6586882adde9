/** A tool's key: tapped it changes the tool, held it lends it, whatever the page is busy with. */

import assert from "node:assert/strict";
import test from "node:test";
import { Keys } from "../../../studio/ui/page/panels/keys.mjs";

const listeners = {};
globalThis.document = { addEventListener: (kind, work) => (listeners[kind] = work) };
globalThis.window = { addEventListener: () => {} };

/** A page that has tools and nothing else. */
function page() {
  const signals = {};
  const app = {
    tool: { id: "brush" },
    above: { isOpen: false },
    stage: { redrawLive: () => {} },
    on: (name, work) => (signals[name] = work),
    setTool: (id) => (app.tool = { id }),
  };
  new Keys(app, { isConnected: true });
  const press = (kind, key, timeStamp) => listeners[kind]({ key, timeStamp, target: {}, preventDefault: () => {} });
  return { app, signals, press };
}

test("a tap counts as a tap even when the page was busy between its two ends", () => {
  const { app, press } = page();
  press("keydown", "v", 1000);
  const until = performance.now() + 400;
  while (performance.now() < until); // a slow frame
  press("keyup", "v", 1060);
  assert.equal(app.tool.id, "move");
});

test("a held key gives the tool back; a stroke that outlasts the key is finished first", () => {
  const { app, signals, press } = page();
  press("keydown", "e", 1000);
  press("keyup", "e", 1500);
  assert.equal(app.tool.id, "brush");
  press("keydown", "r", 2000);
  app.stage.pointer = { kind: "tool" };
  press("keyup", "r", 2500);
  assert.equal(app.tool.id, "rectangle");
  app.stage.pointer = null;
  signals.released();
  assert.equal(app.tool.id, "brush");
});
