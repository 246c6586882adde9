/** The page's language. English sentences are their own keys; chinese.mjs holds the other side. */

import { CHINESE } from "./chinese.mjs";

/** Keys that are names rather than sentences. */
const ENGLISH = {
  "phase: captions": "encoding captions",
  "phase: contour": "encoding the contour",
  "phase: steps": "denoising",
  "phase: decode": "decoding",
  "phase: measure": "measuring the shapes",
  true_cfg: "CFG scale",
};
const TABLES = { en: ENGLISH, zh: CHINESE };
let table = TABLES.en;

export function speak(language) {
  table = TABLES[language] ?? TABLES.en;
}

/** t("{n} regions", {n: 3}): the sentence in the page's language with its values filled in. */
export function t(sentence, values = {}) {
  return (table[sentence] ?? sentence.replace(/^phase: /, "")).replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

/** The server speaks English; where this language has words of its own for a hint, use those. */
export function hintText(hint, number) {
  const own = table[`hint: ${hint.kind}`];
  if (!own) return hint.text;
  const values = { n: number, ...hint.values };
  if (Array.isArray(values.words)) values.words = values.words.join(", ");
  if (values.share !== undefined) values.share = Math.max(1, Math.round(100 * values.share));
  return t(`hint: ${hint.kind}`, values).replace(/\{\w+\}/g, "");
}

/** What the browser prefers among the languages we have. */
export function preferred(languages = globalThis.navigator?.languages ?? []) {
  for (const language of languages) {
    if (language.startsWith("zh")) return "zh";
    if (language.startsWith("en")) return "en";
  }
  return "en";
}
