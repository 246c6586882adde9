/** How this person looks at the work: language, light or dark, views, the tools' options, modes. */

import { memory } from "./memory.mjs";
import { preferred, speak } from "../words/words.mjs";

/** @import { Language, Options, Parts, Quality, ViewMode } from "../types.mjs" */

/** @type {Options} */
const OPTIONS = { size: 24, mode: "new", opacity: 0.62, labels: true, overlay: true };

export class View {
  /** @type {Options} */
  options = { ...OPTIONS, .../** @type {Partial<Options>} */ (memory.read("options") ?? {}), mode: "new", overlay: true };
  /** @type {ViewMode} */
  mode = "split";
  /** @type {Quality} */
  quality = "final";
  isSeedLocked = true;
  isLive = false; // every change draws a draft
  isDemo = false;
  isPanning = false;
  holdsOriginal = false;
  showsContours = false;
  showsModel = false;

  /** @param {Pick<Parts, "bus">} parts */
  constructor({ bus }) {
    this.bus = bus;
    /** @type {Language} */
    this.language = memory.read("language") ?? preferred();
    speak(this.language);
    const theme = memory.read("theme");
    this.isDark = theme ? theme === "dark" : !matchMedia("(prefers-color-scheme: light)").matches;
    document.body.classList.toggle("dark", this.isDark);
    document.documentElement.lang = this.language === "zh" ? "zh-Hans" : "en";
  }

  /** @template {keyof Options} K @param {K} name @param {Options[K]} value */
  setOption(name, value) {
    this.options[name] = value;
    memory.write("options", this.options);
    this.bus.emit("options");
  }

  /** What lies over the picture: regions, and what is kept. */
  toggleOverlay() {
    this.setOption("overlay", !this.options.overlay);
  }

  /** @param {ViewMode} mode */
  setMode(mode) {
    if (mode === this.mode) return;
    this.mode = mode;
    this.bus.emit("view");
  }

  toggleTheme() {
    this.isDark = !this.isDark;
    memory.write("theme", this.isDark ? "dark" : "light");
    document.body.classList.toggle("dark", this.isDark);
    this.bus.emit("theme");
  }

  toggleSeedLock() {
    this.isSeedLocked = !this.isSeedLocked;
    this.bus.emit("sampling");
  }

  /** @param {Quality} quality */
  setQuality(quality) {
    this.quality = quality;
    this.bus.emit("sampling");
  }

  /** The view is moved by hand, whatever the tool. @param {boolean} on */
  pan(on) {
    const isNew = this.isPanning !== on;
    this.isPanning = on;
    if (isNew) this.bus.emit("live");
  }

  /** The photo alone, while a key is held. @param {boolean} on */
  holdOriginal(on) {
    if (this.holdsOriginal === on) return;
    this.holdsOriginal = on;
    this.bus.emit("options");
  }
}
