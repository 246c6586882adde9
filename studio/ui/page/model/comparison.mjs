/** Comparing: a picture of the history (A) with the one that is shown (B). */

import { loadImage } from "./server.mjs";
import { heard, t } from "../words/words.mjs";

/** @import { Difference, Parts } from "../types.mjs" */

export class Comparison {
  /** @type {string | null} A */
  node = null;
  /** @type {HTMLImageElement | null} */
  image = null;
  /** @type {Difference | null} the last that was asked for */
  #difference = null;

  /** @param {Pick<Parts, "bus" | "server" | "view" | "photo" | "pictures">} parts */
  constructor({ bus, server, view, photo, pictures }) {
    this.bus = bus;
    this.server = server;
    this.view = view;
    this.photo = photo;
    this.pictures = pictures;
    bus.on("otherProject", () => this.#forget());
    bus.on("history", () => this.node && !pictures.node(this.node) && this.#drop());
    bus.on("shown", () => this.load());
    bus.on("view", () => view.mode === "diff" && this.#byItself());
  }

  #drop() {
    this.node = this.image = null;
  }

  #forget() {
    this.#drop();
    this.#difference = null;
  }

  /** The same picture again ends it. @param {string} id */
  async with(id) {
    const node = this.pictures.node(id);
    if (!node || this.node === id) this.#drop();
    else {
      this.image = await this.pictures.imageOf(node).catch(() => null);
      this.node = id;
      if (this.view.mode !== "diff" && this.view.mode !== "wipe") this.view.setMode("wipe");
    }
    this.bus.emit("history");
    this.bus.emit("result");
    await this.load();
  }

  /** Without a choice the difference is to what the shown picture was made from. */
  async #byItself() {
    const { history, shownNode } = this.pictures;
    if (this.node || this.photo.image || history.length < 2) return this.load();
    const shown = this.pictures.node(shownNode);
    const before = this.pictures.node(shown?.parent) ?? history.filter((node) => node.id !== shownNode).at(-1);
    return before ? this.with(before.id) : undefined;
  }

  /** The heat map of A against B, how large the difference is, and what was changed between. */
  async load() {
    const [a, b] = [this.node, this.pictures.shownNode];
    if (this.view.mode !== "diff" || !a || !b || a === b) return;
    if (this.#difference?.a === a && this.#difference.b === b) return;
    const found = await this.pictures.asked("compare", { a, b });
    const image = found && (await loadImage(this.server.url(found.difference)).catch(() => null));
    if (!image || this.node !== a || this.pictures.shownNode !== b) return;
    this.#difference = { a, b, image, changes: heard(found.changes), mean: found.mean, largest: found.largest };
    this.bus.emit("result");
  }

  /** Of what is compared now. */
  get difference() {
    const found = this.#difference;
    return found && found.a === this.node && found.b === this.pictures.shownNode ? found : null;
  }

  /** What B is compared with, in words. */
  name() {
    if (this.node) return t("A: γ {g}", { g: this.pictures.node(this.node)?.gamma.toFixed(2) ?? "" });
    return this.photo.image ? t("against the photo") : "";
  }
}
