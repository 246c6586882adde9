/** News from the server, handed to the parts that they are for. */

/** @import { NewsAnswer, Parts } from "../types.mjs" */

export class News {
  /** @type {unknown} how far this tab has heard */
  seen = undefined;

  /** @param {Pick<Parts, "bus" | "machine" | "document" | "saving" | "jobs" | "pictures" | "strips" | "fidelity">} parts */
  constructor({ bus, machine, document, saving, jobs, pictures, strips, fidelity }) {
    this.bus = bus;
    this.machine = machine;
    this.document = document;
    this.saving = saving;
    this.jobs = jobs;
    this.pictures = pictures;
    this.strips = strips;
    this.fidelity = fidelity;
  }

  /** @param {NewsAnswer} news */
  take(news) {
    this.seen = news.seen;
    this.jobs.queue = news.queue ?? this.jobs.queue;
    if (news.status) this.machine.take(news.status);
    if (news.saved_at) this.saving.savedAt(news.saved_at);
    if (news.demo) this.bus.emit("demoNews", news.demo);
    if (news.jobs) this.jobs.take(news.jobs);
    if (news.frame) this.pictures.takeFrame(news.frame);
    if (news.strips) this.strips.take(news.strips);
    if (news.history) this.pictures.take(news.history);
    if (news.fidelity) this.fidelity.take(news.fidelity);
    if (this.#isBehind(news)) this.document.refresh();
    this.bus.emit("job");
    this.bus.emit("status");
  }

  /** Another tab changed the project. @param {NewsAnswer} news */
  #isBehind({ revision = -1 }) {
    const { confirmed, outbox, ahead } = this.document;
    return revision > confirmed.revision && outbox.isIdle && !ahead.size;
  }
}
