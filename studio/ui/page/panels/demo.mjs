/** Demo: one big gamma slider, four scenes, a sweep; everything else is folded away. */

import { h, patch, toggle } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { memory } from "../model/memory.mjs";
import { t } from "../words/words.mjs";

/** @import { Example, Parts } from "../types.mjs" */

const SCENES = ["gamma", "harbour", "meadow", "balloons"];
const IDLE = 1.5; // minutes without a hand on it, then the next visitor finds it as it was
const DECODING = 200; // ms

/** @typedef {Pick<Parts, "root" | "bus" | "above" | "document" | "pictures" | "projects" | "start" | "strips" | "toolbox" | "view">} DemoParts */

export class Demo {
  /** @type {string | null} the scene that is open */
  #shown = null;
  #toolBefore = "brush";
  #isFresh = false; // the sweep has not shown itself yet
  #resets = 0;
  /** @type {Map<string, { element: HTMLElement, title: HTMLElement }>} */
  #cards = new Map();

  /** @param {DemoParts} parts */
  constructor(parts) {
    this.parts = parts;
    /** @type {Map<string, string>} example -> its project, where its strip is kept */
    this.projects = new Map(Object.entries(memory.read("demo") ?? {}));
    this.list = h("div.list");
    this.element = h(
      "aside.demo-side",
      { "aria-label": t("Demo: just gamma"), hidden: true },
      h("p", {}, t("Drag gamma: on the left the shapes are a loose sketch, on the right they are exact.")),
      this.list,
      h("button.btn", { onclick: () => this.toggle() }, icon("close", 14), t("Leave the demo")),
    );
    parts.bus.on("demoNews", (news) => this.#news(news));
    parts.bus.on("strip", () => this.#sweepOnce());
  }

  async toggle() {
    const { root, document, pictures, start, strips, toolbox, view } = this.parts;
    view.isDemo = !view.isDemo;
    root.classList.toggle("demo", view.isDemo);
    this.element.hidden = !view.isDemo;
    if (!view.isDemo) {
      strips.stop();
      pictures.asked("demo", { on: false });
      toolbox.setTool(this.#toolBefore);
      return;
    }
    this.#toolBefore = toolbox.tool.id;
    view.setMode("split");
    this.#showCards();
    if (document.scene.regions.length && !start.isOpen) this.#begin();
    else await this.open(SCENES[0]);
  }

  /** One of the scenes; its project and strip are made at the first visit. @param {string} id */
  async open(id) {
    const { projects, start } = this.parts;
    const project = await this.#kept(id);
    if (project) {
      if (project !== projects.project.id && !(await projects.openProject(project))) return;
      start.close();
    } else {
      if (!(await projects.startExample(id)) || !projects.project.id) return;
      this.projects.set(id, projects.project.id);
      memory.write("demo", Object.fromEntries(this.projects));
    }
    this.#shown = id;
    this.#showCards();
    this.#begin();
  }

  /** The project of an example, if this browser made one before and it is still there. @param {string} id */
  async #kept(id) {
    const project = this.projects.get(id);
    const there = project ? await this.parts.pictures.asked("projects", {}) : null;
    return there?.projects.some((one) => one.id === project) ? project : null;
  }

  #begin() {
    const { document, strips, toolbox } = this.parts;
    toolbox.setTool("hand");
    document.select(null);
    this.#isFresh = true;
    if (!strips.strip || strips.strip.isStale) strips.make();
    else this.#sweepOnce();
  }

  /** The sweep shows by itself what the slider does. */
  async #sweepOnce() {
    const { pictures, strips, view } = this.parts;
    if (!view.isDemo || !this.#isFresh || !strips.strip?.done) return;
    if (strips.shots.length < strips.strip.shots.length) {
      setTimeout(() => this.#sweepOnce(), DECODING); // the last drafts are still on their way
      return;
    }
    this.#isFresh = false;
    strips.play();
    const answer = await pictures.asked("demo", { on: true, minutes: IDLE });
    this.#resets = answer?.demo?.resets ?? 0;
  }

  /** Nobody touched it for a while, and the server put the scene back: the next visitor begins. @param {{ resets: number }} news */
  async #news({ resets }) {
    const { above, strips, view } = this.parts;
    const isAgain = resets > this.#resets;
    this.#resets = resets;
    if (!isAgain || !view.isDemo) return;
    above.closeAll();
    strips.stop();
    view.setMode("split");
    await this.open(SCENES[0]);
  }

  #showCards() {
    const { examples } = this.parts.projects;
    for (const one of SCENES.flatMap((id) => examples.find((each) => each.id === id) ?? [])) {
      const card = this.#cards.get(one.id) ?? this.#addCard(one);
      patch(card.title, "textContent", t(one.title));
      toggle(card.element, "aria-pressed", one.id === this.#shown);
    }
  }

  /** @param {Example} one */
  #addCard(one) {
    const title = h("span");
    const element = h("button.demo-card", { "data-scene": one.id, onclick: () => this.open(one.id) }, h("img", { src: one.thumbnail, alt: "" }), title);
    this.list.append(element);
    this.#cards.set(one.id, { element, title });
    return { element, title };
  }
}
