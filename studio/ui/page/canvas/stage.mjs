/** The stage: one or two panes that share a viewport, pointer handling, and what is drawn when. */

import * as viewport from "../core/viewport.mjs";
import { h, fill } from "../panels/dom.mjs";
import { t } from "../words/words.mjs";
import { drawBase, drawLive } from "./scenery.mjs";

/** What each view shows, pane by pane. */
const VIEWS = {
  split: ["layout", "result"],
  layout: ["layout"],
  result: ["result"],
  wipe: ["wipe"],
  over: ["over"],
  diff: ["diff"],
};

export class Stage {
  constructor(app) {
    this.app = app;
    this.element = h("section.stage", { "aria-label": t("Canvas") });
    this.panes = [];
    this.view = { scale: 1, x: 0, y: 0 };
    this.isFitted = true;
    this.wipeAt = 0.5;
    this.pointers = new Map();
    this.pointer = null;
    this.frame = 0;
    this.dirty = new Set();
    new ResizeObserver(() => this.#resize()).observe(this.element);
    app.on("scene layers result selection hover photo options contours model theme strip liveMode", () => this.redraw());
    app.on("live", () => this.redrawLive());
    app.on("size", () => this.fit());
    app.on("view", () => this.#build());
    this.#build();
  }

  /** Scene pixels to page pixels, for tests and for placing boxes. */
  toPage(x, y, pane = 0) {
    const rect = this.panes[pane].live.getBoundingClientRect();
    const [sx, sy] = viewport.toScreen(this.view, x, y);
    return [rect.left + sx, rect.top + sy];
  }

  get size() {
    const pane = this.panes[0]?.live;
    return { width: pane?.clientWidth || 1, height: pane?.clientHeight || 1 };
  }

  fit() {
    this.isFitted = true;
    this.view = viewport.fit(this.app.scene, this.size, 26);
    this.#moved();
  }

  zoom(factor, at = null) {
    const { width, height } = this.size;
    const [x, y] = at ?? [width / 2, height / 2];
    this.#look(viewport.zoomAt(this.view, x, y, factor));
  }

  zoomTo(scale) {
    this.zoom(scale / this.view.scale);
  }

  #look(view) {
    this.isFitted = false;
    this.view = viewport.hold(view, this.app.scene, this.size);
    this.#moved();
  }

  #moved() {
    this.app.emit("moved");
    this.redraw();
  }

  redraw() {
    this.dirty.add("base").add("live");
    this.#schedule();
  }

  redrawLive() {
    this.dirty.add("live");
    this.#schedule();
  }

