/** The drawing tools. Each draws locally while the pointer is down and commits one mask at its end. */

import * as shapes from "../core/shapes.mjs";
import * as paint from "./paint.mjs";
import { t } from "../words/words.mjs";

/** Shift adds, Alt or the right button takes away, both intersect; else what the options bar says. */
function modeOf(point, app) {
  if (point.shift && point.alt) return "intersect";
  if (point.shift) return "add";
  if (point.alt || point.secondary) return "subtract";
  return app.options.mode;
}

export class Tool {
  ring = false;
  cursor = "crosshair";
  modes = true;

  constructor(app, id, key, name, hint) {
    Object.assign(this, { app, id, key, name, hint });
  }

  get isBusy() {
    return false;
  }

  cancel() {}
}

class Brush extends Tool {
  ring = true;
  cursor = "none";
  modes = false;
  points = null;

  get isBusy() {
    return this.points !== null;
  }

  down(point) {
    this.isErasing = this.id === "eraser" || point.secondary || point.alt;
    this.app.options.size = Math.max(1, this.app.options.size);
    this.points = [[point.x, point.y, point.pressure]];
    if (this.isErasing && !this.app.selected) this.app.select(this.app.layers.at(point.x, point.y));
  }

  move(point) {
    const last = this.points?.at(-1);
    if (!last) return;
    if (Math.hypot(point.x - last[0], point.y - last[1]) * this.app.stage.view.scale < 0.7) return;
    this.points.push([point.x, point.y, point.pressure]);
  }

  up() {
    const { points, app } = this;
    if (!points) return;
    this.points = null;
    const plane = shapes.stroke(points, app.options.size / 2, app.scene.width, app.scene.height);
    if (this.isErasing) app.commitShape(plane, "subtract", this.id);
    else app.commitShape(plane, app.selected ? "add" : "new", this.id);
  }

  cancel() {
    this.points = null;
  }

  draw(context, stage) {
    if (!this.points) return;
    const { app } = this;
    const { view } = stage;
    context.save();
    context.globalAlpha = this.isErasing ? 0.75 : Math.max(0.35, app.options.opacity);
    context.strokeStyle = this.isErasing ? "#fff" : app.nextLook().colour;
    context.lineCap = context.lineJoin = "round";
    const width = app.options.size * view.scale;
    let [px, py, pp] = this.points[0];
    const varies = this.points.some((point) => point[2] !== pp);
    context.beginPath();
    context.lineWidth = width * pp;
    context.moveTo(px * view.scale + view.x, py * view.scale + view.y);
    if (this.points.length === 1) context.lineTo(px * view.scale + view.x + 0.01, py * view.scale + view.y);
    for (const [x, y, pressure] of this.points.slice(1)) {
      context.lineTo(x * view.scale + view.x, y * view.scale + view.y);
      if (varies) {
        context.lineWidth = (width * (pp + pressure)) / 2;
        context.stroke();
        context.beginPath();
        context.moveTo(x * view.scale + view.x, y * view.scale + view.y);
      }
      [px, py, pp] = [x, y, pressure];
    }
    context.stroke();
    context.restore();
  }
}

/** Lasso, rectangle and ellipse: an outline drawn by dragging. */
class Drag extends Tool {
  start = null;

  get isBusy() {
    return this.start !== null;
  }

  down(point) {
    this.start = [point.x, point.y];
    this.mode = modeOf(point, this.app);
    this.trail = [this.start];
    this.end = this.start;
  }

  move(point) {
    if (!this.start) return;
    this.end = [point.x, point.y];
    this.trail.push(this.end);
  }

  up() {
    if (!this.start) return;
    const { scene } = this.app;
    const plane = this.shape(scene.width, scene.height);
    this.start = null;
    if (plane.box) this.app.commitShape(plane, this.mode, this.id);
  }

  cancel() {
    this.start = null;
  }

  shape(width, height) {
    if (this.id === "lasso") return shapes.polygon(this.trail, width, height);
    if (this.id === "ellipse") return shapes.ellipse(this.start, this.end, width, height);
    return shapes.rectangle(this.start, this.end, width, height);
  }

