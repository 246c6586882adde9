/** The photo with what its regions became: kept as one picture, drawn anew only when a layer changes. */

import { loadImage } from "./server.mjs";

/** @import { Box, Parts } from "../types.mjs" */

/** @typedef {{ id: string, ref: string, box: Box, opacity: number, clip: string | null, isAround: boolean }} Shown `clip`: the shape it is cut to */

export class Composite {
  /** @type {CanvasImageSource | null} */
  #picture = null;
  #key = "";
  /** @type {Map<string, Promise<HTMLImageElement | null>>} by reference */
  #images = new Map();

  /** @param {Pick<Parts, "bus" | "server" | "document" | "photo" | "editing">} parts */
  constructor({ bus, server, document, photo, editing }) {
    this.bus = bus;
    this.server = server;
    this.document = document;
    this.photo = photo;
    this.editing = editing;
    bus.onAny(["scene", "photo"], () => this.#refresh());
  }

  /** What the photo looks like now; the photo itself where nothing was changed. */
  get image() {
    return this.#picture ?? this.photo.image;
  }

  /** Which layers show, so that what is cut from it can be told from what was. */
  get key() {
    return this.#key;
  }

  /** The visible layers, lowest first. @returns {Shown[]} */
  get shown() {
    const { document, editing } = this;
    return document.scene.regions.flatMap(({ id, visible }) => {
      const layer = editing.layerOf(id);
      const opacity = editing.opacityOf(id);
      if (!visible || !layer?.ref || !layer.box || opacity <= 0) return [];
      const clip = layer.clip ? (document.layers.digest(id) ?? "drawn") : null;
      return [{ id, ref: layer.ref, box: layer.box, opacity, clip, isAround: layer.is_around ?? false }];
    });
  }

  /** Of what one region became. @param {string} id */
  urlOf(id) {
    const ref = this.editing.layerOf(id)?.ref;
    return ref ? this.server.url(ref) : null;
  }

  async #refresh() {
    const { shown } = this;
    const key = this.editing.isOn ? JSON.stringify([this.document.confirmed.photo, Boolean(this.photo.image), shown]) : "";
    if (key === this.#key) return;
    this.#key = key;
    if (!shown.length) {
      this.#picture = null;
      this.#images.clear();
    } else {
      const images = await Promise.all(shown.map(({ ref }) => this.#image(ref)));
      if (this.#key !== key) return; // a later one is on its way
      this.#picture = this.#paint(shown, images);
    }
    this.bus.emit("result");
  }

  /** @param {string} ref */
  #image(ref) {
    const known = this.#images.get(ref) ?? loadImage(this.server.url(ref)).catch(() => null);
    this.#images.set(ref, known);
    return known;
  }

  /** @param {Shown[]} shown @param {(HTMLImageElement | null)[]} images */
  #paint(shown, images) {
    const { width, height } = this.document.scene;
    if (!this.photo.image) return null;
    const { canvas, context } = blank(width, height);
    context.drawImage(this.photo.image, 0, 0, width, height);
    shown.forEach((layer, i) => {
      const image = images[i];
      if (!image) return;
      const [left, top, right, bottom] = layer.box;
      context.globalAlpha = layer.opacity;
      context.drawImage(layer.clip === null ? image : this.#cut(layer, image), left, top, right - left, bottom - top);
    });
    return canvas;
  }

  /** A layer within the shape that its region has now. @param {Shown} layer @param {HTMLImageElement} image */
  #cut({ id, box: [left, top, right, bottom], isAround }, image) {
    const [wide, high] = [right - left, bottom - top];
    const { canvas, context } = blank(wide, high);
    const mask = this.document.layers.mask(id);
    const { width } = this.document.scene;
    const pixels = context.createImageData(wide, high);
    for (let i = 0; i < wide * high; i++) {
      const isIn = Boolean(mask?.[(top + Math.floor(i / wide)) * width + left + (i % wide)]);
      pixels.data[4 * i + 3] = isIn === isAround ? 0 : 255;
    }
    context.putImageData(pixels, 0, 0);
    context.globalCompositeOperation = "source-in";
    context.drawImage(image, 0, 0, wide, high);
    return canvas;
  }
}

/** @param {number} width @param {number} height */
function blank(width, height) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser draws no canvas.");
  context.imageSmoothingQuality = "high";
  return { canvas, context };
}
