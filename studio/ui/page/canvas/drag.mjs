/** Lasso, rectangle and ellipse: an outline drawn by dragging. */

import * as shapes from "../core/shapes.mjs";
import * as paint from "./paint.mjs";
import { Tool } from "./tool.mjs";

/** @import { Mode, Plane, Point } from "../types.mjs" */

/** @typedef {{ start: [number, number], end: [number, number], trail: [number, number][], mode: Mode }} Dragged */

export class Drag extends Tool {
  /** @type {Dragged | null} */
  drag = null;

  /** @param {Point} point */
  down(point) {
    /** @type {[number, number]} */
    const start = [point.x, point.y];
    this.drag = { start, end: start, trail: [start], mode: this.modeOf(point) };
    this.isBusy = true;
  }

  /** @param {Point} point */
  move(point) {
    if (!this.drag) return;
    this.drag.end = [point.x, point.y];
    this.drag.trail.push(this.drag.end);
  }

  up() {
    const { drag } = this;
    if (!drag) return;
    this.cancel();
    const plane = this.#shape(drag);
    if (plane.box) this.edits.commitShape(plane, drag.mode);
  }

  cancel() {
    this.drag = null;
    this.isBusy = false;
  }

  /** @param {Dragged} drag @returns {Plane} */
  #shape({ start, end, trail }) {
    const { width, height } = this.document.scene;
    if (this.id === "lasso") return shapes.polygon(trail, width, height);
    if (this.id === "ellipse") return shapes.ellipse(start, end, width, height);
    return shapes.rectangle(start, end, width, height);
  }

  /** @param {CanvasRenderingContext2D} context */
  draw(context) {
    const { drag, lens } = this;
    if (!drag) return;
    const [ax, ay] = lens.toPane(drag.start);
    const [bx, by] = lens.toPane(drag.end);
    context.beginPath();
    if (this.id === "lasso") for (const point of drag.trail) context.lineTo(...lens.toPane(point));
    else if (this.id === "ellipse") {
      context.ellipse((ax + bx) / 2, (ay + by) / 2, Math.abs(ax - bx) / 2, Math.abs(ay - by) / 2, 0, 0, 7);
    } else context.rect(Math.min(ax, bx), Math.min(ay, by), Math.abs(ax - bx), Math.abs(ay - by));
    paint.sketch(context, drag.mode === "subtract" ? "#fff" : this.document.nextLook(drag.mode).colour);
  }
}
