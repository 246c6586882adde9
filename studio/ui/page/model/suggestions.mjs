/** Captions, worlds and layouts that are suggested; nothing is applied before it is accepted. */

import { asError } from "./server.mjs";
import { t } from "../words/words.mjs";

/** @import { Job, Parts } from "../types.mjs" */
/** @import { Layout } from "../word_types.mjs" */

const OF_PICTURE = "picture";

export class Suggestions {
  /** @type {Map<string, string>} by region id; the whole picture's too */
  #captions = new Map();
  /** @type {((worlds: string[]) => void) | null} whoever asked for worlds */
  #asked = null;
  #isInstead = false; // the layout takes the place of the regions that are there

  /** @param {Pick<Parts, "bus" | "server" | "document" | "jobs" | "findings" | "typing">} parts */
  constructor({ bus, server, document, jobs, findings, typing }) {
    this.bus = bus;
    this.server = server;
    this.document = document;
    this.jobs = jobs;
    this.findings = findings;
    this.typing = typing;
    bus.on("ended", (job) => job.state === "done" && this.#take(job));
    bus.on("otherProject", () => this.#captions.clear());
  }

  /** For a region, or null for the whole picture; empty where a caption is there already. @param {string | null} id */
  of(id) {
    const caption = id === null ? this.document.scene.caption : this.document.region(id)?.caption;
    return caption ? "" : (this.#captions.get(id ?? OF_PICTURE) ?? "");
  }

  /** It becomes the caption. @param {string | null} id */
  accept(id) {
    const caption = this.of(id);
    if (!caption) return;
    this.#captions.delete(id ?? OF_PICTURE);
    this.typing.typeCaption(id, caption);
    this.typing.settleCaption();
  }

  /** For the picture and for all regions without a caption. */
  async ask() {
    if (!this.findings.on) this.bus.emit("notice", t("Captions are suggested from a photo or a result; there is none yet."));
    else await this.#submit("suggest_captions", { on: this.findings.on });
  }

  /** Three worlds for a kept subject. @param {string} region @param {(worlds: string[]) => void} show */
  async askWorlds(region, show) {
    this.#asked = show;
    await this.typing.settled();
    await this.#submit("suggest_worlds", { on: this.findings.on ?? "photo", region });
  }

  /** @param {string} sentence @param {{ isInstead: boolean }} more */
  async layOut(sentence, { isInstead }) {
    this.#isInstead = isInstead;
    await this.typing.settled();
    return this.#submit("suggest_layout", { sentence });
  }

  /** @param {string} world */
  acceptWorld(world) {
    this.typing.typeCaption(null, world);
    this.typing.settleCaption();
  }

  /** @param {"suggest_captions" | "suggest_worlds" | "suggest_layout"} action @param {Record<string, unknown>} payload */
  async #submit(action, payload) {
    try {
      const { job } = await this.server.ask(action, payload);
      this.jobs.add(job);
      this.bus.emit("job");
      this.bus.emit("wake");
      return true;
    } catch (error) {
      this.bus.emit("refused", asError(error));
      return false;
    }
  }

  /** @param {Job} job */
  #take({ captions, worlds, layout }) {
    if (captions) this.#takeCaptions(captions);
    if (worlds) {
      this.#asked?.(worlds);
      this.#asked = null;
    }
    if (layout) this.#takeLayout(layout);
  }

  /** @param {{ picture: string, regions: Record<string, string> }} captions */
  #takeCaptions({ picture, regions }) {
    this.#captions = new Map(Object.entries(regions));
    if (picture) this.#captions.set(OF_PICTURE, picture);
    this.bus.emit("suggested");
    const count = [null, ...Object.keys(regions)].filter((id) => this.of(id)).length;
    this.bus.emit("notice", count ? t("{n} captions suggested: press Tab in an empty caption to accept", { n: count }) : t("Every caption is filled in; empty one to be suggested another."));
  }

  /** One step of undo. @param {Layout} layout */
  #takeLayout({ regions, caption }) {
    this.document.edit("add_regions", { regions, caption, place: this.#isInstead ? "instead" : "above" });
    this.bus.emit("notice", t("{n} regions laid out; correct them by hand. Undo takes them back.", { n: regions.length }));
  }
}
