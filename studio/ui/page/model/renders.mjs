/** Making pictures: jobs, previews, live drafts, and news from the server. */

import { debounce } from "../panels/dom.mjs";
import { loadImage } from "./server.mjs";
import { Strips } from "./strips.mjs";
import { heard, t } from "../words/words.mjs";

const SLOW = 1.5; // seconds of a live draft
const KINDS_ON_STAGE = new Set(["final", "draft", "live"]);
const IDLE_PAUSE = 4000; // ms between polls while nothing runs
const CALM = 700; // ms after the last edit before the cost is asked for

export class Rendering extends Strips {
  jobs = [];
  isLive = false;
  isSeedLocked = true;
  quality = "final";
  queue = null;
  machine = {};
  seen = undefined;
  lastJob = null;
  startingAt = 0;

  constructor(server) {
    super(server);
    this.soonEstimate = debounce(() => this.#takeEstimate(), CALM);
    this.on("committed", (edit) => this.#afterEdit(edit));
  }

  /** The job on the stage: the newest one of this tab that is waiting or running. */
  get job() {
    const active = this.jobs.filter((job) => job.state === "waiting" || job.state === "running");
    return active.at(-1) ?? (this.startingAt ? { kind: "final", state: "waiting", position: 0 } : null);
  }

  /** The job to tell of: live drafts come and go by themselves, only a slow one is worth words. */
  get toldJob() {
    const { job } = this;
    return job?.kind === "live" && (job.seconds ?? 0) < SLOW ? null : job;
  }

  get progress() {
    const { job } = this;
    return job?.steps ? job.step / job.steps : 0;
  }

  canRender() {
    const { scene } = this;
    return this.server.isConnected && this.machine.ready !== false && (scene.regions.some((one) => one.visible) || Boolean(scene.caption?.trim()));
  }

  async render(quality = this.quality, more = {}) {
    if (!this.canRender() || this.startingAt) return;
    this.startingAt = performance.now();
    this.emit("job");
    try {
      await this.settled();
      if (!this.isSeedLocked && quality !== "live") await this.rollSeed();
      this.took(await this.server.ask("render", { quality, count: this.sampling.count, ...more }));
    } catch (error) {
      this.emit("refused", error);
    }
    this.startingAt = 0;
    this.emit("job");
    this.wake();
  }

  took(answer) {
    if (answer.job) this.jobs = [...this.jobs.filter((job) => job.id !== answer.job.id), answer.job];
    if (answer.node) this.showNode(answer.node);
  }

  async cancel() {
    const { job } = this;
    if (!job) return false;
    this.stopPlaying();
    try {
      await this.server.ask("cancel", job.id ? { job: job.id } : {});
    } catch (error) {
      this.emit("refused", error);
    }
    this.wake();
    return true;
  }

  // Live: every committed change starts a draft; the server keeps only the latest.

  toggleLive() {
    this.isLive = !this.isLive;
    this.emit("liveMode");
    if (this.isLive) this.#drawLive();
    else if (this.job?.kind === "live") this.cancel();
  }

  #afterEdit({ action, payload }) {
    const isJustGamma = action === "set_sampling" && Object.keys(payload).every((name) => name === "gamma" || name === "count");
    if (this.strip && !this.strip.isStale && !isJustGamma) {
      this.strip.isStale = true; // its drafts show another scene
      this.scrubbed = null;
      this.emit("strip");
      this.emit("result");
    }
    this.soonEstimate();
    if (this.showsModel) this.lookAgain();
    if (this.isLive && action !== "restore") this.#followLive();
  }

  /** A slider that keeps moving lets the picture on its way be finished, else none would ever show. */
  #followLive() {
    const isDrawing = this.jobs.some((job) => job.kind === "live" && (job.state === "waiting" || job.state === "running"));
    this.isBehind = this.isSliding && isDrawing;
    if (!this.isBehind) this.#drawLive();
  }

