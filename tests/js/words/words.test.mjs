/** Both languages say everything the page says. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { CHINESE } from "../../../studio/ui/page/words/chinese.mjs";
import { heard, hintText, preferred, speak, t } from "../../../studio/ui/page/words/words.mjs";

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
    if (!english.startsWith("hint: ")) assert.deepEqual(values(chinese), values(english), english);
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

test("a hint is said in the page's language, or as the server said it", () => {
  const hint = { kind: "unknown-word", text: "Region 2 uses words: x.", values: { words: ["x", "y"] } };
  assert.equal(hintText(hint, 2), "Region 2 uses words: x.");
  speak("zh");
  assert.match(hintText(hint, 2), /2.*x, y/);
  assert.equal(hintText({ kind: "new-kind", text: "As it is." }, 1), "As it is.");
  speak("en");
});

test("what the server says is said in the page's language, piece by piece", () => {
  assert.equal(heard("gamma 0.6 -> 0.4; caption 2"), "gamma 0.6 → 0.4; caption 2");
  speak("zh");
  assert.equal(heard("first picture"), "第一张图片");
  assert.equal(heard("gamma 0.6 -> 0.4; caption 2"), "伽马 0.6 → 0.4；说明 2");
  assert.equal(heard("4 of 5 captions cached, contour cached, render 3.1 s"), "5 条说明中 4 条已缓存，轮廓已缓存，生成 3.1 秒");
  assert.equal(heard("A sentence, that nobody knows; yet"), "A sentence, that nobody knows; yet");
  assert.equal(heard("photo 3:2"), "照片 3:2");
  speak("en");
});
