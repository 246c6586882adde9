/** Both languages say everything the page says. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { CHINESE } from "../../../studio/ui/page/words/chinese.mjs";
import { HEARD } from "../../../studio/ui/page/words/heard.mjs";
import { heard, preferred, remember, speak, t } from "../../../studio/ui/page/words/words.mjs";

const folder = new URL("../../../studio/ui/page/", import.meta.url);
const sources = readdirSync(folder, { recursive: true })
  .filter((name) => name.endsWith(".mjs"))
  .map((name) => readFileSync(new URL(name.replaceAll("\\", "/"), folder), "utf8"));

test("every sentence of the page has its Chinese", () => {
  const said = new Set(sources.flatMap((text) => [...text.matchAll(/\bt\(\s*"((?:[^"\\]|\\.)*)"/g)].map((hit) => hit[1])));
  assert.ok(said.size > 200);
  assert.deepEqual([...said].filter((sentence) => !(sentence in CHINESE)), []);
});

test("a translation has the same values as its sentence", () => {
  const values = (text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
  for (const [english, chinese] of Object.entries(CHINESE)) {
    assert.deepEqual(values(chinese), values(english), english);
  }
});

test("values are filled in, in the language that is spoken", () => {
  assert.equal(t("step {a} of {b}", { a: 3, b: 9 }), "step 3 of 9");
  speak("zh");
  assert.equal(t("step {a} of {b}", { a: 3, b: 9 }), "第 3/9 步");
  assert.equal(t("a sentence without a translation"), "a sentence without a translation");
  speak("en");
});

test("the browser's first language that we have is chosen", () => {
  assert.equal(preferred(["fr-FR", "zh-CN", "en"]), "zh");
  assert.equal(preferred(["de", "en-GB"]), "en");
  assert.equal(preferred(["fr"]), "en");
});

test("every sentence of the server can be written with its values, and none is left open", () => {
  speak("zh");
  for (const [code, chinese] of Object.entries(HEARD)) {
    const names = [...code.matchAll(/\{(\w+)\}/g)].map((hit) => hit[1]);
    const values = Object.fromEntries(names.map((name) => [name, `<${name}>`]));
    remember({ said: { [`English of ${code}`]: [code, values] } });
    const text = heard(`English of ${code}`);
    assert.doesNotMatch(text, /\{\w+\}/, code);
    for (const name of names) assert.ok(text.includes(`<${name}>`), code);
    if (!names.length) assert.equal(text, chinese);
  }
  speak("en");
});

test("what the server says is written anew in the language that is spoken", () => {
  const bare = ["Region {number} has no caption yet.", { number: 3 }];
  const order = ["{before}; {part}", { before: ["gamma of {number} {before} -> {after}", { number: 2, before: "0.6", after: "0.4" }], part: ["order", {}] }];
  remember({ ok: false, said: { "Region 3 has no caption yet.": bare, "gamma of 2 0.6 -> 0.4; order": order } });
  assert.equal(heard("Region 3 has no caption yet."), "Region 3 has no caption yet.");
  assert.equal(heard("gamma of 2 0.6 -> 0.4; order"), "gamma of 2 0.6 → 0.4; order");
  speak("zh");
  assert.equal(heard("Region 3 has no caption yet."), "区域 3 还没有说明。");
  assert.equal(heard("gamma of 2 0.6 -> 0.4; order"), "区域 2 的伽马 0.6 → 0.4；顺序");
  speak("en");
});

test("a text whose making was not told is looked up as it is, or stays as it is", () => {
  speak("zh");
  remember({ ok: true });
  assert.equal(heard("There is no picture yet."), "还没有图片。");
  assert.equal(heard("A sentence, that nobody knows; yet"), "A sentence, that nobody knows; yet");
  assert.equal(heard(""), "");
  speak("en");
});

test("a value that looks like a value of the sentence is not filled in", () => {
  speak("zh");
  remember({ said: { "{name} does not exist.": ["{name} does not exist.", { name: "{name}{path}" }] } });
  assert.equal(heard("{name} does not exist."), "{name}{path} 不存在。");
  speak("en");
});
