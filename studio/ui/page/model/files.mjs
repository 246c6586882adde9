/** Files: what is opened from them and what is saved into them. */

import { asError } from "./server.mjs";
import { heard, t } from "../words/words.mjs";

/** @import { PhotoFormat } from "../photo_types.mjs" */
/** @import { FileAnswer, Parts } from "../types.mjs" */

/** @typedef {"open" | "edit" | "layout"} Kind any file of ours, photos to edit, or a photo for its layout */

/** What the file dialog offers. @type {Record<Kind, string>} */
const ACCEPTED = { open: ".s2a,.zip,.json,.png,.jpg,.jpeg,.webp,.ora", edit: "image/*,.tif,.tiff", layout: "image/*" };

export class Files {
  /** @param {Pick<Parts, "bus" | "server" | "status" | "typing" | "pictures" | "projects" | "album">} parts */
  constructor({ bus, server, status, typing, pictures, projects, album }) {
    this.bus = bus;
    this.server = server;
    this.status = status;
    this.typing = typing;
    this.pictures = pictures;
    this.projects = projects;
    this.album = album;
  }

  /** @param {Kind} kind */
  pick(kind) {
    const input = document.createElement("input");
    input.type = "file";
    input.multiple = kind !== "layout";
    input.accept = ACCEPTED[kind];
    input.addEventListener("change", () => this.open([...(input.files ?? [])], kind));
    this.lastPicker = input; // an input that nobody holds may be collected before it answers
    input.click();
  }

  /** @param {File[]} files @param {Kind} kind @param {{ isOffered?: boolean }} more whether the way back is shown */
  async open(files, kind = "open", { isOffered = false } = {}) {
    if (!files.length) return;
    if (kind === "edit") await this.album.begin(files);
    else {
      this.status.say(t("Reading {name}…", { name: files[0].name }));
      await this.projects.openWith(() => (kind === "layout" ? this.server.send("set_photo", files) : this.server.send("open_files", files)));
      this.status.say("");
    }
    if (isOffered) this.projects.offerBack();
  }

  /** @template {FileAnswer} A @param {() => Promise<A>} work @returns {Promise<A | null>} */
  async #save(work) {
    try {
      await this.typing.settled();
      const answer = await this.status.during(work());
      const link = document.createElement("a");
      link.href = this.server.url(answer.file);
      link.download = answer.name;
      link.click();
      return answer;
    } catch (error) {
      this.bus.emit("refused", asError(error));
      return null;
    }
  }

  /** The edited photo. @param {PhotoFormat} format */
  async exportPhoto(format) {
    const answer = await this.#save(() => this.server.ask("export_photo", { format }));
    for (const notice of answer?.notices ?? []) this.bus.emit("notice", heard(notice));
  }

  /** One picture with its recipe; of the shown node, the picture that is picked. */
  async savePicture(node = this.pictures.shownNode) {
    const { shownNode, picked } = this.pictures;
    if (!node) this.bus.emit("notice", t("There is no picture yet."));
    else await this.#save(() => this.server.ask("save_picture", { node, index: node === shownNode ? picked : 0 }));
  }

  savePictures() {
    return this.#save(() => this.server.ask("save_pictures", { nodes: null }));
  }

  saveProject() {
    return this.#save(() => this.server.ask("save_project"));
  }

  /** @param {string} format */
  saveScene(format) {
    return this.#save(() => this.server.ask("export_scene", { format }));
  }

  /** @param {string} strip @param {string} format */
  saveStrip(strip, format) {
    return this.#save(() => this.server.ask("export_strip", { strip, format }));
  }
}