  #drawLive() {
    if (!this.canRender() || this.outbox.waiting.length) return; // a later edit follows
    this.server
      .ask("render", { quality: "live" })
      .then((answer) => {
        this.took(answer);
        this.wake();
      })
      .catch((error) => error.kind !== "busy" && this.emit("refused", error));
  }

  /** What a final picture would cost, and what the engine says to it. */
  async #takeEstimate() {
    if (this.job || !this.canRender() || !this.outbox.isIdle) return;
    const answer = await this.server.ask("preflight").catch(() => null);
    if (!answer) return;
    this.estimate = answer.estimate;
    this.advice = (answer.notices ?? []).map(heard);
    this.emit("hints");
  }

  // Polling: waits at the server while something runs, calm otherwise.

  startPolling() {
    this.isPolling = true;
    this.#poll();
  }

  /** Poll now, not at the end of the pause. */
  wake() {
    this.wakeUp?.();
  }

  async #poll() {
    while (this.isPolling) {
      const isActive = this.jobs.some((job) => job.state === "waiting" || job.state === "running");
      try {
        const news = await this.server.ask("poll", { seen: this.seen, frame: this.frameNumber, wait: isActive ? 2 : 0 });
        this.takeNews(news);
        if (isActive) continue;
      } catch (error) {
        if (error.kind === "expired") await this.reopen();
      }
      const isSoon = !this.server.isConnected || this.machine.ready === false || this.isUnsaved;
      await this.#pause(isSoon ? 1000 : IDLE_PAUSE);
    }
  }

  #pause(time) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, time);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  takeNews(news) {
    this.seen = news.seen;
    this.queue = news.queue ?? this.queue;
    if (news.status) this.#takeStatus(news.status);
    if (news.saved_at) this.savedAt(news.saved_at);
    if (news.demo) this.emit("demoNews", news.demo);
    if (news.jobs) this.#takeJobs(news.jobs);
    if (news.frame) this.#takeFrame(news.frame);
    if (news.strips) this.takeStrips(news.strips);
    if (news.history) this.takeHistory(news.history);
    if (news.fidelity) this.takeFidelity(news.fidelity);
    if (news.revision > this.document.revision && this.outbox.isIdle && !this.ahead.size) this.refresh();
    this.emit("job");
    this.emit("status");
  }

  #takeStatus(status) {
    const wasReady = this.machine.ready;
    this.machine = status;
    if (status.ready && wasReady === false) this.modelArrived();
    if (status.error && status.error !== this.toldError) this.emit("refused", new Error(heard(status.error)));
    this.toldError = status.error;
    this.emit("device");
  }

  /** Another tab changed the project. */
  async refresh() {
    const answer = await this.server.ask("document").catch(() => null);
    if (answer) this.take(answer.document, answer.shapes, { isWhole: true });
  }

  #takeJobs(jobs) {
    const before = new Map(this.jobs.map((job) => [job.id, job.state]));
    this.jobs = jobs;
    for (const job of jobs) {
      const was = before.get(job.id);
      if (was === job.state || (!was && job.state !== "failed")) continue;
      if (job.state === "failed") this.#failed(job);
      if (job.state !== "running" && job.state !== "waiting") this.#ended(job);
    }
  }

  /** A render that brought the studio down does not start again on its own, but the user may start it. */
  #failed(job) {
    const text = heard(job.error ?? "") || t("The job failed.");
    if (KINDS_ON_STAGE.has(job.kind) && job.kind !== "live") this.emit("undoable", { text, kind: "bad", label: t("Try anyway"), work: () => this.render(this.quality, { anyway: true }) });
    else this.emit("refused", new Error(text));
  }

  #ended(job) {
    if (job.state === "done" && job.summary) this.lastJob = job;
    if (job.kind === "live" && this.isBehind && this.isLive) this.#followLive();
    this.soonEstimate();
    if (KINDS_ON_STAGE.has(job.kind) && job.state !== "done" && job.kind !== "live") {
      this.previewImage = null;
      this.statusText = job.state === "cancelled" ? t("Cancelled") : "";
      this.emit("result");
    }
    if (job.kind === "strip") this.emit("result");
    if (job.kind === "proposals" && job.state === "done") this.emit("proposals", job.proposals ?? []);
    if (job.kind === "load" && job.state === "done") this.reopen();
  }

  async #takeFrame(frame) {
    if (frame.number === this.frameNumber) return;
    this.frameNumber = frame.number;
    const job = this.jobs.find((one) => one.id === frame.job);
    if (!KINDS_ON_STAGE.has(job?.kind) || job.state !== "running") return;
    const image = await loadImage(frame.image).catch(() => null);
    const isRunning = this.jobs.some((one) => one.id === frame.job && one.state === "running");
    if (!image || !isRunning || frame.number !== this.frameNumber) return; // it came too late
    this.previewImage = image;
    this.scrubbed = null;
    this.emit("result");
  }
}
