/** Combining and moving masks; every function returns a new mask. */

/** @import { Box, Mode } from "../types.mjs" */

/** @param {Uint8Array} mask @param {Uint8Array} other @param {Mode} mode */
export function combine(mask, other, mode) {
  if (mode === "replace") return other.slice();
  const out = mask.slice();
  if (mode === "add") for (let i = 0; i < out.length; i++) out[i] |= other[i];
  else if (mode === "subtract") for (let i = 0; i < out.length; i++) out[i] &= 1 - other[i];
  else for (let i = 0; i < out.length; i++) out[i] &= other[i];
  return out;
}

/**
 * Move by whole pixels, row by row; what leaves the scene is cut.
 * @param {Uint8Array} mask @param {number} width @param {number} height @param {number} dx @param {number} dy
 */
export function shift(mask, width, height, dx, dy) {
  const out = new Uint8Array(mask.length);
  const [left, right] = [Math.max(0, dx), Math.min(width, width + dx)];
  for (let y = Math.max(0, dy); y < Math.min(height, height + dy) && left < right; y++) {
    const from = (y - dy) * width - dx;
    out.set(mask.subarray(from + left, from + right), y * width + left);
  }
  return out;
}

/**
 * Scale box `from` onto box `to`, nearest pixel.
 * @param {Uint8Array} mask @param {number} width @param {number} height @param {Box} from @param {Box} to
 */
export function rescale(mask, width, height, from, to) {
  const sx = (from[2] - from[0]) / Math.max(1, to[2] - to[0]);
  const sy = (from[3] - from[1]) / Math.max(1, to[3] - to[1]);
  const columns = Array.from({ length: width }, (_, x) => Math.floor(from[0] + (x + 0.5 - to[0]) * sx));
  const out = new Uint8Array(mask.length);
  for (let y = 0; y < height; y++) {
    const py = Math.floor(from[1] + (y + 0.5 - to[1]) * sy);
    if (py < 0 || py >= height) continue;
    for (let x = 0; x < width; x++) {
      const px = columns[x];
      if (px >= 0 && px < width) out[y * width + x] = mask[py * width + px];
    }
  }
  return out;
}

/**
 * The label map: 0 is background, i + 1 the i-th region; later regions lie on top.
 * @param {(Uint8Array | null)[]} masks @param {number} width @param {number} height
 */
export function labelMap(masks, width, height) {
  const labels = new Uint16Array(width * height);
  masks.forEach((mask, index) => {
    if (!mask) return;
    for (let i = 0; i < mask.length; i++) if (mask[i]) labels[i] = index + 1;
  });
  return labels;
}

/** Eight pixels at a time where the length allows it. @param {Uint8Array} a @param {Uint8Array} b */
export function isSame(a, b) {
  if (a.length !== b.length) return false;
  const wide = a.length >> 3;
  const [x, y] = [new BigUint64Array(a.buffer, 0, wide), new BigUint64Array(b.buffer, 0, wide)];
  for (let i = 0; i < wide; i++) if (x[i] !== y[i]) return false;
  for (let i = wide << 3; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
