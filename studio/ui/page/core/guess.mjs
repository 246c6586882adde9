/** What a file is, judged by its name, its first bytes and a small picture of it. */

const RECIPE = [..."seg2any"].map((letter) => letter.charCodeAt(0));
const PICTURE = /\.(jpe?g|png|webp|tiff?|bmp|gif)$/i;
const [NEARLY_BLACK, NEARLY_WHITE] = [8, 247];
const FEW_COLOURS = 40;
const CLEAN = 0.985; // of a mask's pixels are black or white, softened edges aside

/** @typedef {"photo" | "picture" | "scene"} Guess a photo, a picture that has to be looked at, or what we open */

/** @param {string} name @param {Uint8Array} head the first bytes @returns {Guess} */
export function guess(name, head) {
  if (!PICTURE.test(name)) return "scene";
  if (contains(head, RECIPE)) return "scene";
  return isPng(head) ? (head[25] === 3 ? "scene" : "picture") : "photo"; // 3: a palette, as label maps have
}

/**
 * What the pixels of a small copy, made without blending, look like.
 * @param {Uint8ClampedArray} pixels red, green, blue, alpha
 * @returns {"photo" | "mask" | "scene"}
 */
export function guessByPixels(pixels) {
  /** @type {Set<number>} */
  const colours = new Set();
  let plain = 0;
  for (let i = 0; i < pixels.length; i += 4) {
    const [red, green, blue] = [pixels[i], pixels[i + 1], pixels[i + 2]];
    colours.add((red << 16) | (green << 8) | blue);
    if (isPlain(red, green, blue)) plain++;
  }
  if (plain >= CLEAN * (pixels.length / 4) && colours.size > 1) return "mask";
  return colours.size <= FEW_COLOURS && colours.size > 1 ? "scene" : "photo";
}

/** Black or white. @param {number} red @param {number} green @param {number} blue */
function isPlain(red, green, blue) {
  const [low, high] = [Math.min(red, green, blue), Math.max(red, green, blue)];
  return high <= NEARLY_BLACK || low >= NEARLY_WHITE;
}

/** @param {Uint8Array} head */
function isPng(head) {
  return head[0] === 0x89 && head[1] === 0x50 && head[2] === 0x4e && head[3] === 0x47;
}

/** @param {Uint8Array} bytes @param {number[]} wanted */
function contains(bytes, wanted) {
  for (let at = bytes.indexOf(wanted[0]); at >= 0; at = bytes.indexOf(wanted[0], at + 1)) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return true;
  }
  return false;
}
