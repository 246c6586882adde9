/** Opening and keeping: projects, examples, photos and files, and what is saved from them. */

import { memory } from "./memory.mjs";
import { Rendering } from "./renders.mjs";
import { loadImage } from "./server.mjs";
import { heard, t } from "../words/words.mjs";

export class Projects extends Rendering {
  project = { id: null, name: "" };
  examples = [];
  recent = [];
  photo = null;
  photoReference = null;
  photoShown = null; // resolves when it is loaded
  model = {};
  recommended = {};

  constructor(server) {
    super(server);
    this.on("scene", () => this.#showPhoto());
  }

  async open() {
    const answer = await this.server.ask("open", {
      session: memory.read("session", sessionStorage),
      owner: memory.read("owner"),
      project: location.hash.slice(1) || null,
    });
    this.opened(answer);
    const { examples } = await this.server.ask("examples");
    this.examples = examples.map((one) => ({ ...one, note: one.text, thumbnail: this.server.url(one.thumbnail) }));
    return answer;
  }

  /** The session ended at the server (restart, long pause): come back to the same project. */
  reopen() {
    return this.#inTurn(async () => {
      const answer = await this.server.ask("open", { session: this.server.session, owner: memory.read("owner"), project: this.project.id }).catch(() => null);
      if (answer) this.opened(answer);
    });
  }

  /** Whatever opens a scene waits for the one before. */
  #inTurn(work) {
    this.turn = (this.turn ?? Promise.resolve()).then(work, work);
    return this.turn;
  }

  /** The model finished loading: sizes, limits and advice are known now. */
  async modelArrived() {
    await this.settled();
    await this.reopen();
    if (this.start) this.drawStart();
  }

  opened(answer) {
    const isOther = this.project.id !== answer.project.id;
    this.server.session = answer.session;
    memory.write("session", answer.session, sessionStorage);
    memory.write("owner", answer.owner);
    history.replaceState(null, "", `#${answer.project.id}`);
    this.project = answer.project;
    this.model = answer.model;
    this.recommended = answer.model.recommended ?? {};
    this.machine = answer.status ?? {};
    this.toldError = this.machine.error;
    if (isOther) this.#forget();
    this.unsavedSince = null;
    this.take(answer.document, answer.shapes, { isWhole: true });
    this.seen = answer.seen;
    this.jobs = answer.jobs ?? [];
    this.takeNews({ seen: answer.seen, strips: answer.strips, history: answer.history });
    this.#showPhoto();
    for (const notice of answer.notices ?? []) this.emit("notice", heard(notice));
    this.emit("project");
    this.emit("device");
    this.emit("size");
  }

  #forget() {
    this.selected = this.shownNode = this.resultImage = this.previewImage = this.compareImage = this.comparedNode = null;
    this.strip = this.modelView = this.scrubbed = null;
    this.showsModel = false;
    this.obtained = new Map();
    this.difference = this.estimate = null;
    this.ahead.clear();
    this.above?.dropOffers();
    this.emit("model");
  }

  /** The photo comes and goes with the document: by opening, by edits, by undo. */
  #showPhoto() {
    const reference = this.document.photo ?? null;
    if (reference !== this.photoReference) this.photoShown = this.#loadPhoto(reference);
    return this.photoShown;
  }

  async #loadPhoto(reference) {
    this.photoReference = reference;
    const photo = reference ? await loadImage(this.server.url(reference)).catch(() => null) : null;
    if (this.photoReference !== reference) return;
    this.photo = photo;
    this.emit("photo");
  }

  /** Do something that opens another scene. */
  openWith(work) {
    return this.#inTurn(() => this.#openNow(work));
  }

  async #openNow(work) {
    try {
      await this.settled();
      const answer = await this.during(work());
      if (answer.project) this.opened(answer);
      else this.take(answer.document, answer.shapes, { isWhole: true });
      this.closeStart();
      this.above.closeAll();
      this.stage.fit();
      await this.photoShown;
      const isBare = !this.scene.regions.length;
      if (this.photo && isBare) this.setTool("smart");
      else if (this.tool.id === "smart" && !this.tool.hasPicture) this.setTool("brush");
      return true;
    } catch (error) {
      this.emit("refused", error);
      return false;
    }
  }

  async startBlank(width, height) {
    if (await this.openWith(() => this.server.ask("new_scene", { width, height }))) this.setTool("brush");
  }

  async startExample(id) {
    const isOpen = await this.openWith(() => this.server.ask("open_example", { id }));
    const title = this.examples.find((one) => one.id === id)?.title ?? "";
    if (isOpen && t(title) !== title) await this.rename(t(title));
    return isOpen;
  }

  openProject(id) {
    return this.openWith(() => this.server.ask("open_project", { project: id }));
  }

  sizes() {
    const sizes = this.model.sizes?.map(([width, height, label]) => ({ width, height, label }));
    return sizes?.length ? sizes : [{ width: this.scene.width, height: this.scene.height }];
  }

  pickFile(kind) {
    const input = document.createElement("input");
    input.type = "file";
    input.multiple = kind === "open";
    input.accept = kind === "photo" ? "image/*" : ".s2a,.zip,.json,.png,.jpg,.jpeg,.webp,.ora";
    input.addEventListener("change", () => this.openFiles([...input.files], kind));
    this.lastPicker = input;
    input.click();
  }

  async openFiles(files, kind = "open") {
    if (!files.length) return;
    this.say(t("Reading {name}…", { name: files[0].name }));
    const action = kind === "photo" ? "set_photo" : "open_files";
    await this.openWith(() => this.server.send(action, files));
    this.say("");
  }

  async save(work) {
    try {
      await this.settled();
      const { file, name } = await this.during(work());
      const link = document.createElement("a");
      link.href = this.server.url(file);
      link.download = name;
      link.click();
    } catch (error) {
      this.emit("refused", error);
    }
  }

  download(node = this.shownNode) {
    if (!node) this.emit("notice", t("There is no picture yet."));
    else return this.save(() => this.server.ask("save_picture", { node, index: node === this.shownNode ? (this.picked ?? 0) : 0 }));
  }

  saveProject() {
    return this.save(() => this.server.ask("save_project"));
  }

  exportScene(format) {
    return this.save(() => this.server.ask("export_scene", { format }));
  }

  async rename(name) {
    try {
      const { project } = await this.server.ask("rename_project", { name: name.trim() || t("Untitled") });
      this.project = project ?? { ...this.project, name };
    } catch (error) {
      this.emit("refused", error);
    }
    this.emit("project");
  }

  async findEverything() {
    const on = this.photo ? "photo" : this.shownNode;
    if (!on) {
      this.emit("notice", t("The smart click needs a photo or a result. On a blank canvas, draw with the brush, the lasso or the rectangle."));
      return;
    }
    try {
      const { job } = await this.server.ask("proposals", { on });
      this.jobs = [...this.jobs, job];
      this.emit("job");
      this.wake();
    } catch (error) {
      this.emit("refused", error);
    }
  }
}
