/** Below the stage: gamma with its strip of drafts, the scene caption, and hints before a render. */

import { clamp } from "../core/clamp.mjs";
import { fill, h, patch, svg, toggle } from "./dom.mjs";
import { Ghost } from "./ghost.mjs";
import { icon } from "./icons.mjs";
import { scribble } from "./scribble.mjs";
import { heard, t } from "../words/words.mjs";

/** @import { Hint, Parts, Shot } from "../types.mjs" */

/** @typedef {Pick<Parts, "bus" | "above" | "document" | "editing" | "edits" | "estimate" | "menus" | "pictures" | "strips" | "typing" | "view" | "suggestions">} DockParts */

const LOW = 0.05;
const WISH = 0.8; // overlap that auto-gamma keeps, unless another is asked for
const SHOWN_HINTS = 2;

export class GammaDock {
  #done = svg("path", { class: "done" });
  #curve = svg("path", { class: "iou" });
  #trackSize = "";
  #stripKey = "";
  /** @type {HTMLElement[]} of the shots */
  #shots = [];

  /** @param {DockParts} parts */
  constructor(parts) {
    this.parts = parts;
    this.slider = h("input", { type: "range", min: String(LOW), max: "1", step: "0.01", "aria-label": t("Gamma: how closely the picture follows the shapes") });
    this.number = h("input", { type: "number", min: String(LOW), max: "1", step: "0.01", "aria-label": t("Gamma as a number") });
    this.track = svg("svg", { preserveAspectRatio: "none", "aria-hidden": "true" });
    this.strip = h("div.strip", { role: "group", "aria-label": t("Gamma strip: drafts with the same noise") });
    this.play = h("button.btn.small.icon", { onclick: () => parts.strips.play(), title: t("Play sweep"), "aria-label": t("Play sweep") }, icon("play", 14));
    this.share = h("button.btn.small.icon", { onclick: (event) => parts.menus.openStripExport(event.currentTarget), title: t("Export the strip"), "aria-label": t("Export the strip") }, icon("download", 14));
    this.overlap = h("span.overlap");
    this.wish = h("input.wish", { type: "number", min: "0.3", max: "1", step: "0.05", value: WISH.toFixed(2), "aria-label": t("Overlap that every shape should keep"), title: t("Overlap that every shape should keep") });
    this.caption = h("input", { type: "text", maxlength: "4000", placeholder: t("The whole picture in a sentence: rainy night market, cinematic"), "aria-label": t("Scene caption") });
    this.ghost = new Ghost(this.caption, parts.suggestions, () => null);
    this.hints = h("div.hints", { role: "status", "aria-label": t("Hints before rendering") });
    this.cost = h("span.cost", { title: t("What the next picture will cost, judged by the pace of earlier ones") });
    this.element = h("section.dock", { "aria-label": t("Gamma and scene") }, this.strip, this.#gamma(), h("div.scene-line", {}, h("span.caption-label", {}, t("Scene")), this.caption), h("div.lint", {}, this.hints, this.cost));
    this.#listen();
    this.update();
    this.#showStrip();
    this.#showHints();
  }

  #gamma() {
    const { strips } = this.parts;
    const auto = h("button.btn.small.auto", { onclick: () => strips.loosen(this.#wished()), title: t("Up to 4 drafts find the loosest gamma at which every shape keeps this overlap with what you drew") }, icon("fit", 14), h("span", {}, t("Loosest that keeps")));
    const make = h("button.btn.small", { onclick: () => strips.make(), title: t("Render drafts over gamma with the same noise, then scrub through them") }, icon("cards", 14), h("span", {}, t("Gamma strip")));
    return h(
      "div.gamma",
      {},
      h("span.title", {}, "γ", h("span", {}, t("Gamma"))),
      h("div.track", {}, this.track, this.slider),
      this.number,
      h("div.row", {}, auto, this.wish, make, this.play, this.share),
      h("div.ends", {}, h("span", {}, t("loose sketch")), this.overlap, h("span", {}, t("exact shape"))),
    );
  }

  #listen() {
    const { bus, strips, typing } = this.parts;
    this.slider.addEventListener("input", () => {
      strips.stop();
      typing.setGamma(Number(this.slider.value));
    });
    this.slider.addEventListener("change", () => strips.releaseGamma());
    this.number.addEventListener("change", () => {
      typing.setGamma(typing.gammaFrom(this.number.value));
      typing.settleGamma();
      this.update(true);
    });
    this.caption.addEventListener("input", () => typing.typeCaption(null, this.caption.value));
    this.caption.addEventListener("change", () => typing.settleCaption());
    new ResizeObserver(() => this.#drawTrack()).observe(this.track);
    bus.onAny(["sampling", "scene", "editing", "suggested", "typing"], () => this.update());
    bus.on("strip", () => this.#showStrip());
    bus.on("hints", () => this.#showHints());
  }

  /** What stands in the field, as far as it can be wished for. */
  #wished() {
    const wish = Math.round(100 * clamp(Number(this.wish.value) || WISH, 0.3, 1)) / 100;
    this.wish.value = wish.toFixed(2);
    return wish;
  }

  update(isForced = false) {
    const { sampling, scene } = this.parts.document;
    patch(this.slider, "value", String(sampling.gamma));
    if (isForced || document.activeElement !== this.number) patch(this.number, "value", sampling.gamma.toFixed(2));
    if (document.activeElement !== this.caption) patch(this.caption, "value", scene.caption ?? "");
    const isPhoto = this.parts.editing.isOn;
    this.ghost.update(isPhoto ? t("What the photo shows, in a sentence; the model knows the rest better then") : t("The whole picture in a sentence: rainy night market, cinematic"));
    this.#drawTrack();
  }

  /** The scribble up to gamma, and the measured overlap of the strip's drafts over it. */
  #drawTrack() {
    const width = this.track.clientWidth;
    const height = this.track.clientHeight;
    if (!width) return;
    /** @param {number} gamma */
    const across = (gamma) => ((gamma - LOW) / (1 - LOW)) * (width - 18) + 9;
    if (this.#trackSize !== `${width}x${height}`) {
      this.#trackSize = `${width}x${height}`;
      const d = scribble(width, height / 2);
      this.#done.setAttribute("d", d);
      this.track.replaceChildren(svg("path", { d }), this.#done, this.#curve);
    }
    this.#done.style.clipPath = `inset(-20px ${width - across(this.parts.document.sampling.gamma)}px -20px 0)`;
    const { strip } = this.parts.strips;
    const measured = (strip?.isStale ? [] : (strip?.shots ?? [])).flatMap(({ gamma, iou }) => (typeof iou === "number" ? [{ gamma, iou }] : []));
    const points = measured.map(({ gamma, iou }) => `${across(gamma).toFixed(1)},${(height - 2 - (height - 4) * iou).toFixed(1)}`);
    this.#curve.setAttribute("d", points.length > 1 ? `M${points.join("L")}` : "");
    const all = measured.map(({ iou }) => iou);
    const range = all.length > 1 ? t("overlap with your shapes {a} to {b}", { a: Math.min(...all).toFixed(2), b: Math.max(...all).toFixed(2) }) : "";
    const note = strip?.note && !strip.isStale ? heard(strip.note) : "";
    patch(this.overlap, "textContent", note || range);
    patch(this.overlap, "title", note);
  }

  #showStrip() {
    const { strip, isPlaying } = this.parts.strips;
    const shots = strip?.shots ?? [];
    this.strip.hidden = this.play.hidden = this.share.hidden = !shots.length;
    this.play.disabled = !strip?.done || strip.isStale;
    this.share.disabled = !strip?.done;
    const name = isPlaying ? "pause" : "play";
    if (this.play.dataset.icon !== name) fill(this.play, icon(name, 14)).dataset.icon = name;
    const key = JSON.stringify([strip?.id, shots.map((shot) => [shot.gamma, shot.url, shot.iou])]);
    if (this.#stripKey !== key) {
      this.#shots = shots.map((shot) => this.#shot(shot));
      fill(this.strip, ...this.#shots);
    }
    this.#stripKey = key;
    this.strip.classList.toggle("stale", Boolean(strip?.isStale));
    shots.forEach((shot, i) => toggle(this.#shots[i], "aria-pressed", shot === this.parts.pictures.scrubbed));
    this.#drawTrack();
  }

  /** @param {Shot} shot */
  #shot(shot) {
    const iou = typeof shot.iou === "number" ? ` · ${shot.iou.toFixed(2)}` : "";
    return h(
      "button.shot",
      { title: t("Picture at gamma {g}", { g: shot.gamma.toFixed(2) }), disabled: !shot.url, onclick: () => this.parts.strips.choose(shot) },
      shot.url ? h("img", { src: shot.url, alt: "" }) : null,
      h("span", {}, `${shot.gamma.toFixed(2)}${iou}`),
    );
  }

  /** One line of a fixed height, so that the canvas never moves under the pen. */
  #showHints() {
    const { document, estimate } = this.parts;
    /** @type {Hint[]} */
    const notes = estimate.advice.map((text) => ({ kind: "advice", level: "note", region: null, text }));
    const first = document.hints.length ? document.hints.slice(0, SHOWN_HINTS) : notes.slice(0, 1);
    const items = first.map((hint) => this.#hint(hint));
    const rest = [...document.hints, ...notes].slice(first.length);
    if (rest.length) items.push(h("button.btn.small", { "aria-haspopup": "menu", onclick: (event) => this.#openRest(event.currentTarget, rest) }, t("{n} more", { n: rest.length })));
    if (!items.length) items.push(h("span.hint-item.fine", {}, icon("check", 13), h("span", {}, t("Nothing stands in the way."))));
    fill(this.hints, ...items);
    patch(this.cost, "textContent", this.#costText());
  }

  /** @param {Hint} hint @returns {HTMLElement} */
  #hint(hint) {
    const { document, edits } = this.parts;
    const text = document.hintText(hint);
    return h(
      "div.hint-item",
      { class: `hint-item ${hint.level === "note" ? "note" : ""}`, title: text },
      icon("warn", 13),
      h("span", {}, text),
      hint.region ? h("button.btn.small", { onclick: () => document.select(hint.region, { reveal: true }) }, t("Show")) : null,
      ...(hint.fixes ?? []).map((fix) => h("button.btn.small", { onclick: () => edits.fix(fix) }, t(fix.label))),
    );
  }

  /** @param {Element} anchor @param {Hint[]} hints */
  #openRest(anchor, hints) {
    const { above, document, edits } = this.parts;
    const items = hints.flatMap((hint) => [
      { icon: "warn", label: document.hintText(hint), work: () => hint.region && document.select(hint.region, { reveal: true }) },
      ...(hint.fixes ?? []).map((fix) => ({ icon: "check", label: t(fix.label), work: () => edits.fix(fix) })),
    ]);
    above.menu(anchor, items);
  }

  #costText() {
    const { costs } = this.parts.estimate;
    if (!costs) return "";
    const tokens = t("{n} tokens", { n: costs.image_tokens + costs.contour_tokens + costs.text_tokens });
    if (!costs.seconds || this.parts.view.quality !== "final") return tokens;
    return `${t("about {n} s", { n: (costs.seconds * this.parts.document.sampling.count).toFixed(1) })} · ${tokens}`;
  }
}
