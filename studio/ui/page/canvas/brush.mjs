/** Brush and eraser: a stroke is drawn locally while the pen is down and committed at its end. */

import * as shapes from "../core/shapes.mjs";
import { Tool } from "./tool.mjs";

/** @import { Point } from "../types.mjs" */

const STEP = 0.7; // CSS pixels; smaller steps are left out

export class Brush extends Tool {
  ring = true;
  cursor = "none";
  modes = false;
  isErasing = false;
  /** @type {[number, number, number][] | null} x, y, pressure */
  points = null;

  /** @param {Point} point */
  down(point) {
    const { document } = this;
    this.isErasing = this.id === "eraser" || point.secondary || point.alt;
    this.view.options.size = Math.max(1, this.view.options.size);
    this.points = [[point.x, point.y, point.pressure]];
    this.isBusy = true;
    if (this.isErasing && !document.selected) document.select(document.layers.at(point.x, point.y));
  }

  /** @param {Point} point */
  move(point) {
    const last = this.points?.at(-1);
    if (!last) return;
    if (Math.hypot(point.x - last[0], point.y - last[1]) * this.lens.view.scale < STEP) return;
    this.points?.push([point.x, point.y, point.pressure]);
  }

  up() {
    const { points, document } = this;
    if (!points) return;
    this.cancel();
    const plane = shapes.stroke(points, this.view.options.size / 2, document.scene.width, document.scene.height);
    if (this.isErasing) this.edits.commitShape(plane, "subtract");
    else this.edits.commitShape(plane, document.selected ? "add" : "new");
  }

  cancel() {
    this.points = null;
    this.isBusy = false;
  }

  /** @param {CanvasRenderingContext2D} context */
  draw(context) {
    if (!this.points) return;
    const { options } = this.view;
    const width = options.size * this.lens.view.scale;
    const [first, ...rest] = this.points;
    let pressure = first[2];
    const varies = this.points.some((point) => point[2] !== pressure);
    let [x, y] = this.lens.toPane(first);
    context.save();
    context.globalAlpha = this.isErasing ? 0.75 : Math.max(0.35, options.opacity);
    context.strokeStyle = this.isErasing ? "#fff" : this.document.nextLook().colour;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    context.lineWidth = width * pressure;
    context.moveTo(x, y);
    if (!rest.length) context.lineTo(x + 0.01, y);
    for (const point of rest) {
      [x, y] = this.lens.toPane(point);
      context.lineTo(x, y);
      if (varies) {
        context.lineWidth = (width * (pressure + point[2])) / 2;
        context.stroke();
        context.beginPath();
        context.moveTo(x, y);
      }
      pressure = point[2];
    }
    context.stroke();
    context.restore();
  }
}
