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
    const before = this.shapes.get(id);
    const box = bounds(mask, this.width, this.height);
    this.shapes.set(id, { mask, box, digest });
    if (!this.numbers.has(id)) this.numbers.set(id, this.nextNumber++);
    if (this.order.includes(id)) this.#relabel(union(before.box, box), [before.mask, mask]);
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
    const changed = this.#changed(shown, gone);
    this.order = shown;
    for (const id of [...this.outlines.keys()]) if (!shown.includes(id)) this.outlines.delete(id);
    if (!changed) this.#relabel([0, 0, this.width, this.height], null);
    else this.#relabel(changed.map(({ box }) => box).reduce(union, null), changed.map(({ mask }) => mask));
  }

  /** The shapes that came or went; null when those that stay have another order. */
  #changed(shown, gone) {
    const stays = new Set(this.order.filter((id) => shown.includes(id)));
    const [before, after] = [this.order, shown].map((ids) => ids.filter((id) => stays.has(id)));
    if (before.some((id, i) => id !== after[i])) return null;
    const changed = [...this.order, ...shown].filter((id) => !stays.has(id));
    return changed.map((id) => this.shapes.get(id) ?? gone.get(id)).filter((shape) => shape?.box);
  }

  /** The label map as the server counts it: 0 background, i the i-th visible region from 1. */
  labelMap() {
    const rank = new Map(this.order.map((id, index) => [this.numbers.get(id), index + 1]));
    return Array.from(this.labels, (label) => rank.get(label) ?? 0);
  }

  /** Work out again who owns each pixel of a box; where `masks` are given, only what one of them covers. */
  #relabel(box, masks) {
    if (!box) return;
    const [left, top, right, bottom] = box;
    const planes = this.order.map((id) => this.shapes.get(id).mask).reverse();
    const numbers = [...this.order.map((id) => this.numbers.get(id)).reverse(), 0];
    const touched = new Uint8Array(this.nextNumber);
    for (let y = top; y < bottom; y++) {
      for (let i = y * this.width + left, end = y * this.width + right; i < end; i++) {
        if (masks && !isCovered(masks, i)) continue;
        let at = 0;
        while (at < planes.length && !planes[at][i]) at++;
        const owner = numbers[at];
        const old = this.labels[i];
        if (old === owner) continue;
        this.labels[i] = owner;
        touched[old] = touched[owner] = 1;
      }
    }
    this.#retrace(touched);
  }

  #retrace(labels) {
    for (const id of this.order) {
      const label = this.numbers.get(id);
      if (!labels[label] && this.outlines.has(id)) continue;
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

function isCovered(masks, i) {
  for (let k = 0; k < masks.length; k++) if (masks[k][i]) return true;
  return false;
}
