/** The page as a whole: projects, files, tools, views and what the bars say. */

import { Rendering } from "./rendering.mjs";
import { numberSheet, keySheet, startCards } from "./sheets.mjs";
import { loadImage } from "./server.mjs";
import { openSettings } from "./settings.mjs";
import { preferred, speak, t } from "./words.mjs";

const OPTIONS = { size: 24, mode: "new", opacity: 0.62, labels: true };
const KEEP = "seg2any-studio";

/** What the browser remembers between visits; a full or forbidden storage is no reason to fail. */
export const memory = {
  read(name, storage = localStorage) {
    try {
      return JSON.parse(storage.getItem(`${KEEP}.${name}`));
    } catch {
      return null;
    }
  },
  write(name, value, storage = localStorage) {
    try {
      storage.setItem(`${KEEP}.${name}`, JSON.stringify(value));
    } catch {
      // private windows have no storage; the project's address still works
    }
  },
};

export class App extends Rendering {
  project = { id: null, name: "" };
  options = { ...OPTIONS, ...(memory.read("options") ?? {}), mode: "new" };
  tools = new Map();
  examples = [];
  recent = [];
  viewMode = "split";
  photo = null;
  statusText = "";
  timings = {};
  model = {};
  recommended = {};

  constructor(server) {
    super(server);
    this.language = memory.read("language") ?? preferred();
    speak(this.language);
    const theme = memory.read("theme");
    this.isDark = theme ? theme === "dark" : !matchMedia("(prefers-color-scheme: light)").matches;
    document.body.classList.toggle("dark", this.isDark);
    document.documentElement.lang = this.language === "zh" ? "zh-Hans" : "en";
    server.onconnection = (isConnected) => {
      this.above?.toast(isConnected ? t("Connected again.") : t("The studio does not answer. Your work is kept; trying again…"), { kind: isConnected ? "good" : "bad" });
      this.emit("device");
    };
    this.on("sampling", () => this.strip && this.ahead.has("gamma") && this.scrubTo(this.sampling.gamma));
  }

  get isConnected() {
    return this.server.isConnected;
  }

