/** The page's language. English sentences are their own keys; chinese.mjs holds the other side. */

import { CHINESE } from "./chinese.mjs";
import { HEARD } from "./heard.mjs";

/** @import { Language, Made } from "../types.mjs" */

/** Keys that are names rather than sentences. */
const ENGLISH = {
  "phase: captions": "encoding captions",
  "phase: contour": "encoding the contour",
  "phase: steps": "denoising",
  "phase: decode": "decoding",
  "phase: measure": "measuring the shapes",
  "phase: strip": "rendering over gamma",
  "phase: embed": "looking at the picture",
  "phase: everything": "looking for things",
  "phase: find": "looking for it",
  "phase: describe": "looking for words",
  "phase: layout": "laying out",
  "phase: photo": "reading the photo",
  "phase: fill": "filling from the surroundings",
  "phase: growth": "looking for the subject",
  "phase: layers": "laying it over the photo",
  true_cfg: "CFG scale",
};
/** @type {Record<Language, Record<string, string>>} */
const TABLES = { en: ENGLISH, zh: CHINESE };
let table = TABLES.en;

/** @param {Language} language */
export function speak(language) {
  table = TABLES[language] ?? TABLES.en;
}

/**
 * t("{n} regions", {n: 3}): the sentence in the page's language with its values filled in.
 * @param {string} sentence @param {Record<string, string | number>} values
 */
export function t(sentence, values = {}) {
  return filled(table[sentence] ?? sentence.replace(/^phase: /, ""), values);
}

/** @type {Map<string, Made>} what the server has said so far: its English text, and how it was made */
const said = new Map();

/** Keep how the sentences of an answer were made, so that `heard` can say them anew. @param {{ said?: Record<string, Made> }} answer */
export function remember(answer) {
  for (const [text, made] of Object.entries(answer.said ?? {})) said.set(text, made);
}

/** A sentence of the server in the page's language; one that is not known stays as it is. @param {string} text */
export function heard(text) {
  return written(said.get(text) ?? [text, {}], table === CHINESE ? HEARD : {}).replaceAll(" -> ", " → ");
}

/** @param {Made} made @param {Record<string, string>} sentences by code @returns {string} */
function written([code, values], sentences) {
  const shown = Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? written(value, sentences) : value]);
  return filled(sentences[code] ?? code, Object.fromEntries(shown));
}

/** @param {string} sentence @param {Record<string, string | number>} values */
function filled(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (all, name) => String(values[name] ?? all));
}

/** What the browser prefers among the languages we have. @returns {Language} */
export function preferred(languages = globalThis.navigator?.languages ?? []) {
  for (const language of languages) {
    if (language.startsWith("zh")) return "zh";
    if (language.startsWith("en")) return "en";
  }
  return "en";
}
