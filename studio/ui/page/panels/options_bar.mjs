/** The options of the tool in hand, and how strongly the regions cover what is below them. */

import { clamp } from "../core/clamp.mjs";
import { fill, h, patch, toggle } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { t } from "../words/words.mjs";

/** @import { Mode, Parts } from "../types.mjs" */

const TURN = 15; // degrees

/** @param {number} size */
const toSlider = (size) => Math.round(50 * Math.log10(size));
/** @param {number} value */
const fromSlider = (value) => Math.round(10 ** (value / 50));

export class OptionsBar {
  /** @param {Pick<Parts, "bus" | "document" | "edits" | "toolbox" | "view">} parts */
  constructor({ bus, document, edits, toolbox, view }) {
    this.document = document;
    this.edits = edits;
    this.toolbox = toolbox;
    this.view = view;
    this.name = h("span.name");
    this.hint = h("span.hint");
    this.size = h("input", { type: "range", min: "0", max: "100", step: "1", "aria-label": t("Brush size") });
    this.sizeNumber = h("input", { type: "number", min: "1", max: "1024", "aria-label": t("Brush size in pixels") });
    this.sizes = h("div.row", {}, h("span.caption-label", {}, t("Size")), this.size, this.sizeNumber);
    this.modes = this.#modes();
    this.turns = this.#turns();
    this.opacity = h("input", { type: "range", min: "0", max: "1", step: "0.01", "aria-label": t("Overlay opacity"), style: { width: "82px" } });
    this.percent = h("input", { type: "number", min: "0", max: "100", step: "1", "aria-label": t("Overlay opacity in percent") });
    this.overlay = h("button.btn.ghost.icon.small", { onclick: () => view.toggleOverlay() });
    this.element = h("div.options", {}, this.name, this.sizes, this.modes, this.turns, this.hint, h("span.grow"), this.overlay, h("span.caption-label", {}, t("Overlay")), this.opacity, this.percent);
    this.#listen();
    bus.onAny(["tool", "options", "photo", "result", "selection", "scene"], () => this.update());
    this.update();
  }

  #modes() {
    /** @type {[Mode, string][]} */
    const modes = [["new", t("New")], ["add", t("Add")], ["subtract", t("Subtract")], ["intersect", t("Intersect")]];
    return h(
      "div.seg",
      { role: "radiogroup", "aria-label": t("What a new shape does") },
      ...modes.map(([id, label]) => h("button.btn", { role: "radio", "data-mode": id, onclick: () => this.view.setOption("mode", id) }, label)),
    );
  }

  /** Of the selected region. */
  #turns() {
    /** @param {string} name @param {string} label @param {{ degrees?: number, mirrored?: boolean }} how */
    const act = (name, label, how) => h("button.btn.small.icon", { title: label, "aria-label": label, onclick: () => this.edits.turn(how) }, icon(name, 15));
    return h("div.row", {}, act("mirror", t("Mirror"), { mirrored: true }), act("turnLeft", t("Turn left"), { degrees: -TURN }), act("turnRight", t("Turn right"), { degrees: TURN }));
  }

  #listen() {
    const { view } = this;
    this.size.addEventListener("input", () => view.setOption("size", fromSlider(Number(this.size.value))));
    this.sizeNumber.addEventListener("change", () => view.setOption("size", Math.max(1, Number(this.sizeNumber.value) || 1)));
    this.opacity.addEventListener("input", () => view.setOption("opacity", Number(this.opacity.value)));
    this.percent.addEventListener("change", () => view.setOption("opacity", clamp(Number(this.percent.value) || 0, 0, 100) / 100));
  }

  /** @param {boolean} isOn */
  #showOverlay(isOn) {
    toggle(this.overlay, "aria-pressed", isOn);
    const name = isOn ? "eye" : "eyeOff";
    if (this.overlay.dataset.icon !== name) fill(this.overlay, icon(name, 15)).dataset.icon = name;
    const label = `${isOn ? t("Hide the overlay") : t("Show the overlay")} (M)`;
    this.overlay.title = label;
    this.overlay.setAttribute("aria-label", label);
  }

  update() {
    const { tool } = this.toolbox;
    const { options } = this.view;
    patch(this.name, "textContent", tool.name);
    patch(this.hint, "textContent", tool.hint);
    patch(this.hint, "title", tool.hint);
    this.#showOverlay(options.overlay);
    this.sizes.hidden = !tool.ring;
    this.modes.hidden = !tool.modes;
    this.turns.hidden = tool.id !== "move";
    for (const button of this.turns.querySelectorAll("button")) patch(button, "disabled", !this.document.region(this.document.selected));
    patch(this.size, "value", String(toSlider(options.size)));
    if (document.activeElement !== this.sizeNumber) patch(this.sizeNumber, "value", String(Math.round(options.size)));
    patch(this.opacity, "value", String(options.opacity));
    if (document.activeElement !== this.percent) patch(this.percent, "value", String(Math.round(100 * options.opacity)));
    for (const button of this.modes.querySelectorAll("button")) toggle(button, "aria-checked", button.dataset.mode === options.mode);
  }
}
