/** The bar below: the machine, the queue, what was saved and what it took, where the pointer is. */

import { h, patch } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { outsideText } from "../canvas/pane_notes.mjs";
import { heard, t } from "../words/words.mjs";

/** @import { Parts, Point } from "../types.mjs" */

/** @typedef {Pick<Parts, "bus" | "document" | "editing" | "jobs" | "lens" | "machine" | "saving" | "server" | "status">} StatusParts */

export class StatusBar {
  /** @param {StatusParts} parts */
  constructor(parts) {
    this.parts = parts;
    this.dot = h("span.dot");
    this.main = h("span.main", { role: "status" });
    this.device = h("span");
    this.queue = h("span");
    this.cache = h("span");
    this.saved = h("span");
    this.outsideText = h("span");
    this.outside = h("span.outside", { role: "status", title: t("How many pixels outside your regions differ from the photo, and by how much at most") }, icon("check", 13), this.outsideText);
    this.timing = h("span.timing");
    this.where = h("span");
    this.element = h("footer.status", {}, h("span.device", {}, this.dot, this.device), this.queue, this.cache, this.saved, this.outside, this.main, this.timing, h("span.grow"), this.where, this.#zoomer());
    parts.bus.onAny(["job", "device", "status", "project", "scene"], () => this.update());
    parts.bus.on("pointer", (point) => patch(this.where, "textContent", this.#whereText(point)));
    this.update();
  }

  #zoomer() {
    const { bus, editing, lens } = this.parts;
    const percent = h("button.btn", { title: `${t("100 %")} (Ctrl+1)`, onclick: () => lens.zoomTo(editing.ratio) });
    bus.onAny(["moved", "editing"], () => patch(percent, "textContent", `${Math.round((lens.view.scale / editing.ratio) * 100)} %`));
    /** @param {string} label @param {string} name @param {() => void} work */
    const button = (label, name, work) => h("button.btn", { title: label, "aria-label": label, onclick: work }, icon(name, 13));
    return h(
      "div.zoomer",
      {},
      button(t("Zoom out"), "minus", () => lens.zoom(0.8)),
      percent,
      button(t("Zoom in"), "plus", () => lens.zoom(1.25)),
      button(`${t("Fit")} (Ctrl+0)`, "fit", () => lens.fit()),
    );
  }

  update() {
    const { jobs, saving, status } = this.parts;
    patch(this.dot, "className", `dot ${this.#health()}`);
    patch(this.device, "textContent", this.#deviceText());
    patch(this.device, "title", this.#deviceTip());
    const outside = outsideText(this.parts.editing);
    this.outside.hidden = !outside;
    patch(this.outsideText, "textContent", outside);
    this.outside.classList.toggle("touched", Boolean(this.parts.editing.work?.outside?.largest));
    patch(this.saved, "textContent", t("autosave: {state}", { state: saving.text() || t("on") }));
    patch(this.main, "textContent", jobs.told ? jobs.text() : status.text);
    patch(this.cache, "textContent", this.#cacheText());
    patch(this.timing, "textContent", this.#timingText());
    patch(this.queue, "textContent", this.#queueText());
  }

  #health() {
    const { jobs, machine, server } = this.parts;
    if (!server.isConnected || machine.status.error) return "off";
    return jobs.told || machine.isLoading ? "busy" : "";
  }

  #deviceText() {
    const { machine, server } = this.parts;
    if (!server.isConnected) return t("offline");
    const { device, model, segmenter, error, unused_card: card } = machine.status;
    if (error) return t("no model");
    if (machine.isLoading) return t("loading the model…");
    return [model, device, card ? t("graphics card not used") : "", segmenter].filter(Boolean).join(" · ");
  }

  /** What to do about a graphics card that stands idle. */
  #deviceTip() {
    const card = this.parts.machine.status.unused_card;
    if (!card) return "";
    if (!card.command) return card.text;
    const values = { card: card.name, torch: card.torch, command: card.command };
    return t("{card} is here, but this torch ({torch}) cannot use it. This mends it: {command}", values);
  }

  #cacheText() {
    const { hits = 0, misses = 0, seconds_saved: saved = 0 } = this.parts.machine.status.cache ?? {};
    if (!hits) return "";
    const seconds = saved > 0.05 ? ` · ${t("{n} s saved", { n: saved.toFixed(1) })}` : "";
    return `${t("cache hits {a} of {b}", { a: hits, b: hits + misses })}${seconds}`;
  }

  #timingText() {
    const { document, jobs, status } = this.parts;
    const parts = jobs.last?.summary ? [heard(jobs.last.summary)] : [];
    if (status.timings.click) parts.push(t("click {n} ms", { n: Math.round(status.timings.click) }));
    if (document.lastCommit) parts.push(t("edit {n} ms", { n: Math.round(document.lastCommit) }));
    return parts.join(" · ");
  }

  #queueText() {
    const length = this.parts.jobs.queue?.length ?? 0;
    return length ? t("queue {n}", { n: length }) : t("queue empty");
  }

  /** @param {Point | null} point */
  #whereText(point) {
    const { document, editing } = this.parts;
    const { scene, layers } = document;
    if (!point || point.x < 0 || point.y < 0 || point.x >= scene.width || point.y >= scene.height) return "";
    const id = layers.at(point.x, point.y);
    const region = id ? ` · ${t("region {n}", { n: document.numberOf(id) })}` : "";
    const [x, y] = [point.x, point.y].map((value) => Math.floor(value * editing.ratio));
    return `${x}, ${y}${region}`;
  }
}
