/** The bar on top: the menu, the project, undo, views and modes, and what is waited for. */

import { AlbumBar } from "./album_bar.mjs";
import { fill, h, patch, toggle } from "./dom.mjs";
import { icon, logo } from "./icons.mjs";
import { openSettings } from "./settings.mjs";
import { heard, t } from "../words/words.mjs";

/** @import { Parts, ViewMode } from "../types.mjs" */

/** @typedef {Pick<Parts, "bus" | "above" | "album" | "document" | "editing" | "edits" | "fidelity" | "jobs" | "live" | "menus" | "modelSees" | "projects" | "saving" | "server" | "status" | "view">} TopParts */

/** @param {string} name an icon's @param {string} label @param {(anchor: HTMLElement) => unknown} work */
const button = (name, label, work, extra = "") =>
  h("button.btn.ghost.icon", { class: `btn ghost icon ${extra}`.trim(), title: label, "aria-label": label, onclick: (event) => work(event.currentTarget) }, icon(name, 17));

export class TopBar {
  /** @param {TopParts} parts */
  constructor(parts) {
    this.parts = parts;
    const { bus, edits, fidelity, live, menus, modelSees, projects, view } = parts;
    this.name = h("input", { type: "text", "aria-label": t("Project name"), maxlength: "80", spellcheck: "false" });
    this.name.addEventListener("change", () => projects.rename(this.name.value));
    this.saved = h("span.saved", { "aria-live": "off" });
    this.undo = button("undo", `${t("Undo")} (Ctrl+Z)`, () => edits.undo());
    this.redo = button("redo", `${t("Redo")} (Ctrl+Shift+Z)`, () => edits.redo());
    this.views = this.#views();
    this.model = h("button.btn.ghost.small", { title: t("What the model sees: the label map on its token grid"), onclick: () => modelSees.toggle() }, icon("grid", 15), h("span.hide-narrow", {}, t("Model sees")));
    this.contours = h("button.btn.ghost.small", { title: t("Requested outlines (solid) and obtained outlines (dashed)"), onclick: () => fidelity.toggleContours() }, icon("contour", 15), h("span.hide-narrow", {}, t("Contours")));
    this.export = h("button.btn.small.export", { "aria-haspopup": "menu", onclick: (event) => menus.openPhotoExport(event.currentTarget) }, icon("download", 15), t("Export"));
    this.live = h("button.switch", { role: "switch", title: t("Every change draws a draft at once; the latest wins"), onclick: () => live.toggle() }, h("i"), t("Live"));
    this.done = h("i");
    this.progress = h("div.progress-line", { role: "progressbar", "aria-label": t("Progress"), hidden: true }, this.done);
    this.theme = button("moon", t("Light or dark"), () => view.toggleTheme(), "stays");
    this.element = h(
      "header.top",
      {},
      h("button.btn.ghost.icon", { title: t("Menu"), "aria-label": t("Menu"), "aria-haspopup": "menu", onclick: (event) => menus.open(event.currentTarget) }, icon("menu", 17)),
      h("h1.brand", {}, logo(), h("span.hide-narrow", {}, "Seg2Any")),
      h("div.project", {}, this.name, this.saved),
      new AlbumBar(parts).element,
      h("span.rule"),
      this.undo,
      this.redo,
      h("span.rule"),
      this.views,
      this.model,
      this.contours,
      h("span.grow"),
      this.export,
      this.live,
      button("globe", t("Language"), (anchor) => menus.openLanguages(anchor), "stays"),
      this.theme,
      button("settings", t("Settings: models, device, memory"), () => openSettings(parts)),
      button("help", `${t("Keyboard shortcuts")} (?)`, () => menus.openKeys()),
      this.progress,
    );
    bus.onAny(["project", "scene", "editing", "view", "model", "contours", "liveMode", "theme", "device", "status"], () => this.update());
    bus.onAny(["job", "pending"], () => this.#showProgress());
    this.update();
  }

  #views() {
    /** @type {[ViewMode, string][]} */
    const views = [
      ["split", t("Split")],
      ["layout", t("Layout")],
      ["result", t("Result")],
      ["wipe", t("Wipe")],
      ["over", t("Over")],
      ["diff", t("Difference")],
    ];
    return h(
      "div.seg",
      { role: "radiogroup", "aria-label": t("View") },
      ...views.map(([id, label]) => h("button.btn", { role: "radio", "data-view": id, title: label, "aria-label": label, onclick: () => this.parts.view.setMode(id) }, icon(id, 15), h("span.hide-narrow", {}, label))),
    );
  }

  /** Everything that is waited for moves the bar; where steps are known, by their number. */
  #showProgress() {
    const { jobs, status } = this.parts;
    const isKnown = Boolean(jobs.told?.steps);
    patch(this.progress, "hidden", !jobs.told && !status.pending);
    this.progress.classList.toggle("unknown", !isKnown);
    const percent = Math.round(100 * jobs.progress);
    this.done.style.width = isKnown ? `${percent}%` : "";
    if (isKnown) this.progress.setAttribute("aria-valuenow", String(percent));
    else this.progress.removeAttribute("aria-valuenow");
  }

  /** A photo has another first view, and nothing that its model sees as a whole. */
  #dress() {
    const { isOn } = this.parts.editing;
    this.export.hidden = !isOn;
    this.model.hidden = isOn;
    for (const one of this.views.querySelectorAll("button")) {
      if (one.dataset.view === "over") one.hidden = isOn;
      if (one.dataset.view !== "layout") continue;
      const label = isOn ? t("Photo") : t("Layout");
      patch(one.lastElementChild ?? one, "textContent", label);
      one.title = label;
      one.setAttribute("aria-label", label);
    }
  }

  update() {
    const { document: scene, projects, saving, view } = this.parts;
    if (document.activeElement !== this.name) patch(this.name, "value", projects.project.name ?? "");
    patch(this.saved, "textContent", saving.text());
    patch(this.saved, "title", heard(saving.trouble));
    this.saved.classList.toggle("bad", Boolean(saving.trouble));
    patch(this.undo, "disabled", !scene.canUndo);
    patch(this.redo, "disabled", !scene.canRedo);
    for (const one of this.views.querySelectorAll("button")) toggle(one, "aria-checked", one.dataset.view === view.mode);
    this.#dress();
    toggle(this.model, "aria-pressed", view.showsModel);
    toggle(this.contours, "aria-pressed", view.showsContours);
    toggle(this.live, "aria-checked", view.isLive);
    fill(this.theme, icon(view.isDark ? "sun" : "moon", 17));
  }
}
