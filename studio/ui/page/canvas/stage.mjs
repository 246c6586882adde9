/** The stage: one or two panes that share a lens, pointer handling, and what is drawn when. */

import { h, fill } from "../panels/dom.mjs";
import { t } from "../words/words.mjs";

/** @import { Pane, Parts, Point, ViewMode } from "../types.mjs" */
/** @import { PaneNotes } from "./pane_notes.mjs" */
/** @import { Scenery } from "./scenery.mjs" */

/** @typedef {[number, number]} XY of the pointer on the page */
/**
 * @typedef {{ kind: "tool", id: number } | { kind: "pan", id: number, x: number, y: number } | { kind: "pinch", ends: XY[] }} Gesture
 *   what the pointers that are down are doing
 */

/** What each view shows, pane by pane. @type {Record<ViewMode, Pane["kind"][]>} */
const VIEWS = {
  split: ["layout", "result"],
  layout: ["layout"],
  result: ["result"],
  wipe: ["wipe"],
  over: ["over"],
  diff: ["diff"],
};

export class Stage {
  /** @type {Pane[]} */
  panes = [];
  /** @type {Gesture | null} */
  pointer = null;
  wipeAt = 0.5; // of the width
  /** @type {Point | null} */
  #hoverPoint = null;
  /** @type {Map<number, XY>} those that are down */
  #pointers = new Map();
  #frame = 0;
  #isBaseDirty = false;

