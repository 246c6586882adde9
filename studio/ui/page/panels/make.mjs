/** Making the picture: the big button, its settings, its progress. */

import { EditSettings } from "./edit_settings.mjs";
import { h, patch, toggle } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { StyleFields } from "./styles.mjs";
import { t } from "../words/words.mjs";

/** @import { Parts, Quality } from "../types.mjs" */

/** @typedef {"seed" | "count" | "steps" | "guidance" | "true_cfg"} Field */

/** @type {Record<Field, { min: number, max: number, step: number }>} */
const RANGES = {
  seed: { min: 0, max: 2 ** 53, step: 1 },
  count: { min: 1, max: 8, step: 1 },
  steps: { min: 1, max: 1000, step: 1 },
  guidance: { min: 0, max: 100, step: 0.1 },
  true_cfg: { min: 0, max: 100, step: 0.1 },
};
const TRIES = 4; // drafts of a search for a good one
const FIELDS = /** @type {Field[]} */ (Object.keys(RANGES));

export class MakePanel {
  /** @param {Pick<Parts, "above" | "bus" | "context" | "document" | "editing" | "edits" | "jobs" | "machine" | "renders" | "server" | "styles" | "typing" | "view">} parts */
  constructor(parts) {
    this.parts = parts;
    const { bus, edits, jobs, renders, view } = parts;
    this.quality = this.#qualities();
    this.fields = { seed: this.#number("seed"), count: this.#number("count"), steps: this.#number("steps"), guidance: this.#number("guidance"), true_cfg: this.#number("true_cfg") };
    this.fields.seed.style.width = "96px";
    this.fields.count.style.width = "40px";
    this.dice = h("button.btn.small.icon.ghost", { title: t("Roll a new seed"), "aria-label": t("Roll a new seed"), onclick: () => edits.rollSeed() }, icon("dice", 15));
    this.lock = h("button.btn.small.icon.ghost", { onclick: () => view.toggleSeedLock() }, icon("lock", 14));
    this.negative = h("input", { type: "text", "aria-label": t("Negative caption"), placeholder: t("what to keep out") });
    this.negative.addEventListener("change", () => edits.setSampling({ negative_caption: this.negative.value || null }));
    this.bar = h("span.bar");
    this.verb = h("span");
    this.keys = h("kbd");
    this.step = h("small");
    this.button = h("button.btn.primary.generate", { onclick: () => (jobs.told ? jobs.cancel() : renders.render()) }, this.verb, this.keys, this.step, this.bar);
    this.photo = new EditSettings(parts);
    this.find = h("button.btn.small.find", { title: t("{n} drafts with other seeds are measured; the best two are made in full, and all stay in the history", { n: TRIES }), onclick: () => renders.findGood(TRIES) }, icon("cards", 15), t("Find a good one"));
    this.element = h(
      "section.make",
      { "aria-label": t("Make the picture") },
      h("div.row", {}, this.quality, h("span.grow"), h("span.caption-label", {}, t("Count")), this.fields.count),
      h("div.row", {}, h("span.caption-label", {}, t("Seed")), this.fields.seed, this.dice, this.lock, h("span.grow")),
      this.photo.element,
      new StyleFields(parts, "picture").element,
      this.#more(),
      this.button,
      this.find,
    );
    bus.onAny(["sampling", "scene", "job", "size", "device", "typing", "editing"], () => this.update());
    this.update();
  }

  #qualities() {
    /** @param {Quality} quality @param {string} label @param {string} title */
    const radio = (quality, label, title) =>
      h("button.btn", { role: "radio", title, "data-quality": quality, onclick: () => this.parts.view.setQuality(quality) }, label);
    return h("div.seg", { role: "radiogroup", "aria-label": t("Quality") }, radio("draft", t("Draft"), t("Half size, few steps")), radio("final", t("Final"), t("Full size, all steps")));
  }

  #more() {
    /** @param {string} label @param {HTMLElement[]} inputs */
    const field = (label, ...inputs) => h("div.field", {}, h("label", {}, label), h("span.grow"), ...inputs);
    const { steps, guidance, true_cfg: trueCfg } = this.fields;
    this.negative.classList.add("grow");
    return h(
      "details",
      {},
      h("summary", {}, t("More settings"), icon("chevron", 14)),
      h("div", {}, this.photo.more, field(t("Steps"), steps), field(t("Guidance"), guidance), field(t("CFG scale"), trueCfg), h("div.field", {}, h("label", {}, t("Negative")), this.negative)),
    );
  }

  /** @param {Field} name */
  #number(name) {
    const input = h("input", { type: "number", ...RANGES[name], "aria-label": t(name) });
    input.addEventListener("change", () => {
      const value = input.value === "" ? null : Number(input.value);
      this.parts.edits.setSampling({ [name]: value });
    });
    return input;
  }

  /** What the button does. */
  #verb() {
    const { document, machine, view } = this.parts;
    if (machine.isLoading && !machine.status.error) return t("loading the model…");
    const { editing } = this.parts;
    const what = editing.isOn ? editing.verb(view.quality) : view.quality === "draft" ? t("Draft") : t("Generate");
    return document.sampling.count > 1 ? `${what} × ${document.sampling.count}` : what;
  }

  update() {
    const { document: scene, jobs, renders, view } = this.parts;
    for (const button of this.quality.querySelectorAll("button")) toggle(button, "aria-checked", button.dataset.quality === view.quality);
    for (const name of FIELDS) this.#updateField(name);
    if (document.activeElement !== this.negative) patch(this.negative, "value", scene.sampling.negative_caption ?? "");
    toggle(this.lock, "aria-pressed", view.isSeedLocked);
    this.lock.title = view.isSeedLocked ? t("The seed stays; click to roll it for each picture") : t("The seed is rolled for each picture; click to keep it");
    this.lock.setAttribute("aria-label", this.lock.title);
    const job = jobs.told;
    this.button.classList.toggle("danger", Boolean(job));
    this.button.classList.toggle("primary", !job);
    patch(this.verb, "textContent", job ? t("Cancel") : this.#verb());
    patch(this.step, "textContent", job ? jobs.progressText() || jobs.text() : "");
    patch(this.keys, "textContent", job ? "Esc" : "Ctrl ↵");
    this.keys.hidden = !job && !renders.canRender();
    this.bar.style.width = job ? `${Math.round(100 * jobs.progress)}%` : "0";
    patch(this.button, "disabled", !job && !renders.canRender());
    this.find.hidden = !this.parts.editing.isOn;
    patch(this.find, "disabled", Boolean(job) || !renders.canRender());
  }

  /** Its value, or what the model advises. @param {Field} name */
  #updateField(name) {
    const { document: scene, machine } = this.parts;
    const input = this.fields[name];
    if (document.activeElement !== input) patch(input, "value", String(scene.sampling[name] ?? ""));
    const advice = machine.recommended[name] ?? null;
    if (advice !== null) patch(input, "placeholder", String(advice));
  }
}
