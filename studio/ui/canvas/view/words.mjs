/** The page's language. English sentences are their own keys; chinese.mjs holds the other side. */

import { CHINESE } from "./chinese.mjs";

const TABLES = { en: {}, zh: CHINESE };
let table = TABLES.en;

export function speak(language) {
  table = TABLES[language] ?? TABLES.en;
}

/** t("{n} regions", {n: 3}): the sentence in the page's language with its values filled in. */
export function t(sentence, values = {}) {
  return (table[sentence] ?? sentence).replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

/** What the browser prefers among the languages we have. */
export function preferred(languages = globalThis.navigator?.languages ?? []) {
  for (const language of languages) {
    if (language.startsWith("zh")) return "zh";
    if (language.startsWith("en")) return "en";
  }
  return "en";
}
