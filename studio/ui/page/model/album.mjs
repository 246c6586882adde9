/** Several photos that were chosen together: one is open, each becomes a project of its own. */

import { t } from "../words/words.mjs";

/** @import { Parts } from "../types.mjs" */

export class Album {
  /** @type {File[]} */
  photos = [];
  /** @type {Map<number, string>} the projects of those that were open */
  #projects = new Map();
  at = 0;
  #going = 0;
  /** @type {Promise<unknown>} one photo opens after the other */
  #turn = Promise.resolve();

  /** @param {Pick<Parts, "bus" | "server" | "status" | "projects">} parts */
  constructor({ bus, server, status, projects }) {
    this.bus = bus;
    this.server = server;
    this.status = status;
    this.projects = projects;
    bus.on("project", () => this.#follow());
  }

  /** There is a next or a previous one. */
  get isOpen() {
    return this.photos.length > 1;
  }

  /** @param {File[]} photos */
  begin(photos) {
    this.photos = photos;
    this.#projects.clear();
    return this.#open(0);
  }

  /** The next photo, or the one before; everything done to this one is saved. @param {number} step */
  async go(step) {
    this.#going++;
    const turn = this.#turn.then(() => (this.photos[this.at + step] ? this.#open(this.at + step) : false));
    this.#turn = turn.catch(() => false);
    try {
      return await turn;
    } finally {
      this.#going--;
    }
  }

  /** @param {number} index */
  async #open(index) {
    const known = this.#projects.get(index);
    const photo = this.photos[index];
    this.status.say(t("Reading {name}…", { name: photo.name }));
    const isOpen = await (known ? this.projects.openProject(known) : this.projects.openWith(() => this.server.send("edit_photo", [photo])));
    this.status.say("");
    if (!isOpen) return false;
    this.at = index;
    if (this.projects.project.id) this.#projects.set(index, this.projects.project.id);
    this.bus.emit("album");
    return true;
  }

  /** Whoever opens one of its projects by hand goes on from there. */
  #follow() {
    const { id } = this.projects.project;
    const found = [...this.#projects].find(([, project]) => project === id);
    if (!found || found[0] === this.at) return;
    this.at = found[0];
    this.bus.emit("album");
  }

  /** The open project belongs to it, or soon will. */
  get isHere() {
    return this.isOpen && (this.#going > 0 || this.#projects.get(this.at) === this.projects.project.id);
  }
}
