/** Parts that tell each other, and work that waits until nothing more comes. */

import assert from "node:assert/strict";
import test from "node:test";
import { debounce } from "../../../studio/ui/page/core/debounce.mjs";
import { Signals } from "../../../studio/ui/page/core/signals.mjs";

test("everyone who listens hears the value, and those of other signals do not", () => {
  const bus = new Signals();
  const heard = [];
  bus.on("notice", (text) => heard.push(`first ${text}`));
  bus.on("notice", (text) => heard.push(`second ${text}`));
  bus.on("scene", () => heard.push("scene"));
  bus.emit("notice", "hello");
  bus.emit("nobody listens");
  assert.deepEqual(heard, ["first hello", "second hello"]);
});

test("any of several signals starts the same work, without a value", () => {
  const bus = new Signals();
  const heard = [];
  bus.onAny(["scene", "hover"], (...values) => heard.push(values.length));
  bus.emit("scene");
  bus.emit("hover", "a value");
  assert.deepEqual(heard, [0, 0]);
});

test("calls close together are one call, after a pause", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let runs = 0;
  const soon = debounce(() => runs++, 100);
  soon();
  context.mock.timers.tick(60);
  soon();
  context.mock.timers.tick(60);
  assert.equal(runs, 0);
  context.mock.timers.tick(40);
  assert.equal(runs, 1);
});

test("now runs what waits once, and nothing when nothing waits", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let runs = 0;
  const soon = debounce(() => runs++, 100);
  soon.now();
  assert.equal(runs, 0);
  soon();
  soon.now();
  context.mock.timers.tick(500);
  assert.equal(runs, 1);
});

test("what is dropped never runs", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let runs = 0;
  const soon = debounce(() => runs++, 100);
  soon();
  soon.drop();
  context.mock.timers.tick(500);
  soon.now();
  assert.equal(runs, 0);
});
