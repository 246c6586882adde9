/** Files: what is opened from them and what is saved into them. */

import { asError } from "./server.mjs";
import { t } from "../words/words.mjs";

/** @import { FileAnswer, Parts } from "../types.mjs" */

/** @typedef {"open" | "photo"} Kind any file of ours, or a photo */

export class Files {
  /** @param {Pick<Parts, "bus" | "server" | "status" | "typing" | "pictures" | "projects">} parts */
  constructor({ bus, server, status, typing, pictures, projects }) {
    this.bus = bus;
    this.server = server;
    this.status = status;
    this.typing = typing;
    this.pictures = pictures;
    this.projects = projects;
  }

  /** @param {Kind} kind */
  pick(kind) {
    const input = document.createElement("input");
    input.type = "file";
    input.multiple = kind === "open";
    input.accept = kind === "photo" ? "image/*" : ".s2a,.zip,.json,.png,.jpg,.jpeg,.webp,.ora";
    input.addEventListener("change", () => this.open([...(input.files ?? [])], kind));
    this.lastPicker = input; // an input that nobody holds may be collected before it answers
    input.click();
  }

  /** @param {File[]} files @param {Kind} kind */
  async open(files, kind = "open") {
    if (!files.length) return;
    this.status.say(t("Reading {name}…", { name: files[0].name }));
    await this.projects.openWith(() => (kind === "photo" ? this.server.send("set_photo", files) : this.server.send("open_files", files)));
    this.status.say("");
  }

  /** @param {() => Promise<FileAnswer>} work */
  async #save(work) {
    try {
      await this.typing.settled();
      const { file, name } = await this.status.during(work());
      const link = document.createElement("a");
      link.href = this.server.url(file);
      link.download = name;
      link.click();
    } catch (error) {
      this.bus.emit("refused", asError(error));
    }
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
