/** Dropped files are told apart by their name, their first bytes and a small copy of their pixels. */

import assert from "node:assert/strict";
import test from "node:test";
import { guess, guessByPixels } from "../../../studio/ui/page/core/guess.mjs";

const bytes = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** The first bytes of a PNG with this colour type, and whatever chunk follows. */
function png(colourType, after = "") {
  return Uint8Array.from([0x89, ...bytes("PNG\r\n\x1a\n"), 0, 0, 0, 13, ...bytes("IHDR"), 0, 0, 0, 8, 0, 0, 0, 8, 8, colourType, 0, 0, 0, ...bytes(after)]);
}

const pixels = (count, colour) => Uint8ClampedArray.from(Array.from({ length: count }, (_, i) => [...colour(i), 255]).flat());

test("a photo's container is a photo, whatever the case of its name", () => {
  assert.equal(guess("DSC_0001.JPG", bytes("\xff\xd8\xff")), "photo");
  assert.equal(guess("scan.tiff", bytes("II*")), "photo");
});

test("a picture with our recipe is opened, in PNG and in JPEG", () => {
  assert.equal(guess("picture.png", png(2, "iTXtseg2any\0\0")), "scene");
  assert.equal(guess("picture.jpg", bytes("\xff\xd8\xff\xe1xmp seg2any:recipe")), "scene");
});

test("a PNG with a palette is a label map, any other PNG has to be looked at", () => {
  assert.equal(guess("labels.png", png(3)), "scene");
  assert.equal(guess("grey.png", png(0)), "picture");
});

test("projects and scenes are opened", () => {
  for (const name of ["night.s2a", "scene.json", "masks.zip", "layers.ora"]) assert.equal(guess(name, bytes("PK")), "scene");
});

test("black and white, with a soft edge, is a mask", () => {
  const soft = pixels(1000, (i) => (i < 400 ? [0, 0, 0] : i < 405 ? [128, 128, 128] : [255, 255, 255]));
  assert.equal(guessByPixels(soft), "mask");
});

test("a few flat colours are a label map, many are a photo", () => {
  assert.equal(guessByPixels(pixels(1000, (i) => [i % 5, i % 5, i % 5].map((value) => 40 * value))), "scene");
  assert.equal(guessByPixels(pixels(1000, (i) => [i % 250, (i * 7) % 250, 90])), "photo");
});

test("one colour alone is a photo: there is nothing in it to tell", () => {
  assert.equal(guessByPixels(pixels(100, () => [255, 255, 255])), "photo");
});
