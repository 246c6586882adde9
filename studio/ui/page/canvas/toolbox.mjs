/** The tools, and the one in hand. */

import { Tool } from "./tool.mjs";
import { t } from "../words/words.mjs";

/** @import { Parts } from "../types.mjs" */

const SHAPE_TOOLS = new Set(["brush", "lasso", "polygon", "rectangle", "ellipse"]);

export class Toolbox {
  /** @type {Map<string, Tool>} */
  tools = new Map();

  /** @param {Pick<Parts, "bus" | "document" | "photo" | "pictures">} parts @param {Tool[]} tools @param {Tool} first in hand */
  constructor({ bus, document, photo, pictures }, tools, first) {
    this.bus = bus;
    this.document = document;
    this.photo = photo;
    this.pictures = pictures;
    this.tool = first;
    for (const tool of tools) this.add(tool);
    bus.on("noPicture", () => this.setTool("smart")); // says why not, and gives a shape tool
    bus.on("entered", ({ tool }) => this.#entered(tool));
  }

  /** @param {Tool} tool */
  add(tool) {
    this.tools.set(tool.id, tool);
  }

  /** There is a photo or a result to click on. */
  get hasPicture() {
    return Boolean(this.photo.image || (this.pictures.shownNode && this.pictures.resultImage));
  }

  /** @param {string} wanted */
  setTool(wanted) {
    const id = wanted === "smart" && !this.hasPicture ? this.#insteadOfSmart() : wanted;
    const tool = this.tools.get(id);
    if (!tool || this.tool === tool) return;
    this.tool.cancel();
    this.tool.stop();
    this.tool = tool;
    this.tool.start();
    this.bus.emit("tool");
    this.bus.emit("live");
  }

  /** A blank canvas has nothing to click on: a shape tool, and why. */
  #insteadOfSmart() {
    this.bus.emit("notice", t("The smart click needs a photo or a result. On a blank canvas, draw with the brush, the lasso or the rectangle."));
    return SHAPE_TOOLS.has(this.tool.id) ? this.tool.id : "lasso";
  }

  /** Another scene: a photo without regions is there to be clicked on. @param {string | null} wanted */
  #entered(wanted) {
    const isBare = !this.document.scene.regions.length;
    if (wanted) this.setTool(wanted);
    else if (this.photo.image && isBare) this.setTool("smart");
    else if (this.tool.id === "smart" && !this.hasPicture) this.setTool("brush");
  }
}