  /** @param {Pick<Parts, "bus" | "document" | "view" | "lens" | "toolbox"> & { scenery: Scenery, notes: PaneNotes }} parts */
  constructor({ bus, document, view, lens, toolbox, scenery, notes }) {
    this.bus = bus;
    this.document = document;
    this.view = view;
    this.lens = lens;
    this.toolbox = toolbox;
    this.scenery = scenery;
    this.notes = notes;
    this.element = h("section.stage", { "aria-label": t("Canvas") });
    lens.measure = () => {
      const pane = this.panes[0]?.live;
      return { width: pane?.clientWidth || 1, height: pane?.clientHeight || 1 };
    };
    new ResizeObserver(() => this.#resize()).observe(this.element);
    bus.onAny(["scene", "layers", "result", "selection", "hover", "photo", "options", "contours", "model", "theme", "strip", "liveMode", "moved"], () => this.redraw());
    bus.on("live", () => this.redrawLive());
    bus.on("view", () => this.#build());
    this.#build();
  }

  /** Scene pixels to page pixels, for tests and for placing boxes. @param {number} x @param {number} y @returns {XY} */
  toPage(x, y, pane = 0) {
    const rect = this.panes[pane].live.getBoundingClientRect();
    const [sx, sy] = this.lens.toPane([x, y]);
    return [rect.left + sx, rect.top + sy];
  }

  /** The keyboard is the canvas's. */
  focus() {
    this.panes[0].live.focus();
  }

  redraw() {
    this.#isBaseDirty = true;
    this.redrawLive();
  }

  /** What follows the pointer alone. */
  redrawLive() {
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#frame = 0;
    const isBaseDirty = this.#isBaseDirty;
    this.#isBaseDirty = false;
    for (const pane of this.panes) {
      if (isBaseDirty) this.#drawBase(pane);
      this.scenery.drawLive(pane, this.#hoverPoint);
    }
  }

  /** @param {Pane} pane */
  #drawBase(pane) {
    const isFading = this.scenery.drawBase(pane, this.wipeAt);
    this.notes.update(pane);
    if (isFading) this.redraw();
  }

  #build() {
    const extras = [...this.element.children].filter((child) => !child.classList.contains("pane"));
    this.panes = VIEWS[this.view.mode].map((kind) => this.#pane(kind));
    fill(this.element, ...this.panes.map((pane) => pane.element), ...extras);
    this.#resize();
  }

  /** @param {Pane["kind"]} kind */
  #pane(kind) {
    const base = h("canvas", { "aria-hidden": "true" });
    const live = h("canvas", {
      tabindex: "0",
      role: "application",
      "aria-label": kind === "result" ? t("Result picture") : t("Layout canvas: draw regions here"),
    });
    const tag = h("div.tag");
    const otherTag = kind === "wipe" ? h("div.tag.other") : null;
    const element = h("div.pane", { "data-kind": kind }, base, live, tag, otherTag, otherTag ? this.#wipeBar() : null);
    const pane = { kind, base, live, tag, otherTag, element };
    this.#listen(live, pane);
    return pane;
  }

  /** @param {HTMLCanvasElement} live @param {Pane} pane */
  #listen(live, pane) {
    live.addEventListener("pointerdown", (event) => this.#down(event, pane));
    live.addEventListener("pointermove", (event) => this.#move(event, pane));
    live.addEventListener("pointerup", (event) => this.#up(event, pane));
    live.addEventListener("pointercancel", (event) => this.#cancel(event));
    live.addEventListener("pointerleave", () => this.#leave());
    live.addEventListener("dblclick", (event) => this.toolbox.tool.twice(this.#point(event, pane)));
    live.addEventListener("contextmenu", (event) => event.preventDefault());
    live.addEventListener("wheel", (event) => this.#wheel(event, live), { passive: false });
  }

  #wipeBar() {
    const bar = h("button.wipe-bar", { "aria-label": t("Move the divider"), style: { left: `${this.wipeAt * 100}%` } });
    /** @param {number} part */
    const to = (part) => {
      this.wipeAt = Math.min(1, Math.max(0, part));
      bar.style.left = `${this.wipeAt * 100}%`;
      this.redraw();
    };
    bar.addEventListener("pointerdown", (event) => bar.setPointerCapture(event.pointerId));
    bar.addEventListener("pointermove", (event) => {
      const rect = bar.hasPointerCapture(event.pointerId) && bar.parentElement?.getBoundingClientRect();
      if (rect) to((event.clientX - rect.left) / rect.width);
    });
    bar.addEventListener("keydown", (event) => {
      if (event.key === "ArrowLeft") to(this.wipeAt - 0.02);
      if (event.key === "ArrowRight") to(this.wipeAt + 0.02);
    });
    return bar;
  }

  #resize() {
    const ratio = window.devicePixelRatio || 1;
    for (const { base, live } of this.panes) {
      const [width, height] = [Math.round(live.clientWidth * ratio), Math.round(live.clientHeight * ratio)];
      for (const canvas of [base, live]) {
        if (canvas.width !== width) canvas.width = width;
        if (canvas.height !== height) canvas.height = height;
      }
    }
    if (this.lens.isFitted) this.lens.fit();
    else this.redraw();
  }

  /** @param {MouseEvent} event a pointer's, or a double click @param {Pane} pane @returns {Point} */
  #point(event, pane) {
    const rect = pane.live.getBoundingClientRect();
    const [sx, sy] = [event.clientX - rect.left, event.clientY - rect.top];
    const [x, y] = this.lens.toScene(sx, sy);
    const pointer = event instanceof PointerEvent ? event : null;
    const pressure = pointer?.pointerType === "pen" && pointer.pressure > 0 ? 0.25 + 1.1 * pointer.pressure : 1;
    return {
      x, y, sx, sy, pane, pressure,
      shift: event.shiftKey,
      alt: event.altKey,
      control: event.ctrlKey || event.metaKey,
      secondary: event.button === 2 || (event.buttons & 2) !== 0,
      touch: pointer?.pointerType === "touch",
    };
  }

  /** @param {PointerEvent} event @param {Pane} pane */
  #down(event, pane) {
    const { tool } = this.toolbox;
    pane.live.focus({ preventScroll: true });
    pane.live.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, [event.clientX, event.clientY]);
    if (this.#pointers.size === 2) {
      tool.cancel();
      this.pointer = { kind: "pinch", ends: [...this.#pointers.values()] };
      return;
    }
    if (this.pointer) return;
    if (event.button === 1 || this.view.isPanning || tool.id === "hand") {
      this.pointer = { kind: "pan", id: event.pointerId, x: event.clientX, y: event.clientY };
      pane.live.style.cursor = "grabbing";
      return;
    }
    event.preventDefault();
    this.pointer = { kind: "tool", id: event.pointerId };
    tool.down(this.#point(event, pane));
    this.redrawLive();
  }

  /** @param {PointerEvent} event @param {Pane} pane */
  #move(event, pane) {
    const { tool } = this.toolbox;
    const point = this.#point(event, pane);
    this.#hoverPoint = point;
    this.bus.emit("pointer", point);
    const { pointer } = this;
    if (this.#pointers.has(event.pointerId)) this.#pointers.set(event.pointerId, [event.clientX, event.clientY]);
    if (!pointer) {
      this.#setCursor(pane);
      if (pane.kind === "result" && tool.id !== "smart") this.document.hover(this.document.layers.at(point.x, point.y));
      tool.hover(point);
    } else if (pointer.kind === "pinch") this.#pinch(pointer.ends, pane);
    else if (pointer.id === event.pointerId && pointer.kind === "pan") {
      this.lens.pan(event.clientX - pointer.x, event.clientY - pointer.y);
      Object.assign(pointer, { x: event.clientX, y: event.clientY });
    } else if (pointer.id === event.pointerId) {
      const between = event.getCoalescedEvents?.() ?? [];
      for (const step of between.length ? between : [event]) tool.move(this.#point(step, pane));
    }
    this.redrawLive();
  }

  /** @param {XY[]} before @param {Pane} pane */
  #pinch(before, pane) {
    const ends = [...this.#pointers.values()];
    if (ends.length < 2) return;
    const rect = pane.live.getBoundingClientRect();
    /** @param {XY[]} points @returns {XY[]} */
    const local = (points) => points.slice(0, 2).map(([x, y]) => [x - rect.left, y - rect.top]);
    this.lens.pinch(local(before), local(ends));
    this.pointer = { kind: "pinch", ends };
  }

  /** @param {PointerEvent} event @param {Pane} pane */
  #up(event, pane) {
    this.#pointers.delete(event.pointerId);
    const { pointer } = this;
    if (pointer?.kind === "tool" && pointer.id === event.pointerId) {
      this.pointer = null;
      this.toolbox.tool.up(this.#point(event, pane));
      this.bus.emit("released");
    } else if (pointer && (pointer.kind !== "pinch" || this.#pointers.size === 0)) this.pointer = null;
    this.#setCursor(pane);
    this.redrawLive();
  }

  /** @param {PointerEvent} event */
  #cancel(event) {
    this.#pointers.delete(event.pointerId);
    if (this.pointer?.kind === "tool") this.toolbox.tool.cancel();
    if (!this.#pointers.size) this.pointer = null;
    this.redrawLive();
  }

  #leave() {
    if (this.pointer) return;
    this.#hoverPoint = null;
    this.document.hover(null);
    this.toolbox.tool.leave();
    this.bus.emit("pointer", null);
    this.redrawLive();
  }

  /** @param {Pane} pane */
  #setCursor(pane) {
    const cursor = this.view.isPanning ? "grab" : this.toolbox.tool.cursor;
    if (pane.live.style.cursor !== cursor) pane.live.style.cursor = cursor;
  }

  /** @param {WheelEvent} event @param {HTMLCanvasElement} canvas */
  #wheel(event, canvas) {
    event.preventDefault();
    const rect = canvas.getBoundingClientRect();
    const unit = event.deltaMode === 1 ? 18 : 1;
    if (event.shiftKey) this.lens.pan(-event.deltaY * unit, -event.deltaX * unit);
    else this.lens.zoom(Math.exp(-event.deltaY * unit * 0.0016), [event.clientX - rect.left, event.clientY - rect.top]);
  }
}
