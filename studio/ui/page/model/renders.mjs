/** Making a picture. */

import { isOnStage } from "./jobs.mjs";
import { asError } from "./server.mjs";
import { heard, t } from "../words/words.mjs";

/** @import { Job, JobAnswer, Parts, Quality } from "../types.mjs" */

export class Renders {
  /** @param {Pick<Parts, "bus" | "server" | "machine" | "document" | "typing" | "edits" | "editing" | "jobs" | "pictures" | "view">} parts */
  constructor({ bus, server, machine, document, typing, edits, editing, jobs, pictures, view }) {
    this.bus = bus;
    this.server = server;
    this.machine = machine;
    this.document = document;
    this.typing = typing;
    this.edits = edits;
    this.editing = editing;
    this.jobs = jobs;
    this.pictures = pictures;
    this.view = view;
    bus.on("failed", (job) => this.#failed(job));
  }

  canRender() {
    const { scene } = this.document;
    const isDrawn = scene.regions.some((region) => region.visible) || Boolean(scene.caption?.trim());
    const hasContent = this.editing.isOn ? this.editing.hasWork : isDrawn;
    return this.canAsk && hasContent;
  }

  /** The studio would take a job. */
  get canAsk() {
    return this.server.isConnected && !this.machine.isLoading;
  }

  /** @param {Quality} quality @param {{ anyway?: boolean }} more */
  async render(quality = this.view.quality, more = {}) {
    if (!this.canRender()) return;
    await this.#ask(async () => {
      if (!this.view.isSeedLocked && quality !== "live") await this.edits.rollSeed();
      return this.server.ask("render", { quality, count: this.document.sampling.count, ...more });
    });
  }

  /** One region of the photo alone, with another seed. @param {string | null} region */
  async reroll(region) {
    if (region && this.editing.isOn) await this.#ask(() => this.server.ask("reroll", { region }));
  }

  /** What a region shows goes, and its surroundings take its place. @param {string | null} region */
  async removeThing(region) {
    if (!region || !this.editing.isOn) return;
    await this.#ask(async () => {
      const answer = await this.document.edit("remove_thing", { region }); // it empties the caption too
      return answer && "job" in answer ? /** @type {JobAnswer} */ (answer) : { job: null };
    });
  }

  /** Several drafts, of which the best two are made in full. @param {number} count */
  async findGood(count) {
    if (this.canRender()) await this.#ask(() => this.server.ask("find_good", { count }));
  }

  /** @param {() => Promise<JobAnswer>} work */
  async #ask(work) {
    const { jobs } = this;
    if (jobs.startingAt || !this.canAsk) return;
    jobs.startingAt = performance.now();
    this.bus.emit("job");
    try {
      await this.typing.settled();
      this.took(await work());
    } catch (error) {
      this.bus.emit("refused", asError(error));
    }
    jobs.startingAt = 0;
    this.bus.emit("job");
    this.bus.emit("wake");
  }

  /** It is on its way, or it was made before and is shown. @param {JobAnswer} answer */
  took(answer) {
    this.jobs.add(answer.job);
    if (answer.node) this.pictures.showNode(answer.node);
  }

  /** A render that brought the studio down does not start again on its own, but the user may start it. @param {Job} job */
  #failed(job) {
    const text = heard(job.error ?? "") || t("The job failed.");
    if (isOnStage(job) && job.kind !== "live") this.bus.emit("undoable", { text, kind: "bad", label: t("Try anyway"), work: () => this.render(this.view.quality, { anyway: true }) });
    else this.bus.emit("refused", new Error(text));
  }
}