  #schedule() {
    this.frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.frame = 0;
    const { dirty } = this;
    this.dirty = new Set();
    for (const pane of this.panes) {
      if (dirty.has("base")) drawBase(this, pane);
      if (dirty.has("live")) drawLive(this, pane);
    }
  }

  #build() {
    const kinds = VIEWS[this.app.viewMode];
    const extras = [...this.element.children].filter((child) => !child.classList.contains("pane"));
    this.panes = kinds.map((kind) => this.#pane(kind));
    fill(this.element, ...this.panes.map((pane) => pane.element), ...extras);
    this.#resize();
  }

  #pane(kind) {
    const base = h("canvas", { "aria-hidden": "true" });
    const live = h("canvas", {
      tabindex: "0",
      role: "application",
      "aria-label": kind === "result" ? t("Result picture") : t("Layout canvas: draw regions here"),
    });
    const tag = h("div.tag");
    const pane = { kind, base, live, tag, element: h("div.pane", { "data-kind": kind }, base, live, tag) };
    if (kind === "wipe") {
      pane.otherTag = h("div.tag.other");
      pane.element.append(pane.otherTag, this.#wipeBar());
    }
    live.addEventListener("pointerdown", (event) => this.#down(event, pane));
    live.addEventListener("pointermove", (event) => this.#move(event, pane));
    live.addEventListener("pointerup", (event) => this.#up(event, pane));
    live.addEventListener("pointercancel", (event) => this.#cancel(event));
    live.addEventListener("pointerleave", () => this.#leave());
    live.addEventListener("dblclick", (event) => this.app.tool.twice?.(this.#point(event, pane)));
    live.addEventListener("contextmenu", (event) => event.preventDefault());
    live.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    return pane;
  }

  #wipeBar() {
    const bar = h("button.wipe-bar", { "aria-label": t("Move the divider"), style: { left: `${this.wipeAt * 100}%` } });
    const to = (part) => {
      this.wipeAt = Math.min(1, Math.max(0, part));
      bar.style.left = `${this.wipeAt * 100}%`;
      this.redraw();
    };
    bar.addEventListener("pointerdown", (event) => bar.setPointerCapture(event.pointerId));
    bar.addEventListener("pointermove", (event) => {
      if (!bar.hasPointerCapture(event.pointerId)) return;
      const rect = bar.parentElement.getBoundingClientRect();
      to((event.clientX - rect.left) / rect.width);
    });
    bar.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -0.02, ArrowRight: 0.02 }[event.key];
      if (step) to(this.wipeAt + step);
    });
    return bar;
  }

  #resize() {
    const ratio = window.devicePixelRatio || 1;
    for (const { base, live } of this.panes) {
      for (const canvas of [base, live]) {
        const [w, hgt] = [Math.round(live.clientWidth * ratio), Math.round(live.clientHeight * ratio)];
        if (canvas.width !== w) canvas.width = w;
        if (canvas.height !== hgt) canvas.height = hgt;
      }
    }
    if (this.isFitted) this.fit();
    else this.redraw();
  }

  #point(event, pane) {
    const rect = pane.live.getBoundingClientRect();
    const [sx, sy] = [event.clientX - rect.left, event.clientY - rect.top];
    const [x, y] = viewport.toScene(this.view, sx, sy);
    const hasPressure = event.pointerType === "pen" && event.pressure > 0;
    return {
      x, y, sx, sy, pane,
      pressure: hasPressure ? 0.25 + 1.1 * event.pressure : 1,
      shift: event.shiftKey,
      alt: event.altKey,
      control: event.ctrlKey || event.metaKey,
      secondary: event.button === 2 || (event.buttons & 2) !== 0,
      touch: event.pointerType === "touch",
    };
  }

  #down(event, pane) {
    pane.live.focus({ preventScroll: true });
    pane.live.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    if (this.pointers.size === 2) {
      this.app.tool.cancel?.();
      this.pointer = { kind: "pinch", ends: [...this.pointers.values()] };
      return;
    }
    if (this.pointer) return;
    if (event.button === 1 || this.app.isPanning || this.app.tool.id === "hand") {
      this.pointer = { kind: "pan", id: event.pointerId, x: event.clientX, y: event.clientY };
      pane.live.style.cursor = "grabbing";
      return;
    }
    event.preventDefault();
    this.pointer = { kind: "tool", id: event.pointerId };
    this.app.tool.down?.(this.#point(event, pane));
    this.redrawLive();
  }

  #move(event, pane) {
    const point = this.#point(event, pane);
    this.hoverPoint = point;
    this.app.emit("pointer", point);
    const { pointer } = this;
    if (this.pointers.has(event.pointerId)) this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    if (!pointer) {
      this.#setCursor(pane);
      if (pane.kind === "result" && this.app.tool.id !== "smart") this.app.hover(this.app.layers.at(point.x, point.y));
      this.app.tool.hover?.(point);
    } else if (pointer.kind === "pinch") this.#pinch(pane);
    else if (pointer.kind === "pan" && pointer.id === event.pointerId) {
      this.#look(viewport.pan(this.view, event.clientX - pointer.x, event.clientY - pointer.y));
      Object.assign(pointer, { x: event.clientX, y: event.clientY });
    } else if (pointer.kind === "tool" && pointer.id === event.pointerId) {
      const between = event.getCoalescedEvents?.() ?? [];
      for (const step of between.length ? between : [event]) this.app.tool.move?.(this.#point(step, pane));
    }
    this.redrawLive();
  }

  #pinch(pane) {
    const ends = [...this.pointers.values()];
    if (ends.length < 2) return;
    const rect = pane.live.getBoundingClientRect();
    const local = (points) => points.slice(0, 2).map(([x, y]) => [x - rect.left, y - rect.top]);
    this.#look(viewport.pinch(this.view, local(this.pointer.ends), local(ends)));
    this.pointer.ends = ends;
  }

  #up(event, pane) {
    this.pointers.delete(event.pointerId);
    const { pointer } = this;
    if (pointer?.kind === "tool" && pointer.id === event.pointerId) {
      this.pointer = null;
      this.app.tool.up?.(this.#point(event, pane));
      this.app.emit("released");
    } else if (pointer && (pointer.kind !== "pinch" || this.pointers.size === 0)) this.pointer = null;
    this.#setCursor(pane);
    this.redrawLive();
  }

  #cancel(event) {
    this.pointers.delete(event.pointerId);
    if (this.pointer?.kind === "tool") this.app.tool.cancel?.();
    if (!this.pointers.size) this.pointer = null;
    this.redrawLive();
  }

  #leave() {
    if (this.pointer) return;
    this.hoverPoint = null;
    this.app.hover(null);
    this.app.tool.leave?.();
    this.app.emit("pointer", null);
    this.redrawLive();
  }

  #setCursor(pane) {
    const cursor = this.app.isPanning ? "grab" : (this.app.tool.cursor ?? "crosshair");
    if (pane.live.style.cursor !== cursor) pane.live.style.cursor = cursor;
  }

  #wheel(event) {
    event.preventDefault();
    const rect = event.currentTarget.getBoundingClientRect();
    const unit = event.deltaMode === 1 ? 18 : 1;
    if (event.shiftKey) this.#look(viewport.pan(this.view, -event.deltaY * unit, -event.deltaX * unit));
    else {
      const factor = Math.exp(-event.deltaY * unit * 0.0016);
      this.zoom(factor, [event.clientX - rect.left, event.clientY - rect.top]);
    }
  }
}
