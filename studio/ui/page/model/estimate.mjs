/** What a final picture would cost, and what the engine says to it: asked for when it is calm. */

import { debounce } from "../core/debounce.mjs";
import { heard } from "../words/words.mjs";

/** @import { Costs, Parts } from "../types.mjs" */

const CALM = 700; // ms after the last edit

export class Estimate {
  /** @type {Costs | null} */
  costs = null;
  /** @type {string[]} */
  advice = [];

  /** @param {Pick<Parts, "bus" | "server" | "document" | "jobs" | "renders">} parts */
  constructor({ bus, server, document, jobs, renders }) {
    this.bus = bus;
    this.server = server;
    this.document = document;
    this.jobs = jobs;
    this.renders = renders;
    this.soon = debounce(() => this.#ask(), CALM);
    bus.on("committed", () => this.soon());
    bus.on("ended", () => this.soon());
    bus.on("otherProject", () => (this.costs = null));
  }

  async #ask() {
    if (this.jobs.current || !this.renders.canRender() || !this.document.outbox.isIdle) return;
    const answer = await this.server.ask("preflight").catch(() => null);
    if (!answer) return;
    this.costs = answer.estimate;
    this.advice = (answer.notices ?? []).map(heard);
    this.bus.emit("hints");
  }
}
