/** The menus: what each offers and what it does. */

import { keySheet, sizeSheet } from "./sheets.mjs";
import { memory } from "../model/memory.mjs";
import { openStorage } from "./storage.mjs";
import { t } from "../words/words.mjs";

/** @import { PhotoFormat } from "../photo_types.mjs" */
/** @import { Language, MenuItem, Parts } from "../types.mjs" */

/** @typedef {Pick<Parts, "above" | "bus" | "demo" | "document" | "editing" | "edits" | "fidelity" | "files" | "machine" | "pictures" | "projects" | "renders" | "start" | "stage" | "strips" | "typing" | "view">} MenuParts */

export class Menus {
  /** @param {MenuParts} parts */
  constructor(parts) {
    this.parts = parts;
  }

  /** @param {Element} anchor */
  open(anchor) {
    const { above, demo, document, editing, files, pictures, projects, start, view } = this.parts;
    const { regions } = document.scene;
    above.menu(anchor, [
      { icon: "cards", label: t("Start page"), work: () => start.open() },
      { icon: "folder", label: t("Open a file"), keys: "Ctrl+O", work: () => files.pick("open") },
      { icon: "photo", label: t("Edit photos"), work: () => files.pick("edit") },
      { icon: "layout", label: t("New picture in a photo's layout"), work: () => files.pick("layout") },
      { icon: "copy", label: t("Duplicate project"), work: () => projects.duplicate() },
      null,
      ...this.#onScene(),
      { icon: "trash", label: t("Delete all regions"), work: () => document.edit("clear_regions", {}), disabled: !regions.length },
      null,
      { icon: "download", label: t("Save the project"), keys: "Ctrl+S", work: () => files.saveProject() },
      { icon: "download", label: t("Save PNG with its recipe"), work: () => files.savePicture(), disabled: !pictures.shownNode },
      { icon: "download", label: t("All pictures as a zip"), work: () => files.savePictures(), disabled: !pictures.history.length },
      ...(editing.isOn ? this.#photoExports() : this.#exports()),
      null,
      { icon: "folder", label: t("Storage"), work: () => openStorage(this.parts) },
      { icon: "play", label: view.isDemo ? t("Leave the demo") : t("Demo: just gamma"), work: () => demo.toggle() },
    ]);
  }

  /** What becomes of the whole: a sketch, or a photo that is edited. @returns {MenuItem[]} */
  #onScene() {
    const { document, editing } = this.parts;
    if (editing.isOn) return [{ icon: "layout", label: t("Make it anew in this layout"), work: () => editing.stop() }];
    return [
      { icon: "fit", label: t("Canvas size"), work: () => sizeSheet(this.parts) },
      { icon: "pencil", label: t("Edit this photo"), work: () => editing.start(), disabled: !document.confirmed.photo },
      { icon: "photo", label: t("Remove the photo"), work: () => document.edit("remove_photo", {}), disabled: !document.confirmed.photo },
    ];
  }

  /** The edited photo. @returns {MenuItem[]} */
  #photoExports() {
    const { editing, files } = this.parts;
    const ending = editing.work?.name.split(".").at(-1)?.toUpperCase() ?? "";
    /** @param {PhotoFormat} format @param {string} label */
    const item = (format, label) => ({ icon: "download", label, work: () => files.exportPhoto(format) });
    return [
      item("original", ending ? t("Export like the original ({format})", { format: ending }) : t("Export like the original")),
      item("png", t("Export as PNG")),
      item("openraster", t("Layers (OpenRaster)")),
      item("psd", t("Layers (Photoshop PSD)")),
    ];
  }

  /** @param {Element} anchor */
  openPhotoExport(anchor) {
    this.parts.above.menu(anchor, this.#photoExports());
  }

  /** The scene in the formats that this studio writes. @returns {MenuItem[]} */
  #exports() {
    const { document, files, machine } = this.parts;
    /** @type {Record<string, string>} */
    const names = { label_map: t("Label map with captions"), masks: t("One mask per region"), coco: "COCO JSON", openraster: t("Layers (OpenRaster)") };
    return (machine.model.exports ?? []).map((format) => ({
      icon: "download", label: names[format] ?? format, work: () => files.saveScene(format), disabled: !document.scene.regions.length,
    }));
  }

  openKeys() {
    keySheet(this.parts);
  }

  /** @param {Element} anchor */
  openLanguages(anchor) {
    /** @param {Language} id @param {string} label */
    const item = (id, label) => ({ icon: this.parts.view.language === id ? "check" : null, label, work: () => this.#speak(id) });
    this.parts.above.menu(anchor, [item("en", "English"), item("zh", "简体中文")]);
  }

  /** @param {Language} language */
  async #speak(language) {
    memory.write("language", language);
    await this.parts.typing.settled();
    location.reload();
  }

  /** @param {Element} anchor */
  openStripExport(anchor) {
    const { above, files, strips } = this.parts;
    const id = strips.strip?.id;
    if (!id) return;
    /** @param {string} format @param {string} label */
    const save = (format, label) => ({ icon: "download", label, work: () => files.saveStrip(id, format) });
    above.menu(anchor, [save("png", t("PNG grid")), save("gif", t("Animated GIF")), save("webp", t("Animated WebP")), save("html", t("Web page with a slider"))]);
  }

  /** What can be done about a shape that was not met. @param {string} id @param {Element} anchor */
  openFidelity(id, anchor) {
    const { above, document, edits, fidelity, renders, view } = this.parts;
    document.select(id);
    const score = fidelity.scoreOf(id);
    const gamma = document.gammaOf(id);
    const raised = Math.min(1, Math.round(100 * (gamma + 0.15)) / 100);
    const items = [
      { icon: "contour", label: view.showsContours ? t("Hide contours") : t("Show requested and obtained"), work: () => fidelity.toggleContours() },
      { icon: "grow", label: t("Raise its gamma to {g} and render", { g: raised.toFixed(2) }), work: () => edits.setRegion(id, { gamma: raised }).then(() => renders.render()), disabled: gamma >= 1 },
      { icon: "adopt", label: t("Adopt the shape found in the result"), work: () => fidelity.adopt(), disabled: score?.iou === null },
      { icon: "dice", label: t("Roll a new seed and render"), work: () => edits.rollSeed().then(() => renders.render()) },
    ];
    above.menu(anchor, items, { note: score?.note ?? t("Overlap {n}: {how}", { n: score?.iou?.toFixed(2) ?? "", how: fidelity.howMeasured }) });
  }

  /** What is wrong with one region, and what helps. @param {string} id @param {Element} anchor */
  openWarnings(id, anchor) {
    const { above, bus, document, edits, fidelity, renders } = this.parts;
    document.select(id);
    const hints = document.hintsOf(id);
    const leak = fidelity.leakOf(id);
    const helps = (leak?.fixes ?? []).map((fix) => ({ icon: "check", label: t("{fix}, and render", { fix: t(fix.label) }), work: () => edits.fix(fix).then(() => renders.render()) }));
    const fixes = hints.flatMap((hint) => (hint.fixes ?? []).map((fix) => ({ icon: "check", label: t(fix.label), work: () => edits.fix(fix) })));
    const caption = { icon: "brush", label: t("Change the caption"), work: () => bus.emit("askCaption", id) };
    above.menu(anchor, [...helps, ...fixes, caption], { note: [...(leak ? [leak] : []), ...hints].map((hint) => document.hintText(hint)).join(" ") });
  }
}
