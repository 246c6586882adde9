/** The first page: three cards, what was done lately, and the examples. */

import { h, patch, svg } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { scribble } from "./scribble.mjs";
import { openSettings } from "./settings.mjs";
import { sizeChoice } from "./sheets.mjs";
import { heard, t } from "../words/words.mjs";

/** @import { Example, Parts, ProjectSummary } from "../types.mjs" */

/** @typedef {Pick<Parts, "above" | "bus" | "document" | "files" | "jobs" | "machine" | "pictures" | "projects" | "server" | "view">} StartParts */
/** @typedef {{ toggleDemo: () => unknown, openLanguages: (anchor: Element) => void }} Ways what else lies behind its buttons */

export class StartPage {
  /** @type {(() => void) | null} */
  #close = null;
  #size = h("select");
  /** @type {string | null} by hand; else a blank canvas has the model's own size, whichever model that is by then */
  #chosen = null;
  #state = h("span.dim", { role: "status" });

  /** @param {StartParts} parts @param {Ways} ways */
  constructor(parts, ways) {
    this.parts = parts;
    this.ways = ways;
    parts.bus.on("device", () => this.#showMachine());
    parts.bus.on("entering", () => this.close());
  }

  get isOpen() {
    return this.#close !== null;
  }

  async open() {
    this.#chosen = null;
    await this.parts.projects.findRecent();
    this.draw();
  }

  draw() {
    this.close();
    this.#size = sizeChoice([]);
    this.#size.addEventListener("change", () => (this.#chosen = this.#size.value));
    this.#showMachine();
    this.#close = this.parts.above.open(this.#page(), { outside: false });
  }

  close() {
    this.#close?.();
    this.#close = null;
  }

  /** How the machine is and which sizes its model likes, without taking a button from under the pointer. */
  #showMachine() {
    const { document, machine } = this.parts;
    const { error } = machine.status;
    patch(this.#state, "title", error ? heard(error) : "");
    patch(this.#state, "textContent", error ? t("no model") : machine.isLoading ? t("loading the model…") : "");
    const sizes = sizeChoice(machine.sizes(document.scene));
    if (sizes.textContent === this.#size.textContent) return;
    this.#size.replaceChildren(...sizes.children);
    this.#size.value = this.#chosen ?? "";
    if (this.#size.value) return;
    this.#chosen = null; // this model does not take it
    this.#size.selectedIndex = 0;
  }

  #page() {
    return h(
      "div.s2a-layer.cover.start",
      { role: "dialog", "aria-label": t("Start") },
      h("div.welcome", {}, this.#header(), this.#cards(), this.#recent(), this.#examples()),
    );
  }

  #header() {
    const { view } = this.parts;
    /** @param {string} name @param {string} label @param {(anchor: Element) => void} work */
    const button = (name, label, work) =>
      h("button.btn.ghost.icon", { title: label, "aria-label": label, onclick: (event) => work(event.currentTarget) }, icon(name, 17));
    const changeDress = () => {
      view.toggleTheme();
      this.draw();
    };
    return h(
      "header",
      {},
      h(
        "div.top-row",
        {},
        h("h2", {}, t("Draw it. Name it. Slide gamma.")),
        this.#state,
        h("button.btn.ghost", { onclick: () => this.ways.toggleDemo() }, icon("play", 15), t("Demo: just gamma")),
        button("globe", t("Language"), (anchor) => this.ways.openLanguages(anchor)),
        button(view.isDark ? "sun" : "moon", t("Light or dark"), changeDress),
        button("settings", t("Settings: models, device, memory"), () => openSettings(this.parts)),
      ),
      h("p.sub", {}, t("Draw where things should be, say what they are, and decide how closely the picture follows your shapes.")),
      svg("svg", { class: "line", viewBox: "0 0 1020 34", preserveAspectRatio: "none", "aria-hidden": "true" }, svg("path", { d: scribble(1020, 17) })),
    );
  }

  #cards() {
    const { document, files, pictures, projects } = this.parts;
    const isReturning = document.scene.regions.length > 0 || pictures.history.length > 0 || Boolean(document.confirmed.photo);
    const size = this.#size;
    const blank = () => {
      const [width, height] = size.value.split("x").map(Number);
      return projects.startBlank(this.#chosen ? { width, height } : null);
    };
    /** @param {string} name @param {string} title @param {string} text @param {(HTMLElement | null)[]} actions */
    const card = (name, title, text, ...actions) =>
      h("section.card", {}, h("h3", {}, icon(name, 20), title), h("p", {}, text), h("div.row", {}, ...actions));
    return h(
      "div.cards",
      {},
      card("pencil", t("Blank canvas"), t("Sketch regions with brush, lasso and shapes."), size, h("button.btn.primary", { autofocus: true, onclick: blank }, t("Start drawing"))),
      card(
        "photo",
        t("From a photo"),
        t("Click what should change and say what it should be. Every other pixel stays exactly as it was."),
        h("button.btn", { onclick: () => files.pick("edit") }, icon("upload", 15), t("Upload a photo")),
        h("button.btn.ghost", { title: t("Its objects become regions; a new picture is made from them."), onclick: () => files.pick("layout") }, t("Make it anew in this layout")),
      ),
      card(
        "folder",
        t("Open"),
        t("A project, a label map with its captions, or a PNG made here: the whole scene comes back."),
        h("button.btn", { onclick: () => files.pick("open") }, icon("folder", 15), t("Open a file")),
        isReturning ? h("button.btn.ghost", { onclick: () => this.close() }, t("Back to {name}", { name: projects.project.name || t("the canvas") })) : null,
      ),
    );
  }

  /** The projects of this person, the newest first. */
  #recent() {
    const { projects, server } = this.parts;
    const recent = projects.recent.filter((one) => one.regions || one.renders).slice(0, 6);
    if (!recent.length) return null;
    /** @param {ProjectSummary} one */
    const project = (one) =>
      h(
        "button.project-card",
        { onclick: () => projects.openProject(one.id), title: one.name },
        one.thumbnail ? h("img", { src: server.url(one.thumbnail), alt: "" }) : h("span.blank", {}, icon("layout", 20)),
        h("span", {}, h("b", {}, one.name), h("small", {}, t("{n} regions", { n: one.regions }))),
      );
    return h("section", { "aria-label": t("Recent") }, h("h3", {}, t("Recent")), h("div.recent", {}, ...recent.map(project)));
  }

  #examples() {
    const { projects } = this.parts;
    /** @param {Example} one */
    const example = (one) =>
      h(
        "button.example",
        { onclick: () => projects.startExample(one.id), "data-example": one.id },
        h("img", { src: one.thumbnail, alt: "", loading: "lazy" }),
        h("span", {}, t(one.title)),
        h("small", {}, t(one.text)),
      );
    return h("section", { "aria-label": t("Examples") }, h("h3", {}, t("Examples")), h("div.examples", {}, ...projects.examples.map(example)));
  }
}
