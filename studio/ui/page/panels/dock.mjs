/** Below the stage: gamma with its strip of drafts, the scene caption, and hints before a render. */

import { fill, h, patch, svg, toggle } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { t } from "../words/words.mjs";

const LOW = 0.05;
const SHOWN_HINTS = 2;

/** A line that is a loose scribble on the left and straight on the right: what gamma does. */
export function scribble(width, middle) {
  const points = [];
  for (let x = 0; x <= width; x += 3) {
    const loose = (1 - x / width) ** 1.6;
    const wave = Math.sin(x * 0.115) * 7 + Math.sin(x * 0.047 + 1) * 4 + Math.sin(x * 0.31) * 1.6;
    points.push(`${x},${(middle + wave * loose).toFixed(1)}`);
  }
  return `M${points.join("L")}`;
}

export class GammaDock {
  constructor(app) {
    this.app = app;
    this.slider = h("input", { type: "range", min: String(LOW), max: "1", step: "0.01", "aria-label": t("Gamma: how closely the picture follows the shapes") });
    this.number = h("input", { type: "number", min: String(LOW), max: "1", step: "0.01", "aria-label": t("Gamma as a number") });
    this.track = svg("svg", { preserveAspectRatio: "none", "aria-hidden": "true" });
    this.strip = h("div.strip", { role: "group", "aria-label": t("Gamma strip: drafts with the same noise") });
    this.stripButton = h("button.btn.small", { onclick: () => app.makeStrip(), title: t("Render drafts over gamma with the same noise, then scrub through them") }, icon("cards", 14), h("span", {}, t("Gamma strip")));
    this.play = h("button.btn.small.icon", { onclick: () => app.playStrip(), title: t("Play sweep"), "aria-label": t("Play sweep") }, icon("play", 14));
    this.share = h("button.btn.small.icon", { onclick: (event) => app.openStripExport(event.currentTarget), title: t("Export the strip"), "aria-label": t("Export the strip") }, icon("download", 14));
    this.overlap = h("span.overlap");
    this.gamma = h(
      "div.gamma",
      {},
      h("span.title", {}, "γ", h("span", {}, t("Gamma"))),
      h("div.track", {}, this.track, this.slider),
      this.number,
      h("div.row", {}, this.stripButton, this.play, this.share),
      h("div.ends", {}, h("span", {}, t("loose sketch")), this.overlap, h("span", {}, t("exact shape"))),
    );
    this.caption = h("input", { type: "text", maxlength: "4000", placeholder: t("The whole picture in a sentence: rainy night market, cinematic"), "aria-label": t("Scene caption") });
    this.hints = h("div.hints", { role: "status", "aria-label": t("Hints before rendering") });
    this.cost = h("span.cost", { title: t("What the next picture will cost, judged by the pace of earlier ones") });
    this.element = h("section.dock", { "aria-label": t("Gamma and scene") }, this.strip, this.gamma, h("div.scene-line", {}, h("span.caption-label", {}, t("Scene")), this.caption), h("div.lint", {}, this.hints, this.cost));
    this.#listen();
    new ResizeObserver(() => this.#drawTrack()).observe(this.track);
    app.on("sampling scene", () => this.update());
    app.on("strip", () => this.#showStrip());
    app.on("hints", () => this.#showHints());
    this.update();
    this.#showStrip();
    this.#showHints();
  }

  #listen() {
    const { app } = this;
    this.slider.addEventListener("input", () => {
      app.stopPlaying();
      app.setGamma(Number(this.slider.value));
    });
    this.slider.addEventListener("change", () => app.releaseGamma());
    this.number.addEventListener("change", () => {
      app.setGamma(app.gammaFrom(this.number.value));
      app.settleGamma();
      this.update(true);
    });
    this.caption.addEventListener("input", () => app.typeCaption(null, this.caption.value));
    this.caption.addEventListener("change", () => app.settleCaption());
  }

  update(isForced = false) {
    const { sampling, scene } = this.app;
    patch(this.slider, "value", String(sampling.gamma));
    if (isForced || document.activeElement !== this.number) patch(this.number, "value", sampling.gamma.toFixed(2));
    if (document.activeElement !== this.caption) patch(this.caption, "value", scene.caption ?? "");
    this.#drawTrack();
  }

  #drawTrack() {
    const { app } = this;
    const width = this.track.clientWidth;
    const height = this.track.clientHeight;
    if (!width) return;
    const at = ((app.sampling.gamma - LOW) / (1 - LOW)) * (width - 18) + 9;
    if (this.size !== `${width}x${height}`) {
      this.size = `${width}x${height}`;
      const d = scribble(width, height / 2);
      this.done = svg("path", { d, class: "done" });
      this.curve = svg("path", { class: "iou" });
      this.track.replaceChildren(svg("path", { d }), this.done, this.curve);
    }
    this.done.style.clipPath = `inset(-20px ${width - at}px -20px 0)`;
    const shots = app.strip?.shots ?? [];
    const measured = app.strip?.isStale ? [] : shots.filter((shot) => shot.iou !== null && shot.iou !== undefined);
    const points = measured.map((shot) => {
      const x = ((shot.gamma - LOW) / (1 - LOW)) * (width - 18) + 9;
      return `${x.toFixed(1)},${(height - 2 - (height - 4) * shot.iou).toFixed(1)}`;
    });
    this.curve.setAttribute("d", points.length > 1 ? `M${points.join("L")}` : "");
    const all = measured.map((shot) => shot.iou);
    const range = all.length > 1 ? t("overlap with your shapes {a} to {b}", { a: Math.min(...all).toFixed(2), b: Math.max(...all).toFixed(2) }) : "";
    patch(this.overlap, "textContent", range);
  }

  #showStrip() {
    const { app } = this;
    const shots = app.strip?.shots ?? [];
    this.strip.hidden = !shots.length;
    this.play.hidden = this.share.hidden = !shots.length;
    this.play.disabled = this.share.disabled = !app.strip?.done || app.strip.isStale;
    if (app.strip?.done) this.share.disabled = false;
    const name = app.isPlaying ? "pause" : "play";
    if (this.play.dataset.icon !== name) fill(this.play, icon(name, 14)).dataset.icon = name;
    const key = JSON.stringify([app.strip?.id, shots.map((shot) => [shot.gamma, shot.url, shot.iou])]);
    if (this.key !== key) fill(this.strip, ...shots.map((shot) => this.#shot(shot)));
    this.key = key;
    this.strip.classList.toggle("stale", Boolean(app.strip?.isStale));
    shots.forEach((shot, i) => toggle(this.strip.children[i], "aria-pressed", shot === app.scrubbed));
    this.#drawTrack();
  }

  #shot(shot) {
    const iou = shot.iou === null || shot.iou === undefined ? "" : ` · ${shot.iou.toFixed(2)}`;
    return h(
      "button.shot",
      { title: t("Picture at gamma {g}", { g: shot.gamma.toFixed(2) }), disabled: !shot.url, onclick: () => this.app.chooseShot(shot) },
      shot.url ? h("img", { src: shot.url, alt: "" }) : null,
      h("span", {}, `${shot.gamma.toFixed(2)}${iou}`),
    );
  }

  /** One line of a fixed height, so that the canvas never moves under the pen. */
  #showHints() {
    const { app } = this;
    const items = app.hints.slice(0, SHOWN_HINTS).map((hint) => this.#hint(hint));
    const notes = (app.advice ?? []).map((text) => ({ level: "note", text, fixes: [] }));
    const rest = [...app.hints.slice(SHOWN_HINTS), ...notes];
    if (rest.length) items.push(h("button.btn.small", { "aria-haspopup": "menu", onclick: (event) => this.#openRest(event.currentTarget, rest) }, t("{n} more", { n: rest.length })));
    if (!items.length) items.push(h("span.hint-item.fine", {}, icon("check", 13), h("span", {}, t("Nothing stands in the way."))));
    fill(this.hints, ...items);
    patch(this.cost, "textContent", this.#costText());
  }

  #hint(hint) {
    const { app } = this;
    const text = app.hintText(hint);
    return h(
      "div.hint-item",
      { class: `hint-item ${hint.level === "note" ? "note" : ""}`, title: text },
      icon("warn", 13),
      h("span", {}, text),
      hint.region ? h("button.btn.small", { onclick: () => app.select(hint.region, { reveal: true }) }, t("Show")) : null,
      ...(hint.fixes ?? []).map((fix) => h("button.btn.small", { onclick: () => app.fix(hint, fix) }, t(fix.label))),
    );
  }

  #openRest(anchor, hints) {
    const { app } = this;
    const items = hints.flatMap((hint) => [
      { icon: "warn", label: app.hintText(hint), work: () => hint.region && app.select(hint.region, { reveal: true }) },
      ...(hint.fixes ?? []).map((fix) => ({ icon: "check", label: t(fix.label), work: () => app.fix(hint, fix) })),
    ]);
    app.above.menu(anchor, items);
  }

  #costText() {
    const { estimate, sampling, quality } = this.app;
    if (!estimate) return "";
    const tokens = t("{n} tokens", { n: estimate.image_tokens + estimate.contour_tokens + estimate.text_tokens });
    if (!estimate.seconds || quality !== "final") return tokens;
    return `${t("about {n} s", { n: (estimate.seconds * (sampling.count ?? 1)).toFixed(1) })} · ${tokens}`;
  }
}
