/** Asking for news: it waits at the server while something runs, and is calm otherwise. */

import { isRefusal } from "./server.mjs";

/** @import { Parts } from "../types.mjs" */

const IDLE_PAUSE = 4000; // ms between polls while nothing runs
const SOON = 1000; // ms while something is about to change

export class Polling {
  #wakeUp = () => {};

  /** @param {Pick<Parts, "bus" | "server" | "machine" | "saving" | "jobs" | "pictures" | "news" | "projects">} parts */
  constructor({ bus, server, machine, saving, jobs, pictures, news, projects }) {
    this.server = server;
    this.machine = machine;
    this.saving = saving;
    this.jobs = jobs;
    this.pictures = pictures;
    this.news = news;
    this.projects = projects;
    bus.on("wake", () => this.#wakeUp()); // now, not at the end of the pause
  }

  /** For as long as the page lives. */
  async start() {
    for (;;) {
      const isActive = this.jobs.areActive;
      try {
        this.news.take(await this.server.ask("poll", { seen: this.news.seen, frame: this.pictures.frameNumber, wait: isActive ? 2 : 0 }));
        if (isActive) continue;
      } catch (error) {
        if (isRefusal(error, "expired")) await this.projects.reopen();
      }
      const isSoon = !this.server.isConnected || this.machine.isLoading || this.saving.isUnsaved;
      await this.#pause(isSoon ? SOON : IDLE_PAUSE);
    }
  }

  /** @param {number} time @returns {Promise<void>} */
  #pause(time) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, time);
      this.#wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
