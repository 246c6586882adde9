/** Moving a region, scaling it by its corners, and turning it by the knob above it. */

import * as paint from "./paint.mjs";
import { rotated } from "../core/trace.mjs";
import { Tool } from "./tool.mjs";

/** @import { Box, Point } from "../types.mjs" */

/**
 * @typedef {{ id: string, corner: number | null, from: [number, number], to: [number, number], box: Box, even: boolean }} Dragged
 *   `corner` null moves; `even` keeps the ratio
 */

/** @typedef {{ id: string, centre: [number, number], from: number, degrees: number }} Turned `from`: the angle at first, in degrees */

const KNOB = 24; // CSS pixels above the box
const SNAP = 15; // degrees, with Shift
const REACH = 9; // CSS pixels round a corner
const SMALLEST = 2; // pixels of a side

export class Move extends Tool {
  cursor = "default";
  modes = false;
  /** @type {Dragged | null} */
  drag = null;
  /** @type {Turned | null} */
  turning = null;

  /** @param {Point} point */
  down(point) {
    const { document } = this;
    if (this.#takesKnob(point)) return;
    const corner = this.#corner(point);
    const id = corner === null ? document.layers.at(point.x, point.y) : document.selected;
    document.select(id);
    const box = id && document.layers.shapes.get(id)?.box;
    if (!id || !box || document.region(id)?.locked) return;
    this.drag = { id, corner, from: [point.x, point.y], to: [point.x, point.y], box, even: false };
    this.isBusy = true;
  }

  /** @param {Point} point */
  move(point) {
    const { turning } = this;
    if (turning) {
      const degrees = ((angle(turning.centre, point) - turning.from + 540) % 360) - 180;
      turning.degrees = point.shift ? SNAP * Math.round(degrees / SNAP) : Math.round(degrees);
    }
    if (this.drag) Object.assign(this.drag, { to: [point.x, point.y], even: point.shift });
  }

  up() {
    const { drag, turning } = this;
    this.cancel();
    if (turning?.degrees) this.edits.turn({ degrees: turning.degrees });
    if (!drag) return;
    const box = target(drag);
    if (box.some((value, i) => value !== drag.box[i])) this.edits.placeRegion(drag.id, drag.box, box);
  }

  cancel() {
    this.drag = null;
    this.turning = null;
    this.isBusy = false;
  }

  /** @param {Point} point */
  hover(point) {
    const { document } = this;
    const corner = this.#corner(point);
    document.hover(document.layers.at(point.x, point.y));
    if (this.#isOnKnob(point)) this.cursor = "grab";
    else this.cursor = corner === null ? (document.hovered ? "move" : "default") : ["nwse-resize", "nesw-resize"][corner % 2];
  }

  leave() {
    this.document.hover(null);
  }

  /** @param {Point} point */
  twice(point) {
    const id = this.document.layers.at(point.x, point.y);
    if (id) this.bus.emit("askCaption", id);
  }

  /** The corner of the selected region under the pointer. @param {Point} point */
  #corner(point) {
    const box = this.#selectedBox;
    if (!box) return null;
    const reach = REACH / this.lens.view.scale;
    const index = paint.corners(box).findIndex(([x, y]) => Math.abs(x - point.x) < reach && Math.abs(y - point.y) < reach);
    return index < 0 ? null : index;
  }

  /** Where the knob is, in the scene. @returns {[number, number] | null} */
  get #knob() {
    const box = this.#selectedBox;
    return box && [(box[0] + box[2]) / 2, box[1] - KNOB / this.lens.view.scale];
  }

  /** @param {Point} point */
  #isOnKnob({ x, y }) {
    const knob = this.#knob;
    return knob !== null && Math.hypot(knob[0] - x, knob[1] - y) < REACH / this.lens.view.scale;
  }

  /** @param {Point} point */
  #takesKnob(point) {
    const { selected } = this.document;
    const box = this.#selectedBox;
    if (!selected || !box || !this.#isOnKnob(point) || this.document.region(selected)?.locked) return false;
    /** @type {[number, number]} */
    const centre = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    this.turning = { id: selected, centre, from: angle(centre, point), degrees: 0 };
    return (this.isBusy = true);
  }

  get #selectedBox() {
    const { selected, layers } = this.document;
    return selected === null ? null : (layers.shapes.get(selected)?.box ?? null);
  }

  /** @param {CanvasRenderingContext2D} context */
  draw(context) {
    const { document, lens, drag } = this;
    const box = this.#selectedBox;
    if (!document.selected || !box) return;
    const look = { colour: document.nextLook("add").colour, width: 2, dash: [6, 4] };
    const shown = document.layers.outlines.get(document.selected)?.loops ?? [];
    if (this.turning) {
      const { centre, degrees } = this.turning;
      paint.outline(context, lens.view, rotated(shown, centre, degrees), look);
      return;
    }
    if (!drag) {
      if (document.region(document.selected)?.locked) return;
      paint.handles(context, lens.view, box);
      if (this.#knob) paint.knob(context, lens.toPane(this.#knob), KNOB);
      return;
    }
    const [from, to] = [drag.box, target(drag)];
    const sx = (to[2] - to[0]) / (from[2] - from[0]);
    const sy = (to[3] - to[1]) / (from[3] - from[1]);
    const loops = shown.map((loop) =>
      loop.map((value, i) => (i % 2 ? to[1] + (value - from[1]) * sy : to[0] + (value - from[0]) * sx)),
    );
    paint.outline(context, lens.view, loops, look);
    paint.handles(context, lens.view, to);
  }
}

/** From one place to another, in degrees clockwise. @param {[number, number]} centre @param {Point} point */
function angle(centre, { x, y }) {
  return (Math.atan2(y - centre[1], x - centre[0]) * 180) / Math.PI;
}

/** The box after the drag, in whole pixels. @param {Dragged} drag @returns {Box} */
export function target({ corner, from, to, box, even }) {
  const [dx, dy] = [Math.round(to[0] - from[0]), Math.round(to[1] - from[1])];
  if (corner === null) return [box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy];
  /** @type {Box} */
  const out = [...box];
  const xs = corner === 0 || corner === 3 ? 0 : 2;
  const ys = corner < 2 ? 1 : 3;
  out[xs] += dx;
  out[ys] += even ? Math.round((dx * (box[3] - box[1])) / (box[2] - box[0])) * (xs + 1 === ys ? 1 : -1) : dy;
  if (out[2] - out[0] < SMALLEST) out[xs] = xs ? out[0] + SMALLEST : out[2] - SMALLEST;
  if (out[3] - out[1] < SMALLEST) out[ys] = ys === 3 ? out[1] + SMALLEST : out[3] - SMALLEST;
  return out;
}
