/** The page as a whole: tools, views, sheets and menus, and what the bars say. */

import { memory } from "./model/memory.mjs";
import { Projects } from "./model/projects.mjs";
import { keySheet, numberSheet, sizeSheet } from "./panels/above.mjs";
import { openSettings } from "./panels/settings.mjs";
import { startCards } from "./panels/start.mjs";
import { openStorage } from "./panels/storage.mjs";
import { heard, preferred, speak, t } from "./words/words.mjs";

const OPTIONS = { size: 24, mode: "new", opacity: 0.62, labels: true };
const SHAPE_TOOLS = new Set(["brush", "lasso", "polygon", "rectangle", "ellipse"]);
const JOBS = { load: "loading the model…", proposals: "looking for things…", export: "writing the file…" };
const STALE = 6000; // ms that a message stays in the status bar

export class App extends Projects {
  options = { ...OPTIONS, ...(memory.read("options") ?? {}), mode: "new" };
  tools = new Map();
  viewMode = "split";
  statusText = "";
  timings = {};
  pending = 0;

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

  // Tools, options, views

  setTool(wanted) {
    const id = wanted === "smart" && !this.tools.get("smart").hasPicture ? this.#insteadOfSmart() : wanted;
    if (this.tool?.id === id) return;
    this.tool?.cancel?.();
    this.tool?.stop?.();
    this.tool = this.tools.get(id);
    this.tool.start?.();
    this.emit("tool");
    this.emit("live");
  }

