/** Files that are dropped or pasted: guessed right, or asked about. */

import { guess, guessByPixels } from "../core/guess.mjs";
import { bounds } from "../core/rle.mjs";
import { asError } from "./server.mjs";
import { t } from "../words/words.mjs";

/** @import { Kind } from "../photo_types.mjs" */
/** @import { Parts } from "../types.mjs" */

const HEAD = 1 << 18; // bytes in which a recipe begins
const SMALL = 96; // pixels of the copy that is looked at
const LIKE = 0.02; // by how much a mask's proportions may differ from the scene's
const HALF = 128; // from here on a mask covers

export class Arrivals {
  /** @param {Pick<Parts, "bus" | "document" | "edits" | "editing" | "files" | "pictures">} parts */
  constructor({ bus, document, edits, editing, files, pictures }) {
    this.bus = bus;
    this.document = document;
    this.edits = edits;
    this.editing = editing;
    this.files = files;
    this.pictures = pictures;
  }

  /** There is nothing yet that a photo could be put beside. */
  get #isBare() {
    const { document, pictures } = this;
    return !document.scene.regions.length && !pictures.history.length && !document.confirmed.photo;
  }

  /** @param {File[]} files */
  async receive(files) {
    if (!files.length) return;
    const kinds = await Promise.all(files.map(kindOf));
    const photos = files.filter((_, i) => kinds[i] === "photo");
    if (files.length > 1 && photos.length === files.length) await this.files.open(photos, "edit", { isOffered: true });
    else if (files.length > 1 || kinds[0] === "scene") await this.files.open(files, "open", { isOffered: true });
    else if (kinds[0] === "photo" && this.#isBare) await this.files.open(files, "edit");
    else if (kinds[0] === "mask" && (await this.#isOfThisSize(files[0])) && this.editing.isOn) await this.addMask(files[0]);
    else this.bus.emit("arrival", { files, kind: kinds[0] });
  }

  /** @param {File} file */
  async #isOfThisSize(file) {
    const picture = await createImageBitmap(file).catch(() => null);
    if (!picture) return false;
    const { width, height } = this.document.scene;
    return Math.abs((picture.width / picture.height) * (height / width) - 1) < LIKE;
  }

  /** The white of a mask becomes a region. @param {File} file */
  async addMask(file) {
    const { width, height } = this.document.scene;
    try {
      const pixels = await pixelsOf(file, width, height);
      const mask = new Uint8Array(width * height).map((_, i) => (pixels[4 * i] >= HALF ? 1 : 0));
      const box = bounds(mask, width, height);
      if (box) await this.edits.addRegion(mask, box, { ask: true, gamma: this.editing.isOn ? 1 : null });
      else this.bus.emit("notice", t("That mask is black everywhere: white is what changes."));
    } catch (error) {
      this.bus.emit("refused", asError(error));
    }
  }
}

/** @param {File} file @returns {Promise<Kind>} */
async function kindOf(file) {
  const head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  const found = guess(file.name || `pasted.${file.type.split("/")[1]}`, head);
  if (found !== "picture") return found;
  const pixels = await pixelsOf(file, SMALL, SMALL, false).catch(() => null);
  return pixels ? guessByPixels(pixels) : "scene"; // the studio says what is wrong with it
}

/** A file's pixels at another size. @param {File} file @param {number} width @param {number} height @param {boolean} isSmooth */
async function pixelsOf(file, width, height, isSmooth = true) {
  const picture = await createImageBitmap(file);
  const context = new OffscreenCanvas(width, height).getContext("2d");
  if (!context) throw new Error("This browser draws no canvas.");
  context.imageSmoothingEnabled = isSmooth;
  context.drawImage(picture, 0, 0, width, height);
  return context.getImageData(0, 0, width, height).data;
}
