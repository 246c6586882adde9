/** What the studio is doing for this tab, and how far it is. */

import { heard, t } from "../words/words.mjs";
import { asError } from "./server.mjs";

/** @import { Job, Parts, Queue } from "../types.mjs" */

const SLOW = 1.5; // seconds of a live draft
/** @type {Record<string, string>} */
const DOING = { load: "loading the model…", proposals: "looking for things…", export: "writing the file…" };
/** @type {Job} */
const STARTING = { kind: "final", state: "waiting", position: 0 };
const ON_STAGE = new Set(["final", "draft", "live"]);

/** @param {Job} job */
export const isActive = (job) => job.state === "waiting" || job.state === "running";

/** It makes a picture for the stage. @param {Job | undefined} job */
export const isOnStage = (job) => Boolean(job && ON_STAGE.has(job.kind));

export class Jobs {
  /** @type {Job[]} */
  list = [];
  /** @type {Job | null} the last one that told what it cost */
  last = null;
  /** @type {Queue | null} of everybody */
  queue = null;
  startingAt = 0; // when the render was asked for that the server has not taken yet

  /** @param {Pick<Parts, "bus" | "server" | "status">} parts */
  constructor({ bus, server, status }) {
    this.bus = bus;
    this.server = server;
    this.status = status;
  }

  /** The job on the stage: the newest one of this tab that is waiting or running. @returns {Job | null} */
  get current() {
    return this.list.filter(isActive).at(-1) ?? (this.startingAt ? STARTING : null);
  }

  /** The job to tell of: live drafts come and go by themselves, only a slow one is worth words. */
  get told() {
    const { current } = this;
    return current?.kind === "live" && (current.seconds ?? 0) < SLOW ? null : current;
  }

  get progress() {
    const { current } = this;
    return current?.steps ? (current.step ?? 0) / current.steps : 0;
  }

  /** Any of them is waited for or runs. */
  get areActive() {
    return this.list.some(isActive);
  }

  /** One that was just asked for. @param {Job | null} job */
  add(job) {
    if (job) this.list = [...this.list.filter((one) => one.id !== job.id), job];
  }

  /** The newest states. @param {Job[]} jobs */
  take(jobs) {
    const before = new Map(this.list.map((job) => [job.id, job.state]));
    this.list = jobs;
    for (const job of jobs) {
      const was = before.get(job.id);
      if (was === job.state || (!was && job.state !== "failed")) continue;
      if (job.state === "failed") this.bus.emit("failed", job);
      if (!isActive(job)) this.#ended(job);
    }
  }

  /** @param {Job} job */
  #ended(job) {
    if (job.state === "done" && job.summary) this.last = job;
    if (isOnStage(job) && job.state !== "done" && job.kind !== "live") {
      this.status.text = job.state === "cancelled" ? t("Cancelled") : "";
    }
    this.bus.emit("ended", job);
  }

  /** The one on the stage; false when there is none. */
  async cancel() {
    const { current } = this;
    if (!current) return false;
    this.bus.emit("pause");
    try {
      await this.server.ask("cancel", current.id ? { job: current.id } : {});
    } catch (error) {
      this.bus.emit("refused", asError(error));
    }
    this.bus.emit("wake");
    return true;
  }

  text() {
    const { current } = this;
    if (!current) return "";
    if (current.state === "waiting") return current.position ? t("waiting: {n} before this one", { n: current.position }) : t("starting…");
    if (current.suspicious) return heard(current.suspicious);
    const doing = DOING[current.kind] ? t(DOING[current.kind]) : t(`phase: ${current.phase || "steps"}`);
    return [doing, this.progressText()].filter(Boolean).join(" · ");
  }

  progressText() {
    const { current } = this;
    const parts = [];
    if (current?.steps) parts.push(t("step {a} of {b}", { a: current.step ?? 0, b: current.steps }));
    if (current?.seconds_left) parts.push(t("{n} s left", { n: current.seconds_left.toFixed(1) }));
    return parts.join(" · ");
  }
}
