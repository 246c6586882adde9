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
  return filled(table[sentence] ?? sentence.replace(/^phase: /, ""), values);
}

/** What the server has said so far: its English text, and the code and values it was made of. */
const said = new Map();

/** Keep how the sentences of an answer were made, so that `heard` can say them anew. */
export function remember(answer) {
  for (const [text, made] of Object.entries(answer.said ?? {})) said.set(text, made);
}

/** A sentence of the server in the page's language; one that is not known stays as it is. */
export function heard(text) {
  return written(said.get(text) ?? [text, {}], table === CHINESE ? HEARD : {}).replaceAll(" -> ", " → ");
}

function written([code, values], sentences) {
  const shown = Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? written(value, sentences) : value]);
  return filled(sentences[code] ?? code, Object.fromEntries(shown));
}

function filled(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

/** What the browser prefers among the languages we have. */
export function preferred(languages = globalThis.navigator?.languages ?? []) {
  for (const language of languages) {
    if (language.startsWith("zh")) return "zh";
    if (language.startsWith("en")) return "en";
  }
  return "en";
}
