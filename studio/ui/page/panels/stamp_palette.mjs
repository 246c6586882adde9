/** The palette of stamps beside the tools: search, choose, drag onto the canvas. */

import { fill, h, patch, svg, toggle } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { StampTool } from "../canvas/stamp.mjs";
import { t } from "../words/words.mjs";

/** @import { Parts, Stamp } from "../types.mjs" */

const DRAG = 5; // CSS pixels; less is a click
/** @type {Record<string, (at: number, columns: number) => number>} */
const STEPS = { ArrowLeft: (at) => at - 1, ArrowRight: (at) => at + 1, ArrowUp: (at, columns) => at - columns, ArrowDown: (at, columns) => at + columns };

export class StampPalette {
  /** @type {Map<Stamp, HTMLElement>} */
  #items = new Map();

  /** @param {Pick<Parts, "bus" | "document" | "lens" | "stage" | "stamps" | "toolbox">} parts */
  constructor(parts) {
    this.parts = parts;
    this.search = h("input", { type: "search", placeholder: t("Find a shape: bear, castle, tree"), "aria-label": t("Find a shape"), spellcheck: "false" });
    this.list = h("div.stamp-list", { role: "listbox", "aria-label": t("Shapes to stamp") });
    this.none = h("p.dim", { hidden: true }, t("No shape of that name. Draw it, or try another word."));
    this.mirror = h("button.btn.small.icon", { title: t("Mirror"), "aria-label": t("Mirror"), onclick: () => parts.stamps.mirror() }, icon("mirror", 15));
    this.angle = h("span.unit");
    this.element = h("div.stamps", { hidden: true, "aria-label": t("Stamps") }, this.search, this.list, this.none, this.#foot());
    this.#listen();
    this.update();
  }

  #foot() {
    const { stamps } = this.parts;
    /** @param {string} name @param {string} label @param {number} steps */
    const turn = (name, label, steps) => h("button.btn.small.icon", { title: label, "aria-label": label, onclick: () => stamps.turn(steps) }, icon(name, 15));
    return h("div.row", {}, this.mirror, turn("turnLeft", t("Turn left"), -1), turn("turnRight", t("Turn right"), 1), this.angle, h("span.grow"), h("button.btn.small.primary", { onclick: () => this.#putInMiddle() }, t("Put it in the middle")));
  }

  #listen() {
    const { bus, toolbox } = this.parts;
    bus.onAny(["tool", "stamp"], () => this.update());
    this.search.addEventListener("input", () => this.#show());
    this.element.addEventListener("keydown", (event) => this.#key(event));
    bus.on("tool", () => toolbox.tool instanceof StampTool && requestAnimationFrame(() => this.search.focus({ preventScroll: true })));
  }

  update() {
    const { stamps, stage, toolbox } = this.parts;
    this.element.hidden = !(toolbox.tool instanceof StampTool);
    if (this.element.hidden) return;
    if (!this.element.isConnected) stage.element.append(this.element);
    if (stamps.all.length && !this.#items.size) this.#show();
    for (const [stamp, item] of this.#items) this.#mark(stamp, item);
    toggle(this.mirror, "aria-pressed", stamps.isMirrored);
    patch(this.angle, "textContent", `${stamps.degrees}°`);
  }

  /** @param {Stamp} stamp @param {HTMLElement} item */
  #mark(stamp, item) {
    const isChosen = stamp === this.parts.stamps.chosen;
    toggle(item, "aria-selected", isChosen);
    patch(item, "tabIndex", isChosen ? 0 : -1);
  }

  /** The shapes that were searched for. */
  #show() {
    const { stamps } = this.parts;
    const found = stamps.found(this.search.value);
    this.#items = new Map(found.map((stamp) => [stamp, this.#item(stamp)]));
    fill(this.list, ...this.#items.values());
    this.none.hidden = found.length > 0;
    if (found.length && (!stamps.chosen || !found.includes(stamps.chosen))) stamps.choose(found[0]);
    else this.update();
  }

  /** @param {Stamp} stamp */
  #item(stamp) {
    const [width, height] = stamp.size;
    const path = stamp.loops.map((loop) => `M${pairs(loop).join("L")}Z`).join("");
    const shape = svg("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" }, svg("path", { d: path, "fill-rule": "evenodd" }));
    const name = this.parts.stamps.captionOf(stamp);
    const item = h("button.stamp", { role: "option", title: name, "aria-label": name, onclick: () => this.parts.stamps.choose(stamp) }, /** @type {Node} */ (shape));
    item.addEventListener("dblclick", () => this.#putInMiddle());
    this.#dragging(item, stamp);
    return item;
  }

  /** A shape is dragged onto the canvas. @param {HTMLElement} item @param {Stamp} stamp */
  #dragging(item, stamp) {
    const { stage, stamps } = this.parts;
    /** @type {[number, number] | null} */
    let from = null;
    let isDragged = false;
    item.addEventListener("pointerdown", (event) => {
      from = [event.clientX, event.clientY];
      isDragged = false;
      item.setPointerCapture(event.pointerId);
      stamps.choose(stamp);
    });
    item.addEventListener("pointermove", (event) => {
      if (!from) return;
      isDragged ||= Math.hypot(event.clientX - from[0], event.clientY - from[1]) >= DRAG;
      const at = isDragged ? this.#sceneAt(event) : null;
      if (at) this.#tool?.show(at);
      else this.#tool?.leave();
      stage.redrawLive();
    });
    item.addEventListener("pointerup", (event) => {
      const at = isDragged ? this.#sceneAt(event) : null;
      from = null;
      this.#tool?.leave();
      if (at) stamps.put(stamp, at, stamps.fittingWidth(stamp));
      stage.redrawLive();
    });
    item.addEventListener("pointercancel", () => (from = null));
  }

  get #tool() {
    const { tool } = this.parts.toolbox;
    return tool instanceof StampTool ? tool : null;
  }

  /** Where in the scene the pointer is; null beside it. @param {PointerEvent} event @returns {[number, number] | null} */
  #sceneAt({ clientX, clientY }) {
    const { document: scene, lens, stage } = this.parts;
    const palette = this.element.getBoundingClientRect();
    if (inside(palette, clientX, clientY)) return null;
    const rect = stage.panes.map((pane) => pane.live.getBoundingClientRect()).find((each) => inside(each, clientX, clientY));
    if (!rect) return null;
    const [x, y] = lens.toScene(clientX - rect.left, clientY - rect.top);
    const { width, height } = scene.scene;
    return x >= 0 && y >= 0 && x < width && y < height ? [x, y] : null;
  }

  #putInMiddle() {
    const { document: scene, stage, stamps } = this.parts;
    const { chosen } = stamps;
    if (!chosen) return;
    const { width, height } = scene.scene;
    stamps.put(chosen, [width / 2, height / 2], stamps.fittingWidth(chosen));
    stage.focus(); // so that the arrows move it
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const isSearching = event.target === this.search;
    const stamps = [...this.#items.keys()];
    if (event.key === "Enter" && (isSearching || this.list.contains(/** @type {Node} */ (event.target)))) this.#putInMiddle();
    else if (STEPS[event.key] && stamps.length && (!isSearching || event.key === "ArrowDown")) {
      const at = stamps.findIndex((stamp) => stamp === this.parts.stamps.chosen);
      const next = stamps[isSearching ? 0 : STEPS[event.key](at, this.#columns)];
      if (next) this.parts.stamps.choose(next);
      this.#items.get(next ?? stamps[at])?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** How many lie side by side. */
  get #columns() {
    return Math.max(1, getComputedStyle(this.list).gridTemplateColumns.split(" ").length);
  }
}

/** @param {number[]} loop x, y, x, y ... */
function pairs(loop) {
  return Array.from({ length: loop.length / 2 }, (_, at) => `${loop[2 * at]} ${loop[2 * at + 1]}`);
}

/** @param {DOMRect} rect @param {number} x @param {number} y */
function inside(rect, x, y) {
  return x >= rect.left && x < rect.right && y >= rect.top && y < rect.bottom;
}
