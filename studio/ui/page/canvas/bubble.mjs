/** The caption box that opens on the canvas where a region was drawn. Enter goes on to the next. */

import { h, patch } from "../panels/dom.mjs";
import { Ghost } from "../panels/ghost.mjs";
import { t } from "../words/words.mjs";

/** @import { Parts } from "../types.mjs" */

const HALF = 150; // CSS pixels of its width

export class Bubble {
  /** @type {string | null} the region that is asked about */
  id = null;

  /** @param {Pick<Parts, "bus" | "document" | "typing" | "lens" | "stage" | "suggestions">} parts */
  constructor({ bus, document, typing, lens, stage, suggestions }) {
    this.document = document;
    this.typing = typing;
    this.lens = lens;
    this.stage = stage;
    this.chip = h("span.chip");
    this.input = h("input", { type: "text", maxlength: "2000", spellcheck: "false", placeholder: t("what is it?"), "aria-label": t("Caption of the new region") });
    this.ghost = new Ghost(this.input, suggestions, () => this.id ?? undefined);
    this.element = h("form.bubble", { hidden: true }, this.chip, this.input, h("span.go", {}, "↵"));
    this.#listen();
    bus.on("askCaption", (id) => this.#open(id));
    bus.on("moved", () => this.#place());
    bus.on("scene", () => this.id && !document.region(this.id) && this.close());
  }

  #listen() {
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#next();
    });
    this.input.addEventListener("input", () => this.typing.typeCaption(this.id, this.input.value));
    this.input.addEventListener("blur", () => this.close());
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        this.close();
        this.stage.focus();
      }
    });
  }

  /** @param {string} id */
  #open(id) {
    const { document } = this;
    this.id = id;
    patch(this.chip, "textContent", String(document.numberOf(id)));
    this.chip.style.background = document.lookOf(id).colour;
    this.input.value = document.region(id)?.caption ?? "";
    this.ghost.update(document.confirmed.edit ? t("what should it be?") : t("what is it?"));
    this.element.hidden = false;
    if (!this.element.isConnected) this.stage.element.append(this.element);
    this.#place();
    requestAnimationFrame(() => this.id === id && this.input.focus({ preventScroll: true }));
  }

  close() {
    if (this.element.hidden) return;
    this.element.hidden = true;
    this.id = null;
    this.typing.settleCaption();
  }

  /** Enter: keep the caption and arm the next colour. */
  #next() {
    this.close();
    this.document.select(null);
    this.stage.focus();
  }

  #place() {
    const outline = this.id && this.document.layers.outlines.get(this.id);
    if (!outline || !outline.anchor) return;
    const [x, y] = this.lens.toPane([outline.anchor.x, outline.box[3]]);
    const pane = this.stage.panes[0].element;
    this.element.style.left = `${Math.min(Math.max(x, HALF), Math.max(HALF, pane.clientWidth - HALF))}px`;
    this.element.style.top = `${Math.min(Math.max(y + 10, 8), pane.clientHeight - 48)}px`;
  }
}
