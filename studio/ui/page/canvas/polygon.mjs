/** The polygon: corner by corner, closed by Enter, by a double click or at its first corner. */

import * as shapes from "../core/shapes.mjs";
import * as paint from "./paint.mjs";
import { Tool } from "./tool.mjs";

/** @import { Mode, Point } from "../types.mjs" */

const REACH = 10; // CSS pixels round the first corner that close it

export class Polygon extends Tool {
  /** @type {[number, number][]} */
  points = [];
  /** @type {[number, number]} where the pointer is */
  end = [0, 0];
  /** @type {Mode} */
  mode = "new";

  /** @param {Point} point */
  down(point) {
    const [first] = this.points;
    if (first && this.points.length > 2 && Math.hypot(first[0] - point.x, first[1] - point.y) * this.lens.view.scale < REACH) {
      this.accept();
      return;
    }
    if (!this.points.length) this.mode = this.modeOf(point);
    this.points.push([point.x, point.y]);
    this.end = [point.x, point.y];
    this.isBusy = true;
  }

  /** @param {Point} point */
  move(point) {
    this.end = [point.x, point.y];
  }

  /** @param {Point} point */
  hover(point) {
    this.move(point);
  }

  twice() {
    this.accept();
  }

  accept() {
    const { points, document } = this;
    this.points = [];
    this.isBusy = false;
    if (points.length < 3) return;
    const plane = shapes.polygon(points, document.scene.width, document.scene.height);
    if (plane.box) this.edits.commitShape(plane, this.mode);
  }

  /** Escape takes back the last corner first. */
  cancel() {
    this.points.pop();
    this.isBusy = this.points.length > 0;
  }

  /** @param {CanvasRenderingContext2D} context */
  draw(context) {
    if (!this.points.length) return;
    const { lens } = this;
    context.beginPath();
    for (const point of [...this.points, this.end]) context.lineTo(...lens.toPane(point));
    paint.sketch(context, this.mode === "subtract" ? "#fff" : this.document.nextLook(this.mode).colour);
    this.points.forEach((point, i) => {
      const [x, y] = lens.toPane(point);
      context.beginPath();
      context.arc(x, y, i ? 3 : 5, 0, 7);
      context.fillStyle = "#fff";
      context.fill();
      context.lineWidth = 1.5;
      context.strokeStyle = "#1c1e22";
      context.stroke();
    });
  }
}
