/** Masks written as rows of # and ., and numbers that look random but are the same each time. */

export const picture = (rows) => Uint8Array.from(rows.join(""), (c) => (c === "#" ? 1 : 0));

export const rows = (mask, width) =>
  Array.from({ length: mask.length / width }, (_, y) =>
    Array.from(mask.subarray(y * width, (y + 1) * width), (v) => (v ? "#" : ".")).join(""),
  );

export const random = (seed) => () => {
  seed = (seed * 1664525 + 1013904223) >>> 0;
  return seed / 2 ** 32;
};
