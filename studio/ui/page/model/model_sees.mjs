/** What the model sees of the scene: its label map on the token grid. */

import { asError } from "./server.mjs";

/** @import { ModelGrid, Parts } from "../types.mjs" */

export class ModelSees {
  /** @type {ModelGrid | null} */
  grid = null;
  #isLooking = false;

  /** @param {Pick<Parts, "bus" | "server" | "document" | "view">} parts */
  constructor({ bus, server, document, view }) {
    this.bus = bus;
    this.server = server;
    this.document = document;
    this.view = view;
    bus.on("otherProject", () => this.#forget());
    bus.on("committed", () => view.showsModel && this.#look());
  }

  #forget() {
    this.grid = null;
    this.view.showsModel = false;
    this.bus.emit("model");
  }

  async toggle() {
    const { view } = this;
    view.showsModel = !view.showsModel;
    if (view.showsModel && view.mode !== "split" && view.mode !== "layout") view.setMode("layout");
    if (view.showsModel) await this.#look();
    this.bus.emit("model");
  }

  async #look() {
    if (this.#isLooking || this.document.outbox.waiting.length) return;
    this.#isLooking = true;
    try {
      this.grid = await this.server.ask("model_view");
    } catch (error) {
      this.bus.emit("refused", asError(error));
      this.view.showsModel = false;
    }
    this.#isLooking = false;
    this.bus.emit("model");
  }
}
