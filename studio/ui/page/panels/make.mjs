/** Making the picture: the big button, its settings, its progress. */

import { h, patch, toggle } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { t } from "../words/words.mjs";

export class MakePanel {
  constructor(app) {
    this.app = app;
    const radio = (quality, label, title) =>
      h("button.btn", { role: "radio", title, "data-quality": quality, onclick: () => app.setQuality(quality) }, label);
    this.quality = h("div.seg", { role: "radiogroup", "aria-label": t("Quality") }, radio("draft", t("Draft"), t("Half size, few steps")), radio("final", t("Final"), t("Full size, all steps")));
    this.seed = this.#number("seed", { min: 0, max: 2 ** 53, step: 1 });
    this.seed.style.width = "96px";
    this.dice = h("button.btn.small.icon.ghost", { title: t("Roll a new seed"), "aria-label": t("Roll a new seed"), onclick: () => app.rollSeed() }, icon("dice", 15));
    this.lock = h("button.btn.small.icon.ghost", { onclick: () => app.toggleSeedLock() }, icon("lock", 14));
    this.count = this.#number("count", { min: 1, max: 8, step: 1 });
    this.count.style.width = "40px";
    this.steps = this.#number("steps", { min: 1, max: 1000, step: 1 });
    this.guidance = this.#number("guidance", { min: 0, max: 100, step: 0.1 });
    this.trueCfg = this.#number("true_cfg", { min: 0, max: 100, step: 0.1 });
    this.negative = h("input", { type: "text", "aria-label": t("Negative caption"), placeholder: t("what to keep out") });
    this.negative.addEventListener("change", () => app.setSampling({ negative_caption: this.negative.value || null }));
    this.bar = h("span.bar");
    this.verb = h("span");
    this.keys = h("kbd");
    this.step = h("small");
    this.button = h("button.btn.primary.generate", { onclick: () => (app.toldJob ? app.cancel() : app.render()) }, this.verb, this.keys, this.step, this.bar);
    const field = (label, ...inputs) => h("div.field", {}, h("label", {}, label), h("span.grow"), ...inputs);
    this.more = h(
      "details",
      {},
      h("summary", {}, t("More settings"), icon("chevron", 14)),
      h("div", {}, field(t("Steps"), this.steps), field(t("Guidance"), this.guidance), field(t("CFG scale"), this.trueCfg), h("div.field", {}, h("label", {}, t("Negative")), this.negative)),
    );
    this.negative.classList.add("grow");
    this.element = h(
      "section.make",
      { "aria-label": t("Make the picture") },
      h("div.row", {}, this.quality, h("span.grow"), h("span.caption-label", {}, t("Count")), this.count),
      h("div.row", {}, h("span.caption-label", {}, t("Seed")), this.seed, this.dice, this.lock, h("span.grow")),
      this.more,
      this.button,
    );
    app.on("sampling scene job size device typing", () => this.update());
    this.update();
  }

  #number(name, range) {
    const input = h("input", { type: "number", ...range, "aria-label": t(name) });
    input.addEventListener("change", () => {
      const value = input.value === "" ? null : Number(input.value);
      this.app.setSampling({ [name]: value });
    });
    return input;
  }

  update() {
    const { app } = this;
    const { sampling, toldJob: job } = app;
    for (const button of this.quality.children) toggle(button, "aria-checked", button.dataset.quality === app.quality);
    const fields = { seed: this.seed, count: this.count, steps: this.steps, guidance: this.guidance, true_cfg: this.trueCfg };
    for (const [name, input] of Object.entries(fields)) {
      if (document.activeElement !== input) patch(input, "value", sampling[name] === null || sampling[name] === undefined ? "" : String(sampling[name]));
      const advice = app.recommended[name];
      if (advice !== undefined && advice !== null) patch(input, "placeholder", String(advice));
    }
    if (document.activeElement !== this.negative) patch(this.negative, "value", sampling.negative_caption ?? "");
    toggle(this.lock, "aria-pressed", app.isSeedLocked);
    this.lock.title = app.isSeedLocked ? t("The seed stays; click to roll it for each picture") : t("The seed is rolled for each picture; click to keep it");
    this.lock.setAttribute("aria-label", this.lock.title);
    this.button.classList.toggle("danger", Boolean(job));
    this.button.classList.toggle("primary", !job);
    patch(this.verb, "textContent", job ? t("Cancel") : app.verb());
    patch(this.step, "textContent", job ? app.progressText() || app.jobText() : "");
    patch(this.keys, "textContent", job ? "Esc" : "Ctrl ↵");
    this.bar.style.width = job ? `${Math.round(100 * app.progress)}%` : "0";
    patch(this.button, "disabled", !job && !app.canRender());
  }
}
