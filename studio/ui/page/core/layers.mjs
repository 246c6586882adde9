/** The regions' shapes as the browser holds them: masks, who owns each pixel, and outlines. */

import { bounds } from "./rle.mjs";
import { anchor, trace } from "./trace.mjs";

/** @import { Box, Outline } from "../types.mjs" */

/** @typedef {{ mask: Uint8Array, box: Box | null, digest: string | null }} Held */

export class Layers {
  /** @param {number} width @param {number} height */
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.labels = new Uint16Array(width * height);
    /** @type {string[]} region ids from the lowest to the topmost, hidden ones left out */
    this.order = [];
    /** @type {Map<string, Held>} by id */
    this.shapes = new Map();
    /** @type {Map<string, Outline>} by id: what the region owns */
    this.outlines = new Map();
    /** @type {Map<string, number>} id -> label; stable while the region lives */
    this.numbers = new Map();
    this.nextNumber = 1;
  }

  /** @param {string} id */
  mask(id) {
    return this.shapes.get(id)?.mask ?? null;
  }

  /** @param {string} id */
  digest(id) {
    return this.shapes.get(id)?.digest ?? null;
  }

  /** The region on top at a pixel, or null. @param {number} x @param {number} y */
  at(x, y) {
    const [px, py] = [Math.floor(x), Math.floor(y)];
    if (px < 0 || py < 0 || px >= this.width || py >= this.height) return null;
    const label = this.labels[py * this.width + px];
    return label ? (this.order.find((id) => this.numbers.get(id) === label) ?? null) : null;
  }

  /**
   * Set one mask; a digest of null says that the server has not confirmed it yet.
   * @param {string} id @param {Uint8Array} mask @param {string | null} digest
   */
  put(id, mask, digest = null) {
    const before = this.shapes.get(id);
    const box = bounds(mask, this.width, this.height);
    this.shapes.set(id, { mask, box, digest });
    if (!this.numbers.has(id)) this.numbers.set(id, this.nextNumber++);
    if (this.order.includes(id)) this.#relabel(union(before?.box ?? null, box), before ? [before.mask, mask] : [mask]);
  }

  /** @param {string} id @param {string | null} digest */
  confirm(id, digest) {
    const shape = this.shapes.get(id);
    if (shape) shape.digest = digest;
  }

  /** Say which regions are visible, lowest first; forgets the shapes of ids not in `alive`. @param {string[]} order @param {string[]} alive */
  arrange(order, alive = order) {
    const living = new Set(alive);
    /** @type {Map<string, Held>} */
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

  /** The shapes that came or went; null when those that stay have another order. @param {string[]} shown @param {Map<string, Held>} gone */
  #changed(shown, gone) {
    const stays = new Set(this.order.filter((id) => shown.includes(id)));
    const [before, after] = [this.order, shown].map((ids) => ids.filter((id) => stays.has(id)));
    if (before.some((id, i) => id !== after[i])) return null;
    const changed = [...this.order, ...shown].filter((id) => !stays.has(id));
    return changed.flatMap((id) => this.shapes.get(id) ?? gone.get(id) ?? []).filter((shape) => shape.box);
  }

  /** The label map as the server counts it: 0 background, i the i-th visible region from 1. */
  labelMap() {
    const rank = new Map(this.order.map((id, index) => [this.numbers.get(id), index + 1]));
    return Array.from(this.labels, (label) => rank.get(label) ?? 0);
  }

  /**
   * Work out again who owns each pixel of a box; where `masks` are given, only what one of them covers.
   * @param {Box | null} box @param {Uint8Array[] | null} masks
   */
  #relabel(box, masks) {
    if (!box) return;
    const [left, top, right, bottom] = box;
    const topFirst = [...this.order].reverse();
    const planes = topFirst.map((id) => this.#held(id).mask);
    const numbers = [...topFirst.map((id) => this.#label(id)), 0];
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

  /** What `arrange` has let in is there. @param {string} id */
  #held(id) {
    const held = this.shapes.get(id);
    if (!held) throw new Error(`Region ${id} has no mask.`);
    return held;
  }

  /** @param {string} id */
  #label(id) {
    return this.numbers.get(id) ?? 0;
  }

  /** @param {Uint8Array} labels 1 for those that changed */
  #retrace(labels) {
    for (const id of this.order) {
      const label = this.#label(id);
      if (!labels[label] && this.outlines.has(id)) continue;
      /** @type {Box} */
      const box = this.#held(id).box ?? [0, 0, 0, 0];
      this.outlines.set(id, {
        box,
        loops: trace(this.labels, this.width, this.height, box, label),
        anchor: anchor(this.labels, this.width, box, label),
      });
    }
  }
}

/** @param {Box | null} a @param {Box | null} b @returns {Box | null} */
function union(a, b) {
  if (!a || !b) return a ?? b;
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}

/** @param {Uint8Array[]} masks @param {number} i */
function isCovered(masks, i) {
  for (let k = 0; k < masks.length; k++) if (masks[k][i]) return true;
  return false;
}
