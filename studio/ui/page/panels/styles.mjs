/** The styles of the whole picture or of a region: chosen with their pictures, each with its strength. */

import { clamp } from "../core/clamp.mjs";
import { fill, h, patch } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { faultOf } from "../model/styles.mjs";
import { t } from "../words/words.mjs";

/** @import { Parts, StyleChoice, WireStyle } from "../types.mjs" */

/** @typedef {Pick<Parts, "above" | "bus" | "document" | "server" | "styles">} StyleParts */

const STRONGEST = 2;
const SHOWN_WORDS = 3;

export class StyleFields {
  #key = "";

  /** @param {StyleParts} parts @param {"picture" | "region"} of */
  constructor(parts, of) {
    this.parts = parts;
    this.of = of;
    const title = of === "picture" ? t("A style (LoRA) for the whole picture") : t("A style (LoRA) for this region alone");
    this.add = h("button.btn.small.ghost", { title, onclick: () => this.#choose() }, icon("plus", 14), h("span", {}, t("Style")));
    this.rows = h("div.styles");
    this.grid = h("div.style-grid"); // on the sheet, while it is open
    this.close = () => {};
    this.element = h("div.style-fields", { "aria-label": title, role: "group" }, this.rows, this.add);
    parts.bus.onAny(["sampling", "scene", "selection", "styles", "hints"], () => this.update());
    parts.bus.on("styles", () => this.grid.isConnected && this.#showCards());
    this.update();
  }

  /** null is the whole picture. */
  get region() {
    return this.of === "picture" ? null : this.parts.document.selected;
  }

  update() {
    const { document, styles } = this.parts;
    const isNobody = this.of === "region" && !document.selected;
    const chosen = isNobody ? [] : styles.of(this.region);
    this.add.hidden = isNobody || !styles.hasRoom(this.region);
    this.add.disabled = Boolean(document.region(this.region)?.locked);
    const key = JSON.stringify([this.region, chosen, styles.list.map((one) => one.digest), chosen.map((one) => styles.isMissing(one)), this.add.disabled]);
    if (key === this.#key) return;
    this.#key = key;
    fill(this.rows, ...chosen.map((style) => this.#row(style)));
    if (chosen.some((style) => !styles.known(style)) && !styles.list.length) void styles.load();
  }

  /** @param {StyleChoice} style */
  #row(style) {
    const { styles } = this.parts;
    const known = styles.known(style);
    const name = known?.title ?? style.name ?? "";
    const label = t("Strength of {name}", { name });
    const number = h("input", { type: "number", min: -STRONGEST, max: STRONGEST, step: "0.05", value: style.strength.toFixed(2), disabled: this.add.disabled, "aria-label": t("{what}, as a number", { what: label }) });
    const slider = h("input.grow", { type: "range", min: -STRONGEST, max: STRONGEST, step: "0.05", value: String(style.strength), disabled: this.add.disabled, "aria-label": label });
    /** @param {string} text */
    const settle = (text) => {
      const strength = Math.round(100 * clamp(Number(text) || 0, -STRONGEST, STRONGEST)) / 100;
      if (strength !== style.strength) styles.put(this.region, { ...style, strength });
    };
    slider.addEventListener("input", () => patch(number, "value", Number(slider.value).toFixed(2)));
    slider.addEventListener("change", () => settle(slider.value));
    number.addEventListener("change", () => settle(number.value));
    const missing = styles.isMissing(style) ? h("small.missing", { title: t("Its file is not in weights/styles; put it there, or take the style off.") }, icon("warn", 12), t("file missing")) : null;
    const off = h("button.btn.small.icon.ghost", { title: t("Take the style off"), "aria-label": t("Take {name} off", { name }), disabled: this.add.disabled, onclick: () => styles.drop(this.region, style) }, icon("close", 13));
    return h("div.style", {}, this.#picture(known), h("div.grow", {}, h("div.row", {}, h("span.name", { title: name }, name), missing, h("span.grow"), this.#words(known), off), h("div.row", {}, slider, number)));
  }

  /** @param {WireStyle | null} style */
  #picture(style) {
    if (!style?.picture) return h("span.thumb.none", { "aria-hidden": "true" }, icon("cards", 16));
    return h("img.thumb", { src: this.parts.server.url(style.picture), alt: "", loading: "lazy" });
  }

  /** @param {WireStyle | null} style */
  #words(style) {
    return (style?.words ?? []).slice(0, SHOWN_WORDS).map((word) =>
      h("button.btn.small.ghost.word", { title: t("Say “{word}” in the caption: this style listens to it", { word }), onclick: () => this.parts.styles.sayWord(this.region, word) }, word),
    );
  }

  async #choose() {
    const { above, styles } = this.parts;
    const input = h("input", { type: "file", accept: ".safetensors", hidden: true });
    input.addEventListener("change", () => input.files?.[0] && styles.add(input.files[0]));
    const upload = h("button.btn", { onclick: () => input.click() }, icon("upload", 15), t("Add a file…"));
    const note = h("p.dim", {}, t("A style is a LoRA file (.safetensors) made for this model. Files up to 50 MB can be added here and are shared by all who use this studio; put larger ones into weights/styles. A picture of the same name beside a file becomes its thumbnail."));
    this.close = above.sheet(this.of === "picture" ? t("A style for the whole picture") : t("A style for this region"), this.grid, h("div.row", {}, upload, input), note);
    await styles.load();
  }

  #showCards() {
    const { styles } = this.parts;
    const cards = styles.list.map((style) => this.#card(style));
    fill(this.grid, ...(cards.length ? cards : [h("p.dim", {}, t("There is no style yet."))]));
  }

  /** @param {WireStyle} style */
  #card(style) {
    const { styles } = this.parts;
    const isTaken = styles.of(this.region).some((one) => one.digest === style.digest);
    const work = () => {
      this.close();
      void styles.put(this.region, { digest: style.digest, name: style.name, strength: 1 });
    };
    const fault = faultOf(style);
    const words = style.words.slice(0, SHOWN_WORDS).join(", ");
    const more = [`${style.megabytes} MB`, style.licence].filter(Boolean).join(" · ");
    return h("button.style-card", { disabled: Boolean(fault) || isTaken, title: fault || style.name, onclick: work }, this.#picture(style), h("strong", {}, style.title), words ? h("span.words", {}, words) : null, h("small.dim", {}, fault || more));
  }
}
