/** Opening: projects, examples, blank scenes and whatever else brings another scene. */

import { memory } from "./memory.mjs";
import { asError } from "./server.mjs";
import { heard, t } from "../words/words.mjs";

/** @import { Example, OpenAnswer, Parts, Project, ProjectSummary, Size } from "../types.mjs" */

export class Projects {
  /** @type {Project} the one that is open */
  project = { id: null, name: "" };
  /** @type {Example[]} */
  examples = [];
  /** @type {ProjectSummary[]} the other projects of this person, the newest first */
  recent = [];
  /** @type {Project | null} the one before, for whoever wants to go back */
  before = null;
  /** @type {Promise<unknown>} whatever opens a scene waits for the one before */
  #turn = Promise.resolve();
  /** @type {Promise<void> | null} a model has arrived and its sizes are not asked for yet */
  #arrival = null;

  /** @param {Pick<Parts, "bus" | "server" | "status" | "machine" | "document" | "saving" | "typing" | "photo" | "jobs" | "news">} parts */
  constructor({ bus, server, status, machine, document, saving, typing, photo, jobs, news }) {
    this.bus = bus;
    this.server = server;
    this.status = status;
    this.machine = machine;
    this.document = document;
    this.saving = saving;
    this.typing = typing;
    this.photo = photo;
    this.jobs = jobs;
    this.news = news;
    bus.on("modelReady", () => this.modelArrived());
    bus.on("ended", (job) => job.kind === "load" && job.state === "done" && this.modelArrived());
  }

  /** What this tab had open, or what the address names. */
  async open() {
    const answer = await this.server.ask("open", {
      session: memory.read("session", sessionStorage),
      owner: memory.read("owner"),
      project: location.hash.slice(1) || null,
    });
    this.#opened(answer);
    const { examples } = await this.server.ask("examples");
    this.examples = examples.map((one) => ({ ...one, thumbnail: one.thumbnail && this.server.url(one.thumbnail) }));
    return answer;
  }

  /** The session ended at the server (restart, long pause), or its model changed: come back to the same project. */
  reopen() {
    return this.#inTurn(() => this.document.outbox.holding(() => this.#reopenNow()));
  }

  async #reopenNow() {
    this.#arrival = null;
    const answer = await this.server.ask("open", { session: this.server.session, owner: memory.read("owner"), project: this.project.id }).catch(() => null);
    if (answer) this.#opened(answer);
  }

  /** @template T @param {() => Promise<T>} work @returns {Promise<T>} */
  #inTurn(work) {
    const turn = this.#turn.then(work, work);
    this.#turn = turn;
    return turn;
  }

  /** The model finished loading: ask for its sizes, limits and advice. */
  modelArrived() {
    this.#arrival ??= this.#meetModel();
    return this.#arrival;
  }

  async #meetModel() {
    await this.typing.settled();
    await this.reopen();
  }

  /** @param {OpenAnswer} answer */
  #opened(answer) {
    const isOther = this.project.id !== answer.project.id;
    this.server.session = answer.session;
    memory.write("session", answer.session, sessionStorage);
    memory.write("owner", answer.owner);
    history.replaceState(null, "", `#${answer.project.id}`);
    this.project = answer.project;
    this.machine.opened(answer.model, answer.status ?? {});
    if (isOther) this.bus.emit("otherProject");
    this.saving.begin();
    this.document.take(answer.document, answer.shapes, { isWhole: true, keepsWaiting: !isOther });
    this.jobs.list = answer.jobs ?? [];
    this.news.take({ seen: answer.seen, strips: answer.strips, history: answer.history });
    this.photo.show();
    for (const notice of answer.notices ?? []) this.bus.emit("notice", heard(notice));
    this.bus.emit("project");
    this.bus.emit("device");
    if (isOther) this.bus.emit("size");
  }

  /**
   * Do something that opens another scene; `tool` is the one to go on with.
   * @param {() => Promise<OpenAnswer>} work @param {string | null} tool
   */
  openWith(work, tool = null) {
    return this.#inTurn(() => this.#openNow(work, tool));
  }

  /** @param {() => Promise<OpenAnswer>} work @param {string | null} tool */
  async #openNow(work, tool) {
    const { project } = this;
    try {
      await this.typing.settled();
      this.#opened(await this.status.during(work()));
      if (project.id !== this.project.id) this.before = project;
      this.bus.emit("entering");
      await this.photo.show();
      this.bus.emit("entered", { tool });
      return true;
    } catch (error) {
      this.bus.emit("refused", asError(error));
      return false;
    }
  }

  /** Of the model's own size, unless one was chosen. @param {Size | null} size */
  startBlank(size = null) {
    return this.openWith(() => this.server.ask("new_scene", { ...size }), "brush");
  }

  /** @param {string} id */
  async startExample(id) {
    const isOpen = await this.openWith(() => this.server.ask("open_example", { id }));
    const title = this.examples.find((one) => one.id === id)?.title ?? "";
    if (isOpen && t(title) !== title) await this.rename(t(title));
    return isOpen;
  }

  /** @param {string} id */
  openProject(id) {
    return this.openWith(() => this.server.ask("open_project", { project: id }));
  }

  /** Dropped files have opened another project: the way back is one click. */
  offerBack() {
    if (this.before?.id) this.bus.emit("undoable", { text: t("{name} is open.", { name: this.project.name }), work: () => this.goBack() });
  }

  /** To the project that was open before this one. */
  async goBack() {
    const id = this.before?.id;
    return id ? this.openProject(id) : false;
  }

  duplicate() {
    return this.openWith(() => this.server.ask("duplicate_project"));
  }

  /** Look which projects there are. */
  async findRecent() {
    const { projects } = await this.server.ask("projects").catch(() => ({ projects: [] }));
    this.recent = projects.filter((one) => one.id !== this.project.id);
  }

  /** @param {string} name */
  async rename(name) {
    try {
      const { project } = await this.server.ask("rename_project", { name: name.trim() || t("Untitled") });
      this.project = project ?? { ...this.project, name };
    } catch (error) {
      this.bus.emit("refused", asError(error));
    }
    this.bus.emit("project");
  }
}
