/** Making a picture. */

import { isOnStage } from "./jobs.mjs";
import { asError } from "./server.mjs";
import { heard, t } from "../words/words.mjs";

/** @import { Job, JobAnswer, Parts, Quality } from "../types.mjs" */

export class Renders {
  /** @param {Pick<Parts, "bus" | "server" | "machine" | "document" | "typing" | "edits" | "jobs" | "pictures" | "view">} parts */
  constructor({ bus, server, machine, document, typing, edits, jobs, pictures, view }) {
    this.bus = bus;
    this.server = server;
    this.machine = machine;
    this.document = document;
    this.typing = typing;
    this.edits = edits;
    this.jobs = jobs;
    this.pictures = pictures;
    this.view = view;
    bus.on("failed", (job) => this.#failed(job));
  }

  canRender() {
    const { scene } = this.document;
    const hasContent = scene.regions.some((region) => region.visible) || Boolean(scene.caption?.trim());
    return this.server.isConnected && !this.machine.isLoading && hasContent;
  }

  /** @param {Quality} quality @param {{ anyway?: boolean }} more */
  async render(quality = this.view.quality, more = {}) {
    const { jobs } = this;
    if (!this.canRender() || jobs.startingAt) return;
    jobs.startingAt = performance.now();
    this.bus.emit("job");
    try {
      await this.typing.settled();
      if (!this.view.isSeedLocked && quality !== "live") await this.edits.rollSeed();
      this.took(await this.server.ask("render", { quality, count: this.document.sampling.count, ...more }));
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
