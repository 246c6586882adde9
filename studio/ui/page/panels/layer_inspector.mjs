/** The selected region of a photo: opacity, strength, seed and soft edge of its own. */

import { clamp } from "../core/clamp.mjs";
import { h, patch, toggle } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { t } from "../words/words.mjs";

/** @import { Parts, Region } from "../types.mjs" */

/** @typedef {Pick<Parts, "above" | "bus" | "document" | "editing" | "edits" | "renders" | "suggestions" | "typing">} LayerParts */
/** @typedef {{ slider: HTMLInputElement, number: HTMLInputElement }} Slider */

export class LayerInspector {
  /** @param {LayerParts} parts */
  constructor(parts) {
    this.parts = parts;
    const { document, editing, renders } = parts;
    this.opacity = this.#slider("opacity", t("Opacity of what was made"), 0);
    this.strength = this.#slider("strength", t("How much of this region may change"), 5);
    this.own = h("button.btn.small.icon.ghost", { onclick: () => this.#freeStrength() }, icon("link", 14));
    this.seed = h("input.seed", { type: "number", min: "0", step: "1", placeholder: t("auto"), "aria-label": t("Seed of this region") });
    this.feather = h("input", { type: "number", min: "0", max: "4096", step: "1", "aria-label": t("Soft edge of this region, in pixels of the photo") });
    this.dice = action("dice", t("Roll again"), t("Roll this region again; the others stay (A)"), () => renders.reroll(document.selected));
    this.remove = action("erase", t("Remove"), t("Remove it from the photo: its surroundings take its place"), () => renders.removeThing(document.selected));
    this.keep = action("subject", t("Keep"), t("Keep it, change everything else"), () => this.#keep());
    this.world = h("button.btn.small", { "aria-haspopup": "menu", title: t("Three captions for what could be around it; the one you take becomes the scene's caption"), onclick: () => this.#suggestWorld() }, icon("globe", 15), t("Suggest a world"));
    this.seed.addEventListener("change", () => this.#set({ seed: wholeOrNone(this.seed.value, 2 ** 53) }));
    this.feather.addEventListener("change", () => this.#set({ feather: wholeOrNone(this.feather.value, 4096) }));
    this.opacityRow = row(t("Opacity"), t("How strongly the change lies over the photo"), this.opacity.slider, this.opacity.number, unit("%"));
    this.element = h(
      "div.layer-fields",
      {},
      this.opacityRow,
      row(t("Change"), t("100 %: made anew from the caption. Less keeps more of what is there now."), this.strength.slider, this.strength.number, unit("%"), this.own),
      row(t("Soft edge"), t("How far it fades into the photo, measured inwards. Nothing outside the region changes."), this.feather, unit("px"), h("span.grow"), h("span.caption-label", {}, t("Seed")), this.seed),
      h("div.row.actions", {}, this.dice, this.remove, this.keep),
      this.world,
    );
    this.editing = editing;
  }

  /** @param {"opacity" | "strength"} name @param {string} label @param {number} least percent @returns {Slider} */
  #slider(name, label, least) {
    const { document, typing } = this.parts;
    const slider = h("input.grow", { type: "range", min: least, max: "100", step: "1", "aria-label": label });
    const number = h("input", { type: "number", min: least, max: "100", step: "1", "aria-label": `${label}, %` });
    /** @param {string} text */
    const slide = (text) => {
      const { selected } = document;
      if (!selected) return;
      typing.slideRegion(selected, name, clamp(Number(text) || 0, least, 100) / 100);
      this.parts.bus.emit("scene");
    };
    slider.addEventListener("input", () => slide(slider.value));
    slider.addEventListener("change", () => typing.settleGamma());
    number.addEventListener("change", () => {
      slide(number.value);
      typing.settleGamma();
    });
    return { slider, number };
  }

  /** @param {Parameters<Parts["edits"]["setRegion"]>[1]} values */
  #set(values) {
    const { document, edits } = this.parts;
    if (document.selected) edits.setRegion(document.selected, values);
  }

  /** Its own strength goes, the whole edit's holds again. */
  #freeStrength() {
    const { document } = this.parts;
    const region = document.region(document.selected);
    if (region) this.#set({ strength: typeof region.strength === "number" ? null : this.editing.settings.strength });
  }

  /** The selected region becomes the subject, or no longer is. */
  #keep() {
    const { selected } = this.parts.document;
    this.editing.keepSubject(this.editing.settings.subject === selected ? null : selected);
  }

  #suggestWorld() {
    const { above, document, suggestions } = this.parts;
    const { selected } = document;
    if (!selected) return;
    suggestions.askWorlds(selected, (worlds) => above.menu(this.world, worlds.map((world) => ({ icon: "globe", label: world, work: () => suggestions.acceptWorld(world) }))));
  }

  /** @param {Region} region */
  update(region) {
    const { editing } = this;
    this.element.hidden = !editing.isOn;
    if (!editing.isOn) return;
    const isOwn = typeof region.strength === "number";
    this.opacityRow.hidden = !editing.isMade(region.id);
    show(this.opacity, editing.opacityOf(region.id));
    show(this.strength, region.strength ?? editing.settings.strength);
    toggle(this.own, "aria-pressed", isOwn);
    const tip = isOwn ? t("This region has its own; click to follow the whole edit again") : t("As for the whole edit; drag or click to give this region its own");
    this.own.title = tip;
    this.own.setAttribute("aria-label", tip);
    if (document.activeElement !== this.seed) patch(this.seed, "value", String(region.seed ?? ""));
    const made = editing.layerOf(region.id)?.seed ?? null;
    patch(this.seed, "placeholder", made === null ? t("auto") : String(made));
    if (document.activeElement !== this.feather) patch(this.feather, "value", String(region.feather ?? ""));
    patch(this.feather, "placeholder", String(editing.settings.feather ?? t("auto")));
    const isSubject = editing.settings.subject === region.id;
    for (const button of [this.dice, this.remove]) patch(button, "disabled", region.locked || !region.visible || isSubject);
    toggle(this.keep, "aria-pressed", isSubject);
    this.world.hidden = !isSubject;
  }
}

/** A typed number; nothing is none. @param {string} text @param {number} most */
export function wholeOrNone(text, most) {
  const value = Number(text);
  return text.trim() === "" || !Number.isFinite(value) ? null : clamp(Math.round(value), 0, most);
}

/** @param {Slider} slider @param {number} value */
function show({ slider, number }, value) {
  const percent = String(Math.round(100 * value));
  if (document.activeElement !== slider) patch(slider, "value", percent);
  if (document.activeElement !== number) patch(number, "value", percent);
}

/** @param {string} name an icon's @param {string} label @param {string} tip @param {() => unknown} work */
const action = (name, label, tip, work) => h("button.btn.small.grow", { title: tip, onclick: work }, icon(name, 15), label);

/** @param {string} text */
const unit = (text) => h("span.unit", {}, text);

/** @param {string} label @param {string} tip @param {HTMLElement[]} inputs */
function row(label, tip, ...inputs) {
  return h("div.row", { title: tip }, h("span.caption-label.wide", {}, label), ...inputs);
}