  draw(context, stage) {
    if (!this.start) return;
    const { view } = stage;
    const at = ([x, y]) => [x * view.scale + view.x, y * view.scale + view.y];
    const [ax, ay] = at(this.start);
    const [bx, by] = at(this.end);
    context.beginPath();
    if (this.id === "lasso") this.trail.forEach((point) => context.lineTo(...at(point)));
    else if (this.id === "ellipse") {
      context.ellipse((ax + bx) / 2, (ay + by) / 2, Math.abs(ax - bx) / 2, Math.abs(ay - by) / 2, 0, 0, 7);
    } else context.rect(Math.min(ax, bx), Math.min(ay, by), Math.abs(ax - bx), Math.abs(ay - by));
    sketch(context, this.app, this.mode);
  }
}

/** The look of an outline in the making. */
function sketch(context, app, mode) {
  context.save();
  context.globalAlpha = 0.4;
  context.fillStyle = mode === "subtract" ? "#fff" : app.nextLook(mode).colour;
  context.fill("evenodd");
  context.globalAlpha = 1;
  context.lineWidth = 3;
  context.strokeStyle = "rgb(0 0 0 / .6)";
  context.stroke();
  context.lineWidth = 1.25;
  context.strokeStyle = "#fff";
  context.setLineDash([5, 4]);
  context.stroke();
  context.restore();
}

class Polygon extends Tool {
  points = [];

  get isBusy() {
    return this.points.length > 0;
  }

  down(point) {
    const scale = this.app.stage.view.scale;
    const [first] = this.points;
    if (first && this.points.length > 2 && Math.hypot(first[0] - point.x, first[1] - point.y) * scale < 10) {
      this.accept();
      return;
    }
    if (!this.points.length) this.mode = modeOf(point, this.app);
    this.points.push([point.x, point.y]);
    this.end = [point.x, point.y];
  }

  move(point) {
    this.end = [point.x, point.y];
  }

  hover(point) {
    this.move(point);
  }

  twice() {
    this.accept();
  }

  accept() {
    const { points, app } = this;
    this.points = [];
    if (points.length < 3) return;
    const plane = shapes.polygon(points, app.scene.width, app.scene.height);
    if (plane.box) app.commitShape(plane, this.mode, this.id);
  }

  /** Escape takes back the last corner first. */
  cancel() {
    this.points.pop();
  }

  draw(context, stage) {
    if (!this.points.length) return;
    const { view } = stage;
    context.beginPath();
    for (const [x, y] of [...this.points, this.end]) context.lineTo(x * view.scale + view.x, y * view.scale + view.y);
    sketch(context, this.app, this.mode);
    this.points.forEach(([x, y], i) => {
      context.beginPath();
      context.arc(x * view.scale + view.x, y * view.scale + view.y, i ? 3 : 5, 0, 7);
      context.fillStyle = "#fff";
      context.fill();
      context.lineWidth = 1.5;
      context.strokeStyle = "#1c1e22";
      context.stroke();
    });
  }
}

class Fill extends Tool {
  down(point) {
    const { app } = this;
    const { layers, scene } = app;
    const plane = shapes.flood(layers.labels, scene.width, scene.height, Math.floor(point.x), Math.floor(point.y));
    if (!plane.box) return;
    const mode = modeOf(point, app);
    app.commitShape(plane, mode === "new" && app.selected ? "add" : mode, this.id);
  }
}

class Move extends Tool {
  cursor = "default";
  modes = false;
  drag = null;

  get isBusy() {
    return this.drag !== null;
  }

  down(point) {
    const { app } = this;
    const corner = this.#corner(point);
    const id = corner === null ? app.layers.at(point.x, point.y) : app.selected;
    app.select(id);
    if (!id || app.region(id)?.locked) return;
    this.drag = { id, corner, from: [point.x, point.y], to: [point.x, point.y], box: app.layers.shapes.get(id).box };
  }

  move(point) {
    if (this.drag) Object.assign(this.drag, { to: [point.x, point.y], even: point.shift });
  }

  up() {
    const { drag, app } = this;
    this.drag = null;
    if (!drag) return;
    const box = this.#target(drag);
    if (box.some((value, i) => value !== drag.box[i])) app.placeRegion(drag.id, drag.box, box);
  }

