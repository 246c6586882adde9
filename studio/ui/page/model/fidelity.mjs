/** Asked and obtained: how well the shown picture meets the regions' shapes. */

import { heard, t } from "../words/words.mjs";

/** @import { Hint, Loops, Parts, Score } from "../types.mjs" */

export class Fidelity {
  /** @type {Map<string, Loops>} outlines as measured on the shown picture, by region */
  obtained = new Map();

  /** @param {Pick<Parts, "bus" | "server" | "document" | "pictures" | "view">} parts */
  constructor({ bus, server, document, pictures, view }) {
    this.bus = bus;
    this.server = server;
    this.document = document;
    this.pictures = pictures;
    this.view = view;
    bus.on("otherProject", () => (this.obtained = new Map()));
    bus.on("shown", () => (pictures.node(pictures.shownNode) ? this.#loadContours() : (this.obtained = new Map())));
  }

  toggleContours() {
    this.view.showsContours = !this.view.showsContours;
    this.#loadContours();
    this.bus.emit("contours");
  }

  async #loadContours() {
    const node = this.pictures.shownNode;
    if (!this.view.showsContours || !node) return;
    const answer = await this.server.ask("contours", { node }).catch(() => null);
    const found = (answer?.regions ?? []).flatMap(({ id, got }) => (got ? [{ id, loops: got.map((loop) => loop.flat()) }] : []));
    this.obtained = new Map(found.map(({ id, loops }) => [id, loops]));
    this.bus.emit("contours");
  }

  /** @param {Record<string, Score>} fidelity by region */
  take(fidelity) {
    for (const region of [...this.document.scene.regions, ...this.document.confirmed.regions]) {
      if (fidelity[region.id]) region.fidelity = { node: this.pictures.shownNode, ...fidelity[region.id] };
    }
    this.bus.emit("scores");
    this.#loadContours();
  }

  /** @param {string} id @returns {{ iou: number | null, note?: string } | null} null where nothing was measured */
  scoreOf(id) {
    const { fidelity } = this.document.region(id) ?? {};
    if (!fidelity) return null;
    if (fidelity.measurable === false) return { iou: null, note: heard(fidelity.reason ?? "") || t("Not measurable: too small for the segmenter.") };
    return fidelity.iou === null ? null : { iou: fidelity.iou };
  }

  /** That a region shows another's words, as a hint with what helps. @param {string} id @returns {Hint | null} */
  leakOf(id) {
    const { fidelity } = this.document.region(id) ?? {};
    if (!fidelity?.shows || !fidelity.warning) return null;
    return { kind: "leak", level: "warning", region: id, text: fidelity.warning, fixes: fidelity.fixes ?? [] };
  }

  /** How much a region looks as in the project's other pictures, in words; "" where it is not known. @param {string} id */
  likenessOf(id) {
    const likeness = this.document.region(id)?.fidelity?.likeness;
    return typeof likeness === "number" ? t("Likeness to your other pictures of this caption: {n}", { n: likeness.toFixed(2) }) : "";
  }

  get howMeasured() {
    return t("what you drew, compared with what the segmenter finds in the result when it is given only this region's box.");
  }

  /** The shape that the picture has becomes the selected region's. */
  async adopt() {
    const { selected } = this.document;
    const { shownNode } = this.pictures;
    if (!selected || !shownNode) {
      this.bus.emit("notice", t("Make a picture first: its measured shapes can be adopted."));
      return;
    }
    await this.document.edit("adopt_shape", { node: shownNode, region: selected });
  }
}
