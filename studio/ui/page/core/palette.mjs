/** Region colours and patterns: told apart by colour, by pattern and by number. */

/** @import { Look, Pattern } from "../types.mjs" */

/** Distinct under the common kinds of colour blindness (after Okabe and Ito, and Tol). */
const COLOURS = [
  "#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#f0e442", "#0072b2", "#d55e00", "#9b8cf2",
  "#7cb342", "#c2577a", "#3fc1c9", "#b08d57",
];
/** @type {Pattern[]} */
const PATTERNS = ["slash", "dots", "backslash", "plain", "rows", "cross", "columns"];

/** The slot decides both; 12 colours and 7 patterns meet again after 84 regions. @param {number} slot @returns {Look} */
export function look(slot) {
  return { colour: COLOURS[slot % COLOURS.length], pattern: PATTERNS[slot % PATTERNS.length] };
}

/** The lowest slot that no region uses. @param {Iterable<number>} used */
export function freeSlot(used) {
  const taken = new Set(used);
  let slot = 0;
  while (taken.has(slot)) slot++;
  return slot;
}
