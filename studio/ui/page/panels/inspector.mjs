/** The selected region: its caption, its own gamma, and work on its shape. */

import { clamp } from "../core/clamp.mjs";
import { h, patch, toggle } from "./dom.mjs";
import { Ghost } from "./ghost.mjs";
import { icon } from "./icons.mjs";
import { LayerInspector } from "./layer_inspector.mjs";
import { StyleFields } from "./styles.mjs";
import { t } from "../words/words.mjs";

/** @import { Parts, Region } from "../types.mjs" */

const SHAPE_WORK = [
  ["grow", "grow", "Grow"],
  ["shrink", "shrink", "Shrink"],
  ["feather", "feather", "Smooth the edge"],
  ["fill_holes", "holes", "Fill holes"],
  ["invert", "invert", "Invert"],
];

export class Inspector {
  /** @param {Pick<Parts, "above" | "bus" | "document" | "editing" | "edits" | "fidelity" | "renders" | "server" | "stage" | "styles" | "suggestions" | "typing">} parts */
  constructor(parts) {
    this.parts = parts;
    this.chip = h("span.chip");
    this.title = h("span");
    this.caption = h("textarea", { rows: "2", maxlength: "2000", spellcheck: "false", placeholder: t("Say what this region shows: a red lantern, glowing"), "aria-label": t("Caption") });
    this.ghost = new Ghost(this.caption, parts.suggestions, () => parts.document.selected ?? undefined);
    this.words = h("div.words", { "aria-live": "polite" });
    this.own = h("button.btn.small.ghost", { onclick: () => this.#toggleGamma(), title: t("A gamma of its own for this region") }, icon("link", 14), h("span", {}, t("Own gamma")));
    this.gamma = h("input", { type: "range", min: "0.05", max: "1", step: "0.01", "aria-label": t("Gamma of this region") });
    this.number = h("input", { type: "number", min: "0.05", max: "1", step: "0.01", "aria-label": t("Gamma of this region, as a number") });
    this.gammaLabel = h("span.caption-label");
    this.gammaRow = h("div.row", {}, this.gammaLabel, this.gamma, this.number);
    this.gamma.classList.add("grow");
    this.work = this.#shapeWork();
    this.layer = new LayerInspector(parts);
    this.element = h("section.inspector", { "aria-label": t("Selected region") }, h("div.head", {}, this.chip, this.title, h("span.grow"), this.own), this.caption, this.words, this.gammaRow, new StyleFields(parts, "region").element, this.layer.element, this.work);
    this.#listen();
    this.update();
  }

  #shapeWork() {
    const { edits, fidelity } = this.parts;
    const howFar = t("How far to grow, shrink and smooth, in pixels");
    const pixels = h("input", { type: "number", min: "1", max: "64", step: "1", value: "2", title: howFar, "aria-label": howFar });
    /** @param {string} name @param {string} label @param {() => unknown} work */
    const act = (name, label, work) => h("button.btn.small.icon.ghost", { title: label, "aria-label": label, onclick: work }, icon(name, 15));
    return h(
      "div.row",
      {},
      ...SHAPE_WORK.map(([operation, name, label]) => act(name, t(label), () => edits.workShape(operation, clamp(Math.round(Number(pixels.value)) || 1, 1, 64)))),
      pixels,
      h("span.caption-label", {}, "px"),
      h("span.grow"),
      act("adopt", t("Adopt the shape found in the result"), () => fidelity.adopt()),
      act("copy", `${t("Duplicate")} (Ctrl+D)`, () => edits.duplicate()),
      act("trash", `${t("Delete")} (Del)`, () => edits.remove()),
    );
  }

  #listen() {
    const { bus, document, stage, typing } = this.parts;
    this.caption.addEventListener("input", () => typing.typeCaption(document.selected, this.caption.value));
    this.caption.addEventListener("change", () => typing.settleCaption());
    this.caption.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        typing.settleCaption();
        stage.focus();
      }
    });
    this.gamma.addEventListener("input", () => this.#setGamma(Number(this.gamma.value)));
    this.gamma.addEventListener("change", () => typing.settleGamma());
    this.number.addEventListener("change", () => {
      this.#setGamma(typing.gammaFrom(this.number.value));
      typing.settleGamma();
    });
    bus.onAny(["scene", "selection", "hints", "typing", "suggested"], () => this.update());
    bus.on("editGamma", () => this.number.select());
  }

  /** @param {number} value */
  #setGamma(value) {
    const { document, typing } = this.parts;
    if (document.selected) typing.setRegionGamma(document.selected, value);
  }

  #toggleGamma() {
    const { document, edits } = this.parts;
    const region = document.region(document.selected);
    if (region) edits.setRegion(region.id, { gamma: region.gamma === null ? document.sampling.gamma : null });
  }

  update() {
    const scene = this.parts.document;
    const region = scene.region(scene.selected);
    this.element.hidden = !region;
    if (!region) return;
    patch(this.chip, "textContent", String(scene.numberOf(region.id)));
    this.chip.style.background = scene.lookOf(region.id).colour;
    patch(this.title, "textContent", region.caption || t("Region {n}", { n: scene.numberOf(region.id) }));
    if (document.activeElement !== this.caption) patch(this.caption, "value", region.caption);
    this.ghost.update(this.parts.editing.isOn ? t("What it should be: a red lantern") : t("Say what this region shows: a red lantern, glowing"));
    this.#updateGamma(region);
    this.layer.update(region);
    for (const field of [this.caption, this.gamma, this.number, this.own]) patch(field, "disabled", region.locked);
    for (const button of this.work.querySelectorAll("button")) patch(button, "disabled", region.locked);
    const known = scene.confirmed.regions.find((one) => one.id === region.id);
    const notes = notesOf(this.parts.editing.isOn && known ? { ...known, tokens: undefined, caption_tokens: undefined } : known); // room for the layer; hints tell of captions that are cut
    patch(this.words, "textContent", notes);
    patch(this.words, "hidden", !notes);
  }

  /** In a photo every region shows how closely it keeps to its shape. @param {Region} region */
  #updateGamma(region) {
    const { document: scene, editing } = this.parts;
    const isOwn = region.gamma !== null && region.gamma !== undefined;
    const gamma = scene.gammaOf(region.id);
    toggle(this.own, "aria-pressed", isOwn);
    this.own.hidden = editing.isOn;
    this.gammaRow.hidden = !isOwn && !editing.isOn;
    patch(this.gammaLabel, "textContent", editing.isOn ? t("Shape") : "γ");
    this.gammaLabel.classList.toggle("wide", editing.isOn);
    this.gammaRow.title = editing.isOn ? t("How closely the change keeps to this shape (gamma): 1 is exact, less is freer") : "";
    if (document.activeElement !== this.gamma) patch(this.gamma, "value", String(gamma));
    if (document.activeElement !== this.number) patch(this.number, "value", gamma.toFixed(2));
  }
}

/** How the server reads the region. @param {Region | undefined} region */
function notesOf(region) {
  if (!region) return "";
  const parts = [];
  if (region.caption_tokens) parts.push(t("{a} of {b} caption tokens", { a: region.caption_tokens, b: region.caption_limit ?? "" }));
  if (region.tokens !== undefined) parts.push(t("{n} picture tokens", { n: region.tokens }));
  if (region.unknown_words?.length) parts.push(t("unknown: {words}", { words: region.unknown_words.join(", ") }));
  return parts.join(" · ");
}
