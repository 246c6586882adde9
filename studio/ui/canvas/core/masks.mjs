/** Combining and moving masks; every function returns a new mask. */

/** @param {"add"|"subtract"|"intersect"|"replace"} mode */
export function combine(mask, other, mode) {
  const out = new Uint8Array(mask.length);
  for (let i = 0; i < mask.length; i++) {
    const [a, b] = [mask[i], other[i]];
    if (mode === "add") out[i] = a | b;
    else if (mode === "subtract") out[i] = a & (1 - b);
    else if (mode === "intersect") out[i] = a & b;
    else out[i] = b;
  }
  return out;
}

/** Move by whole pixels; what leaves the scene is cut. */
export function shift(mask, width, height, dx, dy) {
  return resample(mask, width, height, (x, y) => [x - dx, y - dy]);
}

/** Scale box `from` onto box `to`, nearest pixel. */
export function rescale(mask, width, height, from, to) {
  const sx = (from[2] - from[0]) / Math.max(1, to[2] - to[0]);
  const sy = (from[3] - from[1]) / Math.max(1, to[3] - to[1]);
  return resample(mask, width, height, (x, y) => [
    Math.floor(from[0] + (x + 0.5 - to[0]) * sx),
    Math.floor(from[1] + (y + 0.5 - to[1]) * sy),
  ]);
}

function resample(mask, width, height, source) {
  const out = new Uint8Array(mask.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [px, py] = source(x, y);
      if (px >= 0 && py >= 0 && px < width && py < height) out[y * width + x] = mask[py * width + px];
    }
  }
  return out;
}

/** The label map: 0 is background, i + 1 the i-th region; later regions lie on top. */
export function labelMap(masks, width, height) {
  const labels = new Uint16Array(width * height);
  masks.forEach((mask, index) => {
    if (!mask) return;
    for (let i = 0; i < mask.length; i++) if (mask[i]) labels[i] = index + 1;
  });
  return labels;
}
