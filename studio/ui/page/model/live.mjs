/** Live: every committed change starts a draft; the server keeps only the latest. */

import { isActive } from "./jobs.mjs";
import { asError, isRefusal } from "./server.mjs";

/** @import { Edit, Job, Parts } from "../types.mjs" */

export class Live {
  #isBehind = false; // gamma moved on while a picture was on its way

  /** @param {Pick<Parts, "bus" | "server" | "document" | "typing" | "jobs" | "renders" | "view">} parts */
  constructor({ bus, server, document, typing, jobs, renders, view }) {
    this.bus = bus;
    this.server = server;
    this.document = document;
    this.typing = typing;
    this.jobs = jobs;
    this.renders = renders;
    this.view = view;
    bus.on("committed", (edit) => this.#afterEdit(edit));
    bus.on("ended", (job) => this.#ended(job));
  }

  toggle() {
    const { view } = this;
    view.isLive = !view.isLive;
    this.bus.emit("liveMode");
    if (view.isLive) this.#draw();
    else if (this.jobs.current?.kind === "live") this.jobs.cancel();
  }

  /** @param {Edit} edit */
  #afterEdit({ action }) {
    if (this.view.isLive && action !== "restore") this.#follow();
  }

  /** @param {Job} job */
  #ended(job) {
    if (job.kind === "live" && this.#isBehind && this.view.isLive) this.#follow();
  }

  /** A slider that keeps moving lets the picture on its way be finished, else none would ever show. */
  #follow() {
    const isDrawing = this.jobs.list.some((job) => job.kind === "live" && isActive(job));
    this.#isBehind = this.typing.isSliding && isDrawing;
    if (!this.#isBehind) this.#draw();
  }

  async #draw() {
    if (!this.renders.canRender() || this.document.outbox.waiting.length) return; // a later edit follows
    try {
      this.renders.took(await this.server.ask("render", { quality: "live" }));
      this.bus.emit("wake");
    } catch (error) {
      if (!isRefusal(error, "busy")) this.bus.emit("refused", asError(error));
    }
  }
}
