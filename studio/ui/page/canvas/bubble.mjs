/** The caption box that opens on the canvas where a region was drawn. Enter goes on to the next. */

import { h, patch } from "../panels/dom.mjs";
import { t } from "../words/words.mjs";

export class Bubble {
  constructor(app) {
    this.app = app;
    this.chip = h("span.chip");
    this.input = h("input", { type: "text", maxlength: "2000", spellcheck: "false", placeholder: t("what is it?"), "aria-label": t("Caption of the new region") });
    this.element = h("form.bubble", { hidden: true }, this.chip, this.input, h("span.go", {}, "↵"));
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#next();
    });
    this.input.addEventListener("input", () => app.typeCaption(this.id, this.input.value));
    this.input.addEventListener("blur", () => this.close());
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        this.close();
        app.stage.panes[0].live.focus();
      }
    });
    app.on("moved", () => this.#place());
    app.on("scene", () => this.id && !app.region(this.id) && this.close());
  }

  open(id) {
    const { app } = this;
    this.id = id;
    patch(this.chip, "textContent", String(app.numberOf(id)));
    this.chip.style.background = app.lookOf(id).colour;
    this.input.value = app.region(id).caption;
    this.element.hidden = false;
    if (!this.element.isConnected) app.stage.element.append(this.element);
    this.#place();
    requestAnimationFrame(() => this.id === id && this.input.focus({ preventScroll: true }));
  }

  close() {
    if (this.element.hidden) return;
    this.element.hidden = true;
    this.id = null;
    this.app.settleCaption();
  }

  /** Enter: keep the caption and arm the next colour. */
  #next() {
    this.close();
    this.app.select(null);
    this.app.stage.panes[0].live.focus();
  }

  #place() {
    const { app } = this;
    const outline = this.id && app.layers.outlines.get(this.id);
    if (!outline?.anchor) return;
    const { view } = app.stage;
    const pane = app.stage.panes[0].element;
    const half = 150;
    const x = outline.anchor.x * view.scale + view.x;
    const y = outline.box[3] * view.scale + view.y + 10;
    this.element.style.left = `${Math.min(Math.max(x, half), Math.max(half, pane.clientWidth - half))}px`;
    this.element.style.top = `${Math.min(Math.max(y, 8), pane.clientHeight - 48)}px`;
  }
}