  /** A blank canvas has nothing to click on: a shape tool, and why. */
  #insteadOfSmart() {
    this.emit("notice", t("The smart click needs a photo or a result. On a blank canvas, draw with the brush, the lasso or the rectangle."));
    return SHAPE_TOOLS.has(this.tool.id) ? this.tool.id : "lasso";
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
    if (mode === "diff") this.compareByItself();
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
    return this.demo.toggle();
  }

  askCaption(id) {
    this.bubble.open(id);
  }

  // Sheets and menus

  async openStart() {
    const projects = await this.server.ask("projects").catch(() => ({ projects: [] }));
    this.recent = projects.projects.map((one) => ({ ...one, pictures: one.renders })).filter((one) => one.id !== this.project.id);
    this.drawStart();
  }

  drawStart() {
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

  openSizes() {
    sizeSheet(this);
  }

  openSettings() {
    openSettings(this);
  }

  openMenu(anchor) {
    const names = { label_map: t("Label map with captions"), masks: t("One mask per region"), coco: "COCO JSON", openraster: t("Layers (OpenRaster)") };
    const exports = (this.model.exports ?? []).map((format) => ({ icon: "download", label: names[format] ?? format, work: () => this.exportScene(format), disabled: !this.scene.regions.length }));
    this.above.menu(anchor, [
      { icon: "cards", label: t("Start page"), work: () => this.openStart() },
      { icon: "folder", label: t("Open a file"), keys: "Ctrl+O", work: () => this.pickFile("open") },
      { icon: "photo", label: t("From a photo"), work: () => this.pickFile("photo") },
      { icon: "copy", label: t("Duplicate project"), work: () => this.openWith(() => this.server.ask("duplicate_project")) },
      null,
      { icon: "fit", label: t("Canvas size"), work: () => this.openSizes() },
      { icon: "trash", label: t("Delete all regions"), work: () => this.edit("clear_regions", {}), disabled: !this.scene.regions.length },
      { icon: "photo", label: t("Remove the photo"), work: () => this.edit("remove_photo", {}), disabled: !this.document.photo },
      null,
      { icon: "download", label: t("Save the project"), keys: "Ctrl+S", work: () => this.saveProject() },
      { icon: "download", label: t("Save PNG with its recipe"), work: () => this.download(), disabled: !this.shownNode },
      { icon: "download", label: t("All pictures as a zip"), work: () => this.save(() => this.server.ask("save_pictures", { nodes: null })), disabled: !this.history.length },
      ...exports,
      null,
      { icon: "folder", label: t("Storage"), work: () => openStorage(this) },
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

  /** What can be done about a shape that was not met. */
  openFidelity(id, anchor) {
    this.select(id);
    const score = this.scoreOf(id);
    const raised = Math.min(1, Math.round(100 * (this.gammaOf(id) + 0.15)) / 100);
    const items = [
      { icon: "contour", label: this.showsContours ? t("Hide contours") : t("Show requested and obtained"), work: () => this.toggleContours() },
      { icon: "grow", label: t("Raise its gamma to {g} and render", { g: raised.toFixed(2) }), work: () => this.setRegion(id, { gamma: raised }).then(() => this.render()), disabled: this.gammaOf(id) >= 1 },
      { icon: "adopt", label: t("Adopt the shape found in the result"), work: () => this.adopt(), disabled: score?.iou === null },
      { icon: "dice", label: t("Roll a new seed and render"), work: () => this.rollSeed().then(() => this.render()) },
    ];
    this.above.menu(anchor, items, { note: score?.note ?? t("Overlap {n}: {how}", { n: score?.iou.toFixed(2) ?? "", how: this.howMeasured }) });
  }

  /** To the typed gamma of one region. */
  editGamma(id) {
    this.select(id);
    this.emit("editGamma");
  }

  get howMeasured() {
    return t("what you drew, compared with what the segmenter finds in the result when it is given only this region's box.");
  }

  /** What is wrong with one region, and what helps. */
  openWarnings(id, anchor) {
    this.select(id);
    const hints = this.hintsOf(id);
    const fixes = hints.flatMap((hint) => (hint.fixes ?? []).map((fix) => ({ icon: "check", label: t(fix.label), work: () => this.fix(hint, fix) })));
    const caption = { icon: "brush", label: t("Change the caption"), work: () => this.askCaption(id) };
    this.above.menu(anchor, [...fixes, caption], { note: hints.map((hint) => this.hintText(hint)).join(" ") });
  }

  // What the bars say

  /** In the status bar, for a while. */
  say(text) {
    clearTimeout(this.silence);
    if (text && !text.endsWith("…")) this.silence = setTimeout(() => this.say(""), STALE);
    this.statusText = text;
    this.emit("status");
  }

  /** While something is awaited that is no job of the queue, the bar under the top moves. */
  async during(work) {
    this.pending++;
    this.emit("pending");
    try {
      return await work;
    } finally {
      this.pending--;
      this.emit("pending");
    }
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

  jobText() {
    const { job } = this;
    if (!job) return "";
    if (job.state === "waiting") return job.position ? t("waiting: {n} before this one", { n: job.position }) : t("starting…");
    const doing = JOBS[job.kind] ? t(JOBS[job.kind]) : t(`phase: ${job.phase || "steps"}`);
    return [doing, this.progressText()].filter(Boolean).join(" · ");
  }

  progressText() {
    const { job } = this;
    const parts = [];
    if (job?.steps) parts.push(t("step {a} of {b}", { a: job.step, b: job.steps }));
    if (job?.seconds_left) parts.push(t("{n} s left", { n: job.seconds_left.toFixed(1) }));
    return parts.join(" · ");
  }

  deviceText() {
    if (!this.isConnected) return t("offline");
    const { device, model, segmenter, ready, error } = this.machine;
    if (error) return t("no model");
    if (ready === false) return t("loading the model…");
    return [model, device, segmenter].filter(Boolean).join(" · ");
  }

  cacheText() {
    const { hits, misses, seconds_saved: saved } = this.machine.cache ?? {};
    if (!hits) return "";
    const seconds = saved > 0.05 ? ` · ${t("{n} s saved", { n: saved.toFixed(1) })}` : "";
    return `${t("cache hits {a} of {b}", { a: hits, b: hits + misses })}${seconds}`;
  }

  timingText() {
    const parts = this.lastJob ? [heard(this.lastJob.summary)] : [];
    if (this.timings.click) parts.push(t("click {n} ms", { n: Math.round(this.timings.click) }));
    if (this.lastCommit) parts.push(t("edit {n} ms", { n: Math.round(this.lastCommit) }));
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