  // Opening

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
    if (this.start) this.openStart();
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
    this.take(answer.document, answer.shapes, { isWhole: true });
    this.seen = answer.seen;
    this.jobs = answer.jobs ?? [];
    this.takeNews({ seen: answer.seen, strips: answer.strips, history: answer.history });
    this.#showPhoto();
    for (const notice of answer.notices ?? []) this.emit("notice", notice);
    this.emit("project");
    this.emit("device");
    this.emit("size");
  }

  #forget() {
    this.selected = this.shownNode = this.resultImage = this.previewImage = this.compareImage = this.comparedNode = null;
    this.strip = this.modelView = this.scrubbed = null;
    this.showsModel = false;
    this.obtained = new Map();
    this.ahead.clear();
    this.emit("model");
  }

  async #showPhoto() {
    const reference = this.document.photo;
    if (reference === this.photoReference) return;
    this.photoReference = reference;
    this.photo = reference ? await loadImage(this.server.url(reference)).catch(() => null) : null;
    this.emit("photo");
  }

  /** Do something that opens another scene. */
  #openWith(work) {
    return this.#inTurn(() => this.#openNow(work));
  }

  async #openNow(work) {
    try {
      await this.settled();
      const answer = await work();
      if (answer.project) this.opened(answer);
      else this.take(answer.document, answer.shapes, { isWhole: true });
      this.closeStart();
      this.above.closeAll();
      this.stage.fit();
      return true;
    } catch (error) {
      this.emit("refused", error);
      return false;
    }
  }

  async startBlank(width, height) {
    if (await this.#openWith(() => this.server.ask("new_scene", { width, height }))) this.setTool("brush");
  }

  startExample(id) {
    return this.#openWith(() => this.server.ask("open_example", { id }));
  }

  openProject(id) {
    return this.#openWith(() => this.server.ask("open_project", { project: id }));
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
    const isOpen = await this.#openWith(() => this.server.send(action, files));
    this.say("");
    if (isOpen && this.photo === null && this.document.photo) await this.#showPhoto();
    if (isOpen && this.document.photo && !this.scene.regions.length) this.setTool("smart");
  }

  async save(work) {
    try {
      await this.settled();
      const { file, name } = await work();
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

  // Tools, options, views

  setTool(id) {
    if (this.tool?.id === id) return;
    this.tool?.cancel?.();
    this.tool?.stop?.();
    this.tool = this.tools.get(id);
    this.tool.start?.();
    this.emit("tool");
    this.emit("live");
  }

  setOption(name, value) {
    this.options[name] = value;
    memory.write("options", this.options);
    this.emit("options");
  }

  setView(mode) {
    if (mode === this.viewMode) return;
    this.viewMode = mode;
    this.emit("view");
  }

  toggleContours() {
    this.showsContours = !this.showsContours;
    this.loadContours();
    this.emit("contours");
  }

  toggleTheme() {
    this.isDark = !this.isDark;
    memory.write("theme", this.isDark ? "dark" : "light");
    document.body.classList.toggle("dark", this.isDark);
    this.emit("theme");
  }

  toggleSeedLock() {
    this.isSeedLocked = !this.isSeedLocked;
    this.emit("sampling");
  }

  setQuality(quality) {
    this.quality = quality;
    this.emit("sampling");
  }

  toggleDemo() {
    this.isDemo = !this.isDemo;
    this.element.classList.toggle("demo", this.isDemo);
    if (this.isDemo && !this.strip) this.makeStrip();
  }

  askCaption(id) {
    this.bubble.open(id);
  }

  // Sheets and menus

  async openStart() {
    const projects = await this.server.ask("projects").catch(() => ({ projects: [] }));
    this.recent = projects.projects.map((one) => ({ ...one, pictures: one.renders })).filter((one) => one.id !== this.project.id);
    this.closeStart();
    this.start = this.above.open(startCards(this), { outside: false });
  }

  closeStart() {
    this.start?.();
    this.start = null;
  }

  openKeys() {
    keySheet(this);
  }

  openNumbers() {
    numberSheet(this);
  }

  openSettings() {
    openSettings(this);
  }

  openMenu(anchor) {
    const names = { label_map: t("Label map with captions"), masks: t("One mask a region"), coco: "COCO JSON", openraster: t("Layers (OpenRaster)") };
    const exports = (this.model.exports ?? []).map((format) => ({ icon: "download", label: names[format] ?? format, work: () => this.exportScene(format), disabled: !this.scene.regions.length }));
    this.above.menu(anchor, [
      { icon: "cards", label: t("Start page"), work: () => this.openStart() },
      { icon: "folder", label: t("Open a file"), keys: "Ctrl+O", work: () => this.pickFile("open") },
      { icon: "photo", label: t("From a photo"), work: () => this.pickFile("photo") },
      { icon: "copy", label: t("Duplicate project"), work: () => this.#openWith(() => this.server.ask("duplicate_project")) },
      null,
      { icon: "download", label: t("Save the project"), keys: "Ctrl+S", work: () => this.saveProject() },
      { icon: "download", label: t("Save PNG with its recipe"), work: () => this.download(), disabled: !this.shownNode },
      { icon: "download", label: t("All pictures as a zip"), work: () => this.save(() => this.server.ask("save_pictures", { nodes: null })), disabled: !this.history.length },
      ...exports,
      null,
      { icon: "play", label: this.isDemo ? t("Leave the demo") : t("Demo: just gamma"), work: () => this.toggleDemo() },
    ]);
  }

  openLanguages(anchor) {
    const item = (id, label) => ({ icon: this.language === id ? "check" : null, label, work: () => this.setLanguage(id) });
    this.above.menu(anchor, [item("en", "English"), item("zh", "简体中文")]);
  }

  async setLanguage(language) {
    memory.write("language", language);
    await this.settled();
    location.reload();
  }

  openStripExport(anchor) {
    const save = (format, label) => ({ icon: "download", label, work: () => this.save(() => this.server.ask("export_strip", { strip: this.strip.id, format })) });
    this.above.menu(anchor, [save("png", t("PNG grid")), save("gif", t("Animated GIF")), save("webp", t("Animated WebP")), save("html", t("Web page with a slider"))]);
  }

  openFidelity(id, anchor) {
    this.select(id);
    this.above.menu(anchor, [
      { icon: "contour", label: this.showsContours ? t("Hide contours") : t("Show asked and obtained"), work: () => this.toggleContours() },
      { icon: "plus", label: t("Raise this region's gamma"), work: () => this.setRegion(id, { gamma: Math.min(1, (this.region(id).gamma ?? this.sampling.gamma) + 0.15) }) },
      { icon: "adopt", label: t("Adopt the shape found in the result"), work: () => this.adopt() },
      { icon: "dice", label: t("Roll a new seed"), work: () => this.rollSeed().then(() => this.render()) },
    ]);
  }

  // What the bars say

  say(text) {
    this.statusText = text;
    this.emit("status");
  }

  timing(name, milliseconds) {
    this.timings[name] = milliseconds;
    this.emit("status");
  }

  verb() {
    if (this.machine.ready === false && !this.machine.error) return t("loading the model…");
    const what = this.quality === "draft" ? t("Draft") : t("Generate");
    return this.sampling.count > 1 ? `${what} × ${this.sampling.count}` : what;
  }

  jobText(isShort) {
    const { job } = this;
    if (!job) return "";
    if (isShort) return t("Cancel");
    if (job.state === "waiting") return job.position ? t("waiting: {n} before this one", { n: job.position }) : t("starting…");
    const parts = [t(`phase: ${job.phase ?? "steps"}`)];
    if (job.steps) parts.push(t("step {a} of {b}", { a: job.step, b: job.steps }));
    if (job.seconds_left) parts.push(t("{n} s left", { n: job.seconds_left.toFixed(1) }));
    return parts.join(" · ");
  }

  deviceText() {
    if (!this.isConnected) return t("offline");
    const { device, model, ready, error } = this.machine;
    if (error) return t("no model");
    if (ready === false) return t("loading the model…");
    return [model, device].filter(Boolean).join(" · ");
  }

  cacheText() {
    return this.lastJob?.summary ?? "";
  }

  timingText() {
    const parts = [];
    if (this.timings.click) parts.push(t("click {n} ms", { n: Math.round(this.timings.click) }));
    if (this.lastCommit) parts.push(t("edit {n} ms", { n: Math.round(this.lastCommit) }));
    const saved = this.machine.cache?.seconds_saved;
    if (saved > 0.05) parts.push(t("cache saved {n} s", { n: saved.toFixed(1) }));
    return parts.join(" · ");
  }

  queueText() {
    const length = this.queue?.length ?? 0;
    return length ? t("queue {n}", { n: length }) : t("queue empty");
  }

  notesOf(id) {
    const region = this.document.regions.find((one) => one.id === id);
    if (!region) return "";
    const parts = [];
    if (region.caption_tokens) parts.push(t("{a} of {b} caption tokens", { a: region.caption_tokens, b: region.caption_limit }));
    if (region.tokens !== undefined) parts.push(t("{n} picture tokens", { n: region.tokens }));
    if (region.unknown_words?.length) parts.push(t("unknown: {words}", { words: region.unknown_words.join(", ") }));
    return parts.join(" · ");
  }
}
