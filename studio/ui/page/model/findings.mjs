/** What a word, or one region, finds in the picture: shown and chosen before any of it becomes a region. */

import { maskOf } from "../core/rle.mjs";
import { trace } from "../core/trace.mjs";
import { asError } from "./server.mjs";
import { t } from "../words/words.mjs";

/** @import { Job, Parts } from "../types.mjs" */
/** @import { Finding } from "../word_types.mjs" */

const EXACT = 1; // gamma: what was found in a photo keeps its shape

export class Findings {
  /** @type {Finding[]} the best first */
  list = [];
  by = ""; // who found them
  hovered = -1;

  /** @param {Pick<Parts, "bus" | "server" | "document" | "editing" | "jobs" | "photo" | "pictures">} parts */
  constructor({ bus, server, document, editing, jobs, photo, pictures }) {
    this.bus = bus;
    this.server = server;
    this.document = document;
    this.editing = editing;
    this.jobs = jobs;
    this.photo = photo;
    this.pictures = pictures;
    bus.on("ended", (job) => job.state === "done" && job.found && this.#take(job));
    bus.on("otherProject", () => this.clear());
  }

  /** The picture that is looked at: the photo, or the result that is shown. */
  get on() {
    return this.photo.image ? "photo" : this.pictures.shownNode;
  }

  get isLooking() {
    return this.jobs.list.some((job) => (job.kind === "find" || job.kind === "similar") && (job.state === "waiting" || job.state === "running"));
  }

  get chosen() {
    return this.list.filter((one) => one.isChosen);
  }

  /** Outlines of what is chosen, the one under the pointer marked. */
  get outlines() {
    return this.list.flatMap(({ loops, isChosen }, index) => (isChosen || index === this.hovered ? [{ loops, isHovered: index === this.hovered }] : []));
  }

  /** @param {string} words */
  find(words) {
    return this.#ask("find", { words });
  }

  /** What looks like the selected region. */
  similar() {
    const { selected } = this.document;
    if (selected) return this.#ask("similar", { region: selected });
    this.bus.emit("notice", t("Select a region first; what looks like it is found then."));
    return null;
  }

  /** @param {"find" | "similar"} action @param {{ words?: string, region?: string }} payload */
  async #ask(action, payload) {
    const { on } = this;
    if (!on) {
      this.bus.emit("notice", t("Finding needs a photo or a result to look at."));
      return;
    }
    this.clear();
    try {
      const { job } = await this.server.ask(action, { on, ...payload });
      this.jobs.add(job);
      this.bus.emit("job");
      this.bus.emit("wake");
    } catch (error) {
      this.bus.emit("refused", asError(error));
    }
  }

  /** @param {Job} job */
  #take({ found = [], by = "" }) {
    const { width, height } = this.document.scene;
    this.by = by;
    this.list = found.map((one) => ({ ...one, isChosen: true, loops: trace(maskOf(one.shape, width, height), width, height, one.shape.box ?? [0, 0, 0, 0]) }));
    this.#changed();
  }

  /** @param {number} index */
  toggle(index) {
    this.list = this.list.map((one, at) => (at === index ? { ...one, isChosen: !one.isChosen } : one));
    this.#changed();
  }

  /** @param {boolean} isChosen */
  choose(isChosen) {
    this.list = this.list.map((one) => ({ ...one, isChosen }));
    this.#changed();
  }

  /** @param {number} index */
  hover(index) {
    this.hovered = index;
    this.bus.emit("layers");
  }

  clear() {
    if (!this.list.length) return;
    this.list = [];
    this.hovered = -1;
    this.#changed();
  }

  /** Those that are chosen become regions, in one step of undo. In an edited photo a caption says what should come, so it stays empty. */
  make() {
    const regions = this.chosen.map(({ shape, caption }) => (this.editing.isOn ? { shape, caption: "", gamma: EXACT } : { shape, caption }));
    this.clear();
    return regions.length ? this.document.edit("add_regions", { regions }) : null;
  }

  #changed() {
    this.bus.emit("found");
    this.bus.emit("layers");
  }
}
