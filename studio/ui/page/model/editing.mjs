/** Editing a photo: what is to be done, what was made of each region, and the settings of the whole edit. */

import { t } from "../words/words.mjs";

/** @import { ContextChoice, EditLayer, EditSettings } from "../photo_types.mjs" */
/** @import { Parts, Quality } from "../types.mjs" */

/** @type {EditSettings} */
const SETTINGS = { strength: 1, feather: null, context: null, match_colours: true, subject: null, contact_shadow: 0, fill: false };

export class Editing {
  #wasOn = false;

  /** @param {Pick<Parts, "bus" | "document" | "typing" | "view">} parts */
  constructor({ bus, document, typing, view }) {
    this.bus = bus;
    this.document = document;
    this.typing = typing;
    this.view = view;
    bus.on("scene", () => this.#turn());
  }

  /** The edit as the studio has it; null in a sketch. */
  get work() {
    return this.document.confirmed.edit ?? null;
  }

  get isOn() {
    return this.work !== null;
  }

  /** One picture is enough to edit a photo; a sketch goes beside its result. */
  #turn() {
    if (this.isOn === this.#wasOn) return;
    this.#wasOn = this.isOn;
    this.view.setMode(this.isOn ? "layout" : "split");
    this.bus.emit("editing");
  }

  /** Photo pixels in one of the scene's. */
  get ratio() {
    return this.work ? this.work.width / this.document.scene.width : 1;
  }

  /** @returns {EditSettings} what is dragged counts before the studio has it */
  get settings() {
    const { ahead } = this.document;
    const known = { ...SETTINGS, ...this.work };
    return { ...known, strength: Number(ahead.get("strength") ?? known.strength) };
  }

  /** @param {string} id @returns {EditLayer | null} */
  layerOf(id) {
    return this.work?.layers[id] ?? null;
  }

  /** Its change waits to be made. @param {string} id */
  isToDo(id) {
    const { confirmed } = this.document;
    const isNew = !confirmed.regions.some((region) => region.id === id); // the studio has not heard of it
    return this.work ? isNew || this.work.to_do.includes(id) : false;
  }

  /** There is a picture of what it became. @param {string} id */
  isMade(id) {
    return Boolean(this.layerOf(id)?.ref);
  }

  /** Regions that the button would make. */
  get toDo() {
    return this.document.scene.regions.filter((region) => region.visible && this.isToDo(region.id));
  }

  /** Those that can be made again when nothing is left to do. */
  get again() {
    return this.document.scene.regions.filter((region) => region.visible && !this.isPinned(region.id));
  }

  get hasWork() {
    return this.toDo.length > 0 || this.again.length > 0;
  }

  /** What the button would do. @param {Quality} quality */
  verb(quality) {
    if (this.settings.subject) return t("Change everything else");
    const count = this.toDo.length;
    const isDraft = quality === "draft";
    if (count === 1) return isDraft ? t("Draft of 1 region") : t("Edit 1 region");
    if (count) return isDraft ? t("Draft of {n} regions", { n: count }) : t("Edit {n} regions", { n: count });
    if (this.again.length) return isDraft ? t("Draft again") : t("Edit again");
    return t("Click what should change");
  }

  /** Whether any change lies on the photo. */
  get isChanged() {
    return Object.values(this.work?.layers ?? {}).some((layer) => layer.ref);
  }

  /** @param {string} id */
  isPinned(id) {
    return this.document.region(id)?.pinned ?? this.layerOf(id)?.pinned ?? false;
  }

  /** @param {string} id */
  opacityOf(id) {
    return this.document.region(id)?.opacity ?? this.layerOf(id)?.opacity ?? 1;
  }

  /** The seed that a region was made with, or will be. @param {string} id */
  seedOf(id) {
    return this.document.region(id)?.seed ?? this.layerOf(id)?.seed ?? null;
  }

  /** @param {Partial<EditSettings>} values */
  set(values) {
    return this.document.edit("set_edit", values);
  }

  /** @param {ContextChoice} context */
  setContext(context) {
    return this.set({ context });
  }

  /** Keep one region exactly and change what is around it; null ends that. @param {string | null} region */
  keepSubject(region) {
    return this.set({ subject: region });
  }

  /** A photo that only gave the layout is edited from now on. */
  async start() {
    await this.typing.settled();
    return this.document.edit("start_editing", {});
  }

  /** Back to a sketch in the photo's layout. */
  async stop() {
    await this.typing.settled();
    return this.document.edit("stop_editing", {});
  }

  /** A picture of the history is what is changed from now on. @param {string} node @param {number} index of its pictures */
  async editResult(node, index = 0) {
    await this.typing.settled();
    return this.document.edit("edit_result", { node, index });
  }
}
