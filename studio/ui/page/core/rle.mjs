/** Masks as run lengths: row-major counts that alternate off, on, off, ... and start with off. */

/** @import { Box, Shape } from "../types.mjs" */

/** @param {Uint8Array} mask 0 or 1 per pixel */
export function encode(mask) {
  const counts = [];
  let value = 0;
  let start = 0;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] !== value) {
      counts.push(i - start);
      start = i;
      value = mask[i];
    }
  }
  counts.push(mask.length - start);
  return counts;
}

/** @param {number[]} counts @param {number} length @returns {Uint8Array} `length` pixels, 0 or 1 */
export function decode(counts, length) {
  const mask = new Uint8Array(length);
  let at = 0;
  let value = 0;
  for (const count of counts) {
    if (value) mask.fill(1, at, at + count);
    at += count;
    value = 1 - value;
  }
  if (at !== length) throw new RangeError(`The runs cover ${at} pixels instead of ${length}.`);
  return mask;
}

/** @param {Uint8Array} mask */
export function area(mask) {
  let total = 0;
  for (let i = 0; i < mask.length; i++) total += mask[i];
  return total;
}

/**
 * The smallest box [left, top, right, bottom) around the set pixels, null for none.
 * @param {Uint8Array} mask @param {number} width @param {number} height @returns {Box | null}
 */
export function bounds(mask, width, height) {
  let left = width;
  let right = -1;
  let top = -1;
  let bottom = -1;
  for (let y = 0; y < height; y++) {
    const row = mask.subarray(y * width, (y + 1) * width);
    const first = row.indexOf(1);
    if (first < 0) continue;
    if (top < 0) top = y;
    bottom = y;
    if (first < left) left = first;
    const last = row.lastIndexOf(1);
    if (last > right) right = last;
  }
  return top < 0 ? null : [left, top, right + 1, bottom + 1];
}

/** Cut a box out of a full mask. @param {Uint8Array} mask @param {number} width @param {Box} box */
export function crop(mask, width, box) {
  const [left, top, right, bottom] = box;
  const out = new Uint8Array((right - left) * (bottom - top));
  for (let y = top; y < bottom; y++) {
    out.set(mask.subarray(y * width + left, y * width + right), (y - top) * (right - left));
  }
  return out;
}

/**
 * A full mask from a cut-out; what lies outside the scene is dropped.
 * @param {Uint8Array} piece @param {Box} box @param {number} width @param {number} height
 */
export function paste(piece, box, width, height) {
  const mask = new Uint8Array(width * height);
  const [left, top, right, bottom] = box;
  const from = Math.max(0, left);
  const to = Math.min(width, right);
  for (let y = Math.max(0, top); y < Math.min(height, bottom); y++) {
    const start = (y - top) * (right - left) - left;
    for (let x = from; x < to; x++) mask[y * width + x] = piece[start + x];
  }
  return mask;
}

/**
 * A shape for the server: its box and the runs inside.
 * @param {Uint8Array} mask @param {Box | null} box @param {number} width @returns {Shape}
 */
export function shapeOf(mask, box, width) {
  return box ? { box, counts: encode(crop(mask, width, box)) } : { box: null, counts: [] };
}

/** @param {Shape} shape @param {number} width @param {number} height */
export function maskOf(shape, width, height) {
  if (!shape.box) return new Uint8Array(width * height);
  const [left, top, right, bottom] = shape.box;
  return paste(decode(shape.counts, (right - left) * (bottom - top)), shape.box, width, height);
}
