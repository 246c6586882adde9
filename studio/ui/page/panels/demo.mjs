/** Demo: one big gamma slider, four scenes, a sweep; everything else is folded away. */

import { h, patch, toggle } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { memory } from "../model/memory.mjs";
import { t } from "../words/words.mjs";

const SCENES = ["gamma", "harbour", "meadow", "balloons"];
const IDLE = 1.5; // minutes without a hand on it, then the next visitor finds it as it was

export class Demo {
  constructor(app) {
    this.app = app;
    this.projects = new Map(Object.entries(memory.read("demo") ?? {})); // example -> its project, where its strip is kept
    this.cards = h("div.list");
    this.element = h(
      "aside.demo-side",
      { "aria-label": t("Demo: just gamma"), hidden: true },
      h("p", {}, t("Drag gamma: on the left the shapes are a loose sketch, on the right they are exact.")),
      this.cards,
      h("button.btn", { onclick: () => this.toggle() }, icon("close", 14), t("Leave the demo")),
    );
    this.resets = 0;
    app.on("demoNews", (news) => this.#news(news));
    app.on("strip", () => this.#sweepOnce());
  }

  async toggle() {
    const { app } = this;
    app.isDemo = !app.isDemo;
    app.element.classList.toggle("demo", app.isDemo);
    this.element.hidden = !app.isDemo;
    if (!app.isDemo) {
      app.stopPlaying();
      app.asked("demo", { on: false });
      app.setTool(this.toolBefore ?? "brush");
      return;
    }
    this.toolBefore = app.tool.id;
    app.setView("split");
    this.#showCards();
    if (app.scene.regions.length && !app.start) this.#begin();
    else await this.open(SCENES[0]);
  }

  /** One of the scenes; its project and strip are made at the first visit. */
  async open(id) {
    const { app } = this;
    const project = await this.#kept(id);
    if (project) {
      if (project !== app.project.id && !(await app.openProject(project))) return;
      app.closeStart();
    } else {
      if (!(await app.startExample(id))) return;
      this.projects.set(id, app.project.id);
      memory.write("demo", Object.fromEntries(this.projects));
    }
    this.shown = id;
    this.#showCards();
    this.#begin();
  }

  /** The project of an example, if this browser made one before and it is still there. */
  async #kept(id) {
    const project = this.projects.get(id);
    const there = project ? await this.app.asked("projects", {}) : null;
    return there?.projects.some((one) => one.id === project) ? project : null;
  }

  #begin() {
    const { app } = this;
    app.setTool("hand");
    app.select(null);
    this.isFresh = true;
    if (!app.strip || app.strip.isStale) app.makeStrip();
    else this.#sweepOnce();
  }

  /** The sweep shows by itself what the slider does. */
  #sweepOnce() {
    const { app } = this;
    if (!app.isDemo || !this.isFresh || !app.strip?.done) return;
    if (app.shots.length < app.strip.shots.length) {
      setTimeout(() => this.#sweepOnce(), 200); // the last drafts are still being decoded
      return;
    }
    this.isFresh = false;
    app.playStrip();
    app.asked("demo", { on: true, minutes: IDLE }).then((answer) => (this.resets = answer?.demo?.resets ?? 0));
  }

  /** Nobody touched it for a while, and the server put the scene back: the next visitor begins. */
  async #news({ resets }) {
    const isAgain = resets > this.resets;
    this.resets = resets;
    if (!isAgain || !this.app.isDemo) return;
    this.app.above.closeAll();
    this.app.stopPlaying();
    this.app.setView("split");
    await this.open(SCENES[0]);
  }

  #showCards() {
    const { app } = this;
    const known = SCENES.map((id) => app.examples.find((one) => one.id === id)).filter(Boolean);
    if (this.cards.children.length !== known.length) {
      this.cards.replaceChildren(
        ...known.map((one) => h("button.demo-card", { "data-scene": one.id, onclick: () => this.open(one.id) }, h("img", { src: one.thumbnail, alt: "" }), h("span"))),
      );
    }
    known.forEach((one, i) => {
      patch(this.cards.children[i].lastChild, "textContent", t(one.title));
      toggle(this.cards.children[i], "aria-pressed", one.id === this.shown);
    });
  }
}
