/** A caption field that shows what is suggested while it is empty; Tab accepts it. */

import { h, patch } from "./dom.mjs";
import { t } from "../words/words.mjs";

/** @import { Parts } from "../types.mjs" */

let count = 0;

export class Ghost {
  /**
   * @param {HTMLInputElement | HTMLTextAreaElement} field @param {Parts["suggestions"]} suggestions
   * @param {() => string | null | undefined} whose region; null is the picture, undefined nobody
   */
  constructor(field, suggestions, whose) {
    this.field = field;
    this.suggestions = suggestions;
    this.whose = whose;
    this.note = h("span.sr", { id: `suggested-${++count}` });
    field.addEventListener("keydown", (event) => event instanceof KeyboardEvent && this.#key(event));
  }

  /** What its region is suggested; nothing once something is typed. */
  get text() {
    const id = this.whose();
    return id === undefined || this.field.value || this.field.disabled ? "" : this.suggestions.of(id);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { text } = this;
    const id = this.whose();
    if (event.key !== "Tab" || event.shiftKey || event.ctrlKey || event.altKey || !text || id === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.suggestions.accept(id);
    this.field.value = text;
  }

  /** @param {string} placeholder where nothing is suggested */
  update(placeholder) {
    const { field, note, text } = this;
    if (!note.isConnected) field.after(note);
    patch(field, "placeholder", text ? `${text}  ⇥ Tab` : placeholder);
    patch(note, "textContent", text ? t("Suggested: {text}. Tab accepts it.", { text }) : "");
    field.classList.toggle("ghosted", Boolean(text));
    if (text) field.setAttribute("aria-describedby", note.id);
    else field.removeAttribute("aria-describedby");
  }
}
