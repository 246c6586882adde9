/** The page's language. English sentences are their own keys; chinese.mjs holds the other side. */

import { CHINESE } from "./chinese.mjs";
import { HEARD } from "./heard.mjs";

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

/** A sentence of the server in the page's language; one that is not known stays as it is. */
export function heard(text) {
  if (table === TABLES.en || !text) return text.replaceAll(" -> ", " → ");
  const known = HEARD.find(([pattern]) => pattern.test(text));
  if (known) return text.replace(...known);
  for (const [mark, own] of [["; ", "；"], [", ", "，"]]) {
    const parts = text.split(mark);
    if (parts.length > 1 && parts.some((part) => heard(part) !== part)) return parts.map(heard).join(own);
  }
  return text.replaceAll(" -> ", " → ");
}

/** What the browser prefers among the languages we have. */
export function preferred(languages = globalThis.navigator?.languages ?? []) {
  for (const language of languages) {
    if (language.startsWith("zh")) return "zh";
    if (language.startsWith("en")) return "en";
  }
  return "en";
}
