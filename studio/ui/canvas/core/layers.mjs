/** The regions' shapes as the browser holds them: masks, who owns each pixel, and outlines. */

import { bounds } from "./rle.mjs";
import { anchor, trace } from "./trace.mjs";

export class Layers {
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.labels = new Uint16Array(width * height);
    this.order = []; // region ids from the lowest to the topmost, hidden ones left out
    this.shapes = new Map(); // id -> {mask, box, digest}
    this.outlines = new Map(); // id -> {loops, anchor, box}: what the region owns
    this.numbers = new Map(); // id -> label; stable while the region lives
    this.nextNumber = 1;
  }

  mask(id) {
    return this.shapes.get(id)?.mask ?? null;
  }

  digest(id) {
    return this.shapes.get(id)?.digest ?? null;
  }

  /** The region on top at a pixel, or null. */
  at(x, y) {
    const [px, py] = [Math.floor(x), Math.floor(y)];
    if (px < 0 || py < 0 || px >= this.width || py >= this.height) return null;
    const label = this.labels[py * this.width + px];
    return label ? (this.order.find((id) => this.numbers.get(id) === label) ?? null) : null;
  }

  /** Set one mask; a digest of null says that the server has not confirmed it yet. */
  put(id, mask, digest = null) {
    const before = this.shapes.get(id)?.box ?? null;
    const box = bounds(mask, this.width, this.height);
    this.shapes.set(id, { mask, box, digest });
    if (!this.numbers.has(id)) this.numbers.set(id, this.nextNumber++);
    if (this.order.includes(id)) this.#relabel(union(before, box));
  }

  confirm(id, digest) {
    const shape = this.shapes.get(id);
    if (shape) shape.digest = digest;
  }

  /** Say which regions are visible, lowest first; forgets the shapes of ids not in `alive`. */
  arrange(order, alive = order) {
    const living = new Set(alive);
    const gone = new Map();
    for (const [id, shape] of [...this.shapes]) {
      if (!living.has(id)) {
        gone.set(id, shape);
        this.shapes.delete(id);
        this.numbers.delete(id);
      }
    }
    const shown = order.filter((id) => this.shapes.has(id));
    if (shown.length === this.order.length && shown.every((id, i) => id === this.order[i])) return;
    const box = this.#changedBox(shown, gone);
    this.order = shown;
    for (const id of [...this.outlines.keys()]) if (!shown.includes(id)) this.outlines.delete(id);
    this.#relabel(box);
  }

  /** Where pixels may change owner: what came or went; everywhere when the order is another. */
  #changedBox(shown, gone) {
    const stays = new Set(this.order.filter((id) => shown.includes(id)));
    const [before, after] = [this.order, shown].map((ids) => ids.filter((id) => stays.has(id)));
    if (before.some((id, i) => id !== after[i])) return [0, 0, this.width, this.height];
    const changed = [...this.order, ...shown].filter((id) => !stays.has(id));
    return changed.map((id) => (this.shapes.get(id) ?? gone.get(id))?.box ?? null).reduce(union, null);
  }

  /** The label map as the server counts it: 0 background, i the i-th visible region from 1. */
  labelMap() {
    const rank = new Map(this.order.map((id, index) => [this.numbers.get(id), index + 1]));
    return Array.from(this.labels, (label) => rank.get(label) ?? 0);
  }

  #relabel(box) {
    if (!box) return;
    const [left, top, right, bottom] = box;
    const touched = new Set();
    const before = new Map();
    for (let y = top; y < bottom; y++) {
      const row = y * this.width;
      before.set(y, this.labels.slice(row + left, row + right));
      this.labels.fill(0, row + left, row + right);
    }
    for (const id of this.order) {
      const { mask, box: own } = this.shapes.get(id);
      const part = own && intersection(own, box);
      if (!part) continue;
      const label = this.numbers.get(id);
      for (let y = part[1]; y < part[3]; y++) {
        const row = y * this.width;
        for (let x = part[0]; x < part[2]; x++) if (mask[row + x]) this.labels[row + x] = label;
      }
    }
    for (let y = top; y < bottom; y++) {
      const row = y * this.width + left;
      const old = before.get(y);
      for (let i = 0; i < old.length; i++) {
        if (old[i] !== this.labels[row + i]) touched.add(old[i]).add(this.labels[row + i]);
      }
    }
    this.#retrace(touched);
  }

  #retrace(labels) {
    for (const id of this.order) {
      const label = this.numbers.get(id);
      if (!labels.has(label) && this.outlines.has(id)) continue;
      const box = this.shapes.get(id).box ?? [0, 0, 0, 0];
      this.outlines.set(id, {
        box,
        loops: trace(this.labels, this.width, this.height, box, label),
        anchor: anchor(this.labels, this.width, box, label),
      });
    }
  }
}

function union(a, b) {
  if (!a || !b) return a ?? b;
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}

function intersection(a, b) {
  const box = [
    Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3]),
  ];
  return box[0] < box[2] && box[1] < box[3] ? box : null;
}
