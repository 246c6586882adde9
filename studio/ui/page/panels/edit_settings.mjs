/** How a photo is edited, for all regions together: how much may change, how it blends, what the model sees. */

import { clamp } from "../core/clamp.mjs";
import { fill, h, patch } from "./dom.mjs";
import { wholeOrNone } from "./layer_inspector.mjs";
import { t } from "../words/words.mjs";

/** @import { ContextChoice } from "../photo_types.mjs" */
/** @import { Parts } from "../types.mjs" */

/** @typedef {Pick<Parts, "bus" | "context" | "document" | "editing" | "typing">} SettingsParts */

const LEAST = 5; // percent of change

export class EditSettings {
  /** @param {SettingsParts} parts */
  constructor(parts) {
    this.parts = parts;
    this.slider = h("input.grow", { type: "range", min: LEAST, max: "100", step: "1", "aria-label": t("How much may change") });
    this.number = h("input", { type: "number", min: LEAST, max: "100", step: "1", "aria-label": t("How much may change, in percent") });
    this.feather = h("input", { type: "number", min: "0", max: "4096", step: "1", placeholder: t("auto"), "aria-label": t("Soft edge, in pixels of the photo") });
    this.match = this.#checkbox("match_colours");
    this.matched = h("input", { type: "number", min: "1", max: "100", step: "1", "aria-label": t("Match colours, in percent") });
    this.fill = this.#checkbox("fill");
    this.context = h("select", { "aria-label": t("What the model sees") });
    this.join = h("button.btn.small", { onclick: () => parts.context.join() }, t("One box for all"));
    this.subject = h("select", { "aria-label": t("Keep the subject") });
    this.shadow = h("input", { type: "number", min: "0", max: "100", step: "5", "aria-label": t("Contact shadow, in percent") });
    this.shadowField = this.#field(t("Contact shadow"), t("How dark the new ground becomes where the subject stands. The subject itself keeps its pixels."), this.shadow, h("span.unit", {}, "%"));
    this.element = h("div.edit-settings", {}, ...this.#blend());
    this.more = h("div.edit-settings", {}, ...this.#advanced()); // folded away
    this.#listen();
    parts.bus.onAny(["scene", "editing", "typing", "context", "selection"], () => this.update());
    this.update();
  }

  #blend() {
    return [
      h("span.all", {}, t("For all regions")),
      h("div.row", { title: t("100 %: made anew from the caption. Less keeps more of what is there now: its colours, its light, its shapes.") }, h("span.caption-label.wide", {}, t("Change")), this.slider, this.number, h("span.unit", {}, "%")),
      h(
        "div.row",
        {},
        h("span.row", { title: t("How far a change fades into the photo, measured inwards from the region's edge. Nothing outside a region ever changes.") }, h("span.caption-label.wide", {}, t("Soft edge")), this.feather, h("span.unit", {}, "px")),
        h("span.grow"),
        h("label.check", { title: t("The change takes on the light and colours of the photo at its edge, so that no seam shows.") }, this.match, t("Match colours")),
        this.matched,
        h("span.unit", {}, "%"),
      ),
    ];
  }

  #advanced() {
    return [
      this.#field(t("Model sees"), t("The part of the photo that is shown to the model: the less, the finer its detail; the more, the better it knows the scene."), this.join, this.context),
      this.#field(t("Keep the subject"), t("This region stays exactly as it is, and everything around it is made anew from the scene's caption."), this.subject),
      this.shadowField,
      h("label.check", { title: t("Begins with the surroundings continued into the region, instead of with what is there now. Good for removing things.") }, this.fill, t("Start from the surroundings")),
    ];
  }

  /** @param {string} label @param {string} tip @param {HTMLElement[]} inputs */
  #field(label, tip, ...inputs) {
    return h("div.field", { title: tip }, h("label", {}, label), h("span.grow"), ...inputs);
  }

  /** @param {"match_colours" | "fill"} name */
  #checkbox(name) {
    const input = h("input", { type: "checkbox" });
    input.addEventListener("change", () => this.parts.editing.set({ [name]: input.checked }));
    return input;
  }

  #listen() {
    const { editing, typing } = this.parts;
    /** @param {string} text */
    const slide = (text) => typing.slideStrength(clamp(Number(text) || 100, LEAST, 100) / 100);
    this.slider.addEventListener("input", () => slide(this.slider.value));
    this.slider.addEventListener("change", () => typing.settleGamma());
    this.number.addEventListener("change", () => {
      slide(this.number.value);
      typing.settleGamma();
    });
    this.feather.addEventListener("change", () => editing.set({ feather: wholeOrNone(this.feather.value, 4096) }));
    this.matched.addEventListener("change", () => {
      const share = clamp(Number(this.matched.value) || 100, 1, 100) / 100;
      editing.set({ match_colours: share === 1 ? true : share });
    });
    this.context.addEventListener("change", () => this.#chooseContext(this.context.value));
    this.shadow.addEventListener("change", () => editing.set({ contact_shadow: clamp(Number(this.shadow.value) || 0, 0, 100) / 100 }));
    this.subject.addEventListener("change", () => editing.keepSubject(this.subject.value || null));
  }

  /** @param {string} value */
  #chooseContext(value) {
    const { context, editing } = this.parts;
    if (value === "hand") context.join();
    else editing.setContext(value === "auto" ? null : /** @type {ContextChoice} */ (value));
  }

  update() {
    const { context, editing } = this.parts;
    this.element.hidden = this.more.hidden = !editing.isOn;
    if (!editing.isOn) return;
    const { strength, feather, match_colours: match, fill: fills } = editing.settings;
    const percent = String(Math.round(100 * strength));
    if (document.activeElement !== this.slider) patch(this.slider, "value", percent);
    if (document.activeElement !== this.number) patch(this.number, "value", percent);
    if (document.activeElement !== this.feather) patch(this.feather, "value", String(feather ?? ""));
    patch(this.match, "checked", match !== false && match !== 0);
    this.matched.disabled = !this.match.checked;
    if (document.activeElement !== this.matched) patch(this.matched, "value", this.match.checked ? String(Math.round(100 * Number(match))) : "");
    patch(this.fill, "checked", fills);
    this.join.hidden = context.boxes.length < 2;
    this.#showChoices();
  }

  #showChoices() {
    const { document: scene, editing } = this.parts;
    const { contact_shadow: shadow, context, subject } = editing.settings;
    const ways = [["auto", t("automatic")], ["region", t("close around")], ["whole", t("the whole photo")], ["hand", t("a box by hand")]];
    choices(this.context, ways, context === null ? "auto" : typeof context === "string" ? context : "hand");
    const regions = scene.scene.regions.map((region) => [region.id, `${scene.numberOf(region.id)} ${region.caption}`.trim()]);
    choices(this.subject, [["", t("none")], ...regions], subject ?? "");
    this.shadowField.hidden = subject === null;
    if (document.activeElement !== this.shadow) patch(this.shadow, "value", String(Math.round(100 * Number(shadow))));
  }
}

/** @param {HTMLSelectElement} select @param {string[][]} values and their labels @param {string} chosen */
function choices(select, values, chosen) {
  const key = JSON.stringify(values);
  if (select.dataset.key !== key) {
    select.dataset.key = key;
    fill(select, ...values.map(([value, label]) => h("option", { value }, label)));
  }
  patch(select, "value", chosen);
}
