import assert from "node:assert/strict";
import test from "node:test";

import { Signals } from "../../../studio/ui/page/core/signals.mjs";
import { Findings } from "../../../studio/ui/page/model/findings.mjs";
import { Suggestions } from "../../../studio/ui/page/model/suggestions.mjs";

/** Parts as far as finding and suggesting need them, and what they were asked for. */
function parts({ isOn = false, shown = null, image = {} } = {}) {
  const bus = new Signals();
  const sent = [];
  const document = {
    scene: { width: 8, height: 4, caption: "", regions: [{ id: "a", caption: "" }, { id: "b", caption: "own" }] },
    selected: null,
    region: (id) => document.scene.regions.find((one) => one.id === id) ?? null,
    edit: (action, payload) => sent.push([action, payload]),
  };
  const server = { ask: async (action, payload) => (sent.push([action, payload]), { job: { id: "1", kind: action, state: "waiting" } }) };
  const typing = { typeCaption: (id, text) => sent.push(["type", id, text]), settleCaption: () => {}, settled: async () => {} };
  const jobs = { list: [], add: () => {} };
  const base = { bus, server, document, jobs, typing, editing: { isOn }, photo: { image }, pictures: { shownNode: shown } };
  const findings = new Findings(base);
  return { bus, sent, document, findings, suggestions: new Suggestions({ ...base, findings }) };
}

const box = { box: [0, 0, 2, 2], counts: [0, 4] };
const found = [{ shape: box, score: 0.9, caption: "red" }, { shape: box, score: 0.6, caption: "red" }];
const ended = (more) => ({ kind: "find", state: "done", ...more });

test("what was found is chosen, and only what stays chosen is made", () => {
  const { bus, sent, findings } = parts();
  bus.emit("ended", ended({ found, by: "measured" }));
  findings.toggle(1);
  assert.equal(findings.outlines.length, 1);
  findings.make();
  assert.deepEqual(sent, [["add_regions", { regions: [{ shape: box, caption: "red" }] }]]);
  assert.deepEqual(findings.list, []);
});

test("in an edited photo what was found keeps its shape and has no caption yet", () => {
  const { bus, sent, findings } = parts({ isOn: true });
  bus.emit("ended", ended({ found: found.slice(1) }));
  findings.make();
  assert.deepEqual(sent, [["add_regions", { regions: [{ shape: box, caption: "", gamma: 1 }] }]]);
});

test("without a photo the shown result is looked at, and without both nothing is asked", async () => {
  const { findings, sent } = parts({ image: null, shown: "node" });
  await findings.find("red");
  assert.deepEqual(sent, [["find", { on: "node", words: "red" }]]);
  const blank = parts({ image: null });
  const notices = [];
  blank.bus.on("notice", (text) => notices.push(text));
  await blank.findings.find("red");
  assert.equal(blank.sent.length, 0);
  assert.equal(notices.length, 1);
});

test("a suggestion shows only in an empty caption and is applied when it is accepted", () => {
  const { bus, sent, suggestions } = parts();
  bus.emit("ended", { kind: "captions", state: "done", captions: { picture: "a sky", regions: { a: "dark red", b: "blue" } } });
  assert.equal(suggestions.of("a"), "dark red");
  assert.equal(suggestions.of("b"), "");
  assert.equal(suggestions.of(null), "a sky");
  assert.deepEqual(sent, []);
  suggestions.accept("a");
  suggestions.accept("b");
  assert.deepEqual(sent, [["type", "a", "dark red"]]);
  assert.equal(suggestions.of("a"), "");
});

test("a layout is one edit, and worlds go to whoever asked", async () => {
  const { bus, sent, suggestions } = parts();
  await suggestions.layOut("a cat", { isInstead: true });
  bus.emit("ended", { kind: "layout", state: "done", layout: { regions: [], caption: "a cat" } });
  assert.deepEqual(sent[1], ["add_regions", { regions: [], caption: "a cat", place: "instead" }]);
  let told = null;
  await suggestions.askWorlds("a", (worlds) => (told = worlds));
  bus.emit("ended", { kind: "worlds", state: "done", worlds: ["x", "y", "z"] });
  assert.deepEqual(told, ["x", "y", "z"]);
});