  cancel() {
    this.drag = null;
  }

  hover(point) {
    const { app } = this;
    const corner = this.#corner(point);
    app.hover(app.layers.at(point.x, point.y));
    this.cursor = corner === null ? (app.hovered ? "move" : "default") : ["nwse-resize", "nesw-resize"][corner % 2];
  }

  leave() {
    this.app.hover(null);
  }

  twice(point) {
    const id = this.app.layers.at(point.x, point.y);
    if (id) this.app.askCaption(id);
  }

  #corner(point) {
    const shape = this.app.selected && this.app.layers.shapes.get(this.app.selected);
    if (!shape?.box) return null;
    const reach = 9 / this.app.stage.view.scale;
    const index = paint.corners(shape.box).findIndex(([x, y]) => Math.abs(x - point.x) < reach && Math.abs(y - point.y) < reach);
    return index < 0 ? null : index;
  }

  /** The box after the drag, in whole pixels. */
  #target({ corner, from, to, box, even }) {
    const [dx, dy] = [Math.round(to[0] - from[0]), Math.round(to[1] - from[1])];
    if (corner === null) return [box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy];
    const out = [...box];
    const xs = corner === 0 || corner === 3 ? 0 : 2;
    const ys = corner < 2 ? 1 : 3;
    out[xs] += dx;
    out[ys] += even ? Math.round((dx * (box[3] - box[1])) / (box[2] - box[0])) * (xs + 1 === ys ? 1 : -1) : dy;
    if (out[2] - out[0] < 2) out[xs] = xs ? out[0] + 2 : out[2] - 2;
    if (out[3] - out[1] < 2) out[ys] = ys === 3 ? out[1] + 2 : out[3] - 2;
    return out;
  }

  draw(context, stage) {
    const { app } = this;
    const shape = app.selected && app.layers.shapes.get(app.selected);
    if (!shape?.box) return;
    if (!this.drag) {
      if (!app.region(app.selected)?.locked) paint.handles(context, stage.view, shape.box);
      return;
    }
    const to = this.#target(this.drag);
    const [from] = [this.drag.box];
    const sx = (to[2] - to[0]) / (from[2] - from[0]);
    const sy = (to[3] - to[1]) / (from[3] - from[1]);
    const loops = (app.layers.outlines.get(app.selected)?.loops ?? []).map((loop) =>
      loop.map((value, i) => (i % 2 ? to[1] + (value - from[1]) * sy : to[0] + (value - from[0]) * sx)),
    );
    paint.outline(context, stage.view, loops, { colour: app.nextLook("add").colour, width: 2, dash: [6, 4] });
    paint.handles(context, stage.view, to);
  }
}

class Hand extends Tool {
  cursor = "grab";
  modes = false;
}

class Zoom extends Tool {
  cursor = "zoom-in";
  modes = false;

  down(point) {
    this.app.stage.zoom(point.alt || point.secondary ? 1 / 1.6 : 1.6, [point.sx, point.sy]);
  }
}

/** All tools but the smart click, which needs the server. */
export function buildTools(app) {
  return [
    new Move(app, "move", "V", t("Move"), t("Drag a region; corners scale, Shift keeps the ratio; double-click to rename")),
    new Brush(app, "brush", "B", t("Brush"), t("Paint the selected region, or a new one; right-drag erases")),
    new Brush(app, "eraser", "E", t("Eraser"), t("Subtract from the selected region")),
    new Drag(app, "lasso", "L", t("Lasso"), t("Draw around an area; the outline closes by itself")),
    new Polygon(app, "polygon", "P", t("Polygon"), t("Click corners; Enter or double-click closes, Esc takes one back")),
    new Drag(app, "rectangle", "R", t("Rectangle"), t("Drag from corner to corner")),
    new Drag(app, "ellipse", "O", t("Ellipse"), t("Drag from corner to corner")),
    new Fill(app, "fill", "G", t("Fill"), t("Click an enclosed area to give it to a region")),
    new Hand(app, "hand", "H", t("Pan"), t("Drag the view; hold Space with any tool")),
    new Zoom(app, "zoom", "Z", t("Zoom"), t("Click to zoom in, Alt-click to zoom out; the wheel works everywhere")),
  ];
}

