/** The selected region: its caption, its own gamma, and work on its shape. */

import { clamp, h, patch, toggle } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { t } from "../words/words.mjs";

const SHAPE_WORK = [
  ["grow", "grow", "Grow"],
  ["shrink", "shrink", "Shrink"],
  ["feather", "feather", "Smooth the edge"],
  ["fill_holes", "holes", "Fill holes"],
  ["invert", "invert", "Invert"],
];

export class Inspector {
  constructor(app) {
    this.app = app;
    this.chip = h("span.chip");
    this.title = h("span");
    this.caption = h("textarea", { rows: "2", maxlength: "2000", spellcheck: "false", placeholder: t("Say what this region shows: a red lantern, glowing"), "aria-label": t("Caption") });
    this.words = h("div.words", { "aria-live": "polite" });
    this.own = h("button.btn.small.ghost", { onclick: () => this.#toggleGamma(), title: t("A gamma of its own for this region") }, icon("link", 14), h("span", {}, t("Own gamma")));
    this.gamma = h("input", { type: "range", min: "0.05", max: "1", step: "0.01", "aria-label": t("Gamma of this region") });
    this.number = h("input", { type: "number", min: "0.05", max: "1", step: "0.01", "aria-label": t("Gamma of this region, as a number") });
    this.gammaRow = h("div.row", {}, h("span.caption-label", {}, "γ"), this.gamma, this.number);
    this.gamma.classList.add("grow");
    const act = (name, label, work) => h("button.btn.small.icon.ghost", { title: label, "aria-label": label, onclick: work }, icon(name, 15));
    this.pixels = h("input", { type: "number", min: "1", max: "64", step: "1", value: "2", title: t("How far to grow, shrink and smooth, in pixels"), "aria-label": t("How far to grow, shrink and smooth, in pixels") });
    this.work = h(
      "div.row",
      {},
      ...SHAPE_WORK.map(([operation, name, label]) => act(name, t(label), () => app.workShape(operation, clamp(Math.round(Number(this.pixels.value)) || 1, 1, 64)))),
      this.pixels,
      h("span.caption-label", {}, "px"),
      h("span.grow"),
      act("adopt", t("Adopt the shape found in the result"), () => app.adopt()),
      act("copy", `${t("Duplicate")} (Ctrl+D)`, () => app.duplicate()),
      act("trash", `${t("Delete")} (Del)`, () => app.remove()),
    );
    this.element = h("section.inspector", { "aria-label": t("Selected region") }, h("div.head", {}, this.chip, this.title, h("span.grow"), this.own), this.caption, this.words, this.gammaRow, this.work);
    this.#listen();
    app.on("scene selection hints", () => this.update());
    app.on("editGamma", () => this.number.select());
    this.update();
  }

  #listen() {
    const { app } = this;
    this.caption.addEventListener("input", () => app.typeCaption(app.selected, this.caption.value));
    this.caption.addEventListener("change", () => app.settleCaption());
    this.caption.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        app.settleCaption();
        app.stage.panes[0].live.focus();
      }
    });
    this.gamma.addEventListener("input", () => app.setRegionGamma(app.selected, Number(this.gamma.value)));
    this.gamma.addEventListener("change", () => app.settleGamma());
    this.number.addEventListener("change", () => {
      app.setRegionGamma(app.selected, app.gammaFrom(this.number.value));
      app.settleGamma();
    });
  }

  #toggleGamma() {
    const { app } = this;
    const region = app.region(app.selected);
    app.setRegion(region.id, { gamma: region.gamma === null ? app.sampling.gamma : null });
  }

  update() {
    const { app } = this;
    const region = app.region(app.selected);
    this.element.hidden = !region;
    if (!region) return;
    patch(this.chip, "textContent", String(app.numberOf(region.id)));
    this.chip.style.background = app.lookOf(region.id).colour;
    patch(this.title, "textContent", region.caption || t("Region {n}", { n: app.numberOf(region.id) }));
    if (document.activeElement !== this.caption) patch(this.caption, "value", region.caption);
    const isOwn = region.gamma !== null && region.gamma !== undefined;
    toggle(this.own, "aria-pressed", isOwn);
    this.gammaRow.hidden = !isOwn;
    if (isOwn) {
      if (document.activeElement !== this.gamma) patch(this.gamma, "value", String(region.gamma));
      if (document.activeElement !== this.number) patch(this.number, "value", region.gamma.toFixed(2));
    }
    for (const field of [this.caption, this.gamma, this.number, this.own]) patch(field, "disabled", region.locked);
    for (const button of this.work.querySelectorAll("button")) patch(button, "disabled", region.locked);
    const notes = app.notesOf(region.id);
    patch(this.words, "textContent", notes);
    patch(this.words, "hidden", !notes);
  }
}
