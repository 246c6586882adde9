/** The photo under the scene: it comes and goes with the document, by opening, by edits, by undo. */

import { loadImage } from "./server.mjs";

/** @import { Parts } from "../types.mjs" */

export class Photo {
  /** @type {HTMLImageElement | null} */
  image = null;
  /** @type {string | null} */
  #reference = null;
  /** @type {Promise<void>} */
  #shown = Promise.resolve();

  /** @param {Pick<Parts, "bus" | "server" | "document">} parts */
  constructor({ bus, server, document }) {
    this.bus = bus;
    this.server = server;
    this.document = document;
    bus.on("scene", () => this.show());
  }

  /** What the document names; resolves when it is loaded. */
  show() {
    const reference = this.document.confirmed.photo ?? null;
    if (reference !== this.#reference) this.#shown = this.#load(reference);
    return this.#shown;
  }

  /** @param {string | null} reference */
  async #load(reference) {
    this.#reference = reference;
    const image = reference ? await loadImage(this.server.url(reference)).catch(() => null) : null;
    if (this.#reference !== reference) return;
    this.image = image;
    this.bus.emit("photo");
  }
}
