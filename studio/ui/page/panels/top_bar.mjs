/** The frame round the stage: top bar, tool strip, options bar, status bar. */

import { clamp, fill, h, patch, toggle } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { heard, t } from "../words/words.mjs";

const LOGO = "M3 13.500c2-6 4.500-9.500 8-9.500 3.200 0 5.500 2 5.500 5s-2 6.500-6 6.500c-2.600 0-4-1-4-2.800 0-2 1.800-3.200 4-3.200";

export class TopBar {
  constructor(app) {
    this.app = app;
    const button = (name, label, work, extra = "") =>
      h(`button.btn.ghost.icon${extra}`, { title: label, "aria-label": label, onclick: (event) => work(event.currentTarget) }, icon(name, 17));
    this.name = h("input", { type: "text", "aria-label": t("Project name"), maxlength: "80", spellcheck: "false" });
    this.name.addEventListener("change", () => app.rename(this.name.value));
    this.saved = h("span.saved", { "aria-live": "off" });
    this.undo = button("undo", `${t("Undo")} (Ctrl+Z)`, () => app.undo());
    this.redo = button("redo", `${t("Redo")} (Ctrl+Shift+Z)`, () => app.redo());
    this.views = h(
      "div.seg",
      { role: "radiogroup", "aria-label": t("View") },
      ...[
        ["split", t("Split")],
        ["layout", t("Layout")],
        ["result", t("Result")],
        ["wipe", t("Wipe")],
        ["over", t("Over")],
        ["diff", t("Difference")],
      ].map(([id, label]) => h("button.btn", { role: "radio", "data-view": id, title: label, "aria-label": label, onclick: () => app.setView(id) }, icon(id, 15), h("span.hide-narrow", {}, label))),
    );
    this.model = h("button.btn.ghost.small", { title: t("What the model sees: the label map on its token grid"), onclick: () => app.toggleModel() }, icon("grid", 15), h("span.hide-narrow", {}, t("Model sees")));
    this.contours = h("button.btn.ghost.small", { title: t("Requested outlines (solid) and obtained outlines (dashed)"), onclick: () => app.toggleContours() }, icon("contour", 15), h("span.hide-narrow", {}, t("Contours")));
    this.live = h("button.switch", { role: "switch", title: t("Every change draws a draft at once; the latest wins"), onclick: () => app.toggleLive() }, h("i"), t("Live"));
    this.progress = h("div.progress-line", { role: "progressbar", "aria-label": t("Progress"), hidden: true }, h("i"));
    this.theme = button("moon", t("Light or dark"), () => app.toggleTheme(), ".stays");
    this.element = h(
      "header.top",
      {},
      h("button.btn.ghost.icon", { title: t("Menu"), "aria-label": t("Menu"), "aria-haspopup": "menu", onclick: (event) => app.openMenu(event.currentTarget) }, icon("menu", 17)),
      h("h1.brand", {}, logo(), h("span.hide-narrow", {}, "Seg2Any")),
      h("div.project", {}, this.name, this.saved),
      h("span.rule"),
      this.undo,
      this.redo,
      h("span.rule"),
      this.views,
      this.model,
      this.contours,
      h("span.grow"),
      this.live,
      button("globe", t("Language"), (anchor) => app.openLanguages(anchor), ".stays"),
      this.theme,
      button("settings", t("Settings: models, device, memory"), () => app.openSettings()),
      button("help", `${t("Keyboard shortcuts")} (?)`, () => app.openKeys()),
      this.progress,
    );
    app.on("project scene view model contours liveMode theme device status", () => this.update());
    app.on("job pending", () => this.#showProgress());
    this.update();
  }

  /** Everything that is waited for moves the bar; where steps are known, by their number. */
  #showProgress() {
    const { app } = this;
    const isKnown = Boolean(app.toldJob?.steps);
    patch(this.progress, "hidden", !app.toldJob && !app.pending);
    this.progress.classList.toggle("unknown", !isKnown);
    const percent = Math.round(100 * app.progress);
    this.progress.firstChild.style.width = isKnown ? `${percent}%` : "";
    if (isKnown) this.progress.setAttribute("aria-valuenow", String(percent));
    else this.progress.removeAttribute("aria-valuenow");
  }

  update() {
    const { app } = this;
    if (document.activeElement !== this.name) patch(this.name, "value", app.project.name ?? "");
    patch(this.saved, "textContent", app.savedText());
    patch(this.saved, "title", heard(app.saveTrouble));
    this.saved.classList.toggle("bad", Boolean(app.saveTrouble));
    patch(this.undo, "disabled", !app.canUndo);
    patch(this.redo, "disabled", !app.canRedo);
    for (const button of this.views.children) toggle(button, "aria-checked", button.dataset.view === app.viewMode);
    toggle(this.model, "aria-pressed", app.showsModel);
    toggle(this.contours, "aria-pressed", app.showsContours);
    toggle(this.live, "aria-checked", app.isLive);
    fill(this.theme, icon(app.isDark ? "sun" : "moon", 17));
  }
}

function logo() {
  const mark = icon("x", 22);
  mark.firstChild.setAttribute("d", LOGO.replaceAll("00 ", " "));
  mark.setAttribute("stroke", "var(--s-accent)");
  mark.setAttribute("stroke-width", "2");
  return mark;
}

export class ToolStrip {
  constructor(app) {
    this.app = app;
    this.buttons = new Map();
    this.element = h("div.tools", { role: "toolbar", "aria-label": t("Tools"), "aria-orientation": "vertical" });
    const groups = [["move", "smart"], ["brush", "eraser"], ["lasso", "polygon", "rectangle", "ellipse", "fill"], ["hand", "zoom"]];
    groups.forEach((group, index) => {
      if (index) this.element.append(h("hr"));
      for (const id of group) this.element.append(this.#button(app.tools.get(id)));
    });
    app.on("tool", () => this.update());
    this.update();
  }

  #button(tool) {
    const label = `${tool.name} (${tool.key})`;
    const button = h("button.btn", { title: label, "aria-label": label, onclick: () => this.app.setTool(tool.id) }, icon(tool.id, 18), h("small", { "aria-hidden": "true" }, tool.key));
    this.buttons.set(tool.id, button);
    return button;
  }

  update() {
    for (const [id, button] of this.buttons) toggle(button, "aria-pressed", id === this.app.tool.id);
  }
}

export class OptionsBar {
  constructor(app) {
    this.app = app;
    this.name = h("span.name");
    this.hint = h("span.hint");
    this.size = h("input", { type: "range", min: "0", max: "100", step: "1", "aria-label": t("Brush size") });
    this.sizeNumber = h("input", { type: "number", min: "1", max: "1024", "aria-label": t("Brush size in pixels") });
    this.sizes = h("div.row", {}, h("span.caption-label", {}, t("Size")), this.size, this.sizeNumber);
    this.modes = h(
      "div.seg",
      { role: "radiogroup", "aria-label": t("What a new shape does") },
      ...[["new", t("New")], ["add", t("Add")], ["subtract", t("Subtract")], ["intersect", t("Intersect")]].map(([id, label]) =>
        h("button.btn", { role: "radio", "data-mode": id, onclick: () => app.setOption("mode", id) }, label),
      ),
    );
    this.opacity = h("input", { type: "range", min: "0", max: "1", step: "0.01", "aria-label": t("Overlay opacity"), style: { width: "82px" } });
    this.percent = h("input", { type: "number", min: "0", max: "100", step: "1", "aria-label": t("Overlay opacity in percent") });
    this.percent.addEventListener("change", () => app.setOption("opacity", clamp(Number(this.percent.value) || 0, 0, 100) / 100));
    this.element = h("div.options", {}, this.name, this.sizes, this.modes, this.hint, h("span.grow"), h("span.caption-label", {}, t("Opacity")), this.opacity, this.percent);
    this.size.addEventListener("input", () => app.setOption("size", fromSlider(Number(this.size.value))));
    this.sizeNumber.addEventListener("change", () => app.setOption("size", Math.max(1, Number(this.sizeNumber.value) || 1)));
    this.opacity.addEventListener("input", () => app.setOption("opacity", Number(this.opacity.value)));
    app.on("tool options photo result", () => this.update());
    this.update();
  }

  update() {
    const { tool, options } = this.app;
    patch(this.name, "textContent", tool.name);
    patch(this.hint, "textContent", tool.hint);
    patch(this.hint, "title", tool.hint);
    this.sizes.hidden = !tool.ring;
    this.modes.hidden = !tool.modes;
    patch(this.size, "value", String(toSlider(options.size)));
    if (document.activeElement !== this.sizeNumber) patch(this.sizeNumber, "value", String(Math.round(options.size)));
    patch(this.opacity, "value", String(options.opacity));
    if (document.activeElement !== this.percent) patch(this.percent, "value", String(Math.round(100 * options.opacity)));
    for (const button of this.modes.children) toggle(button, "aria-checked", button.dataset.mode === options.mode);
  }
}

const toSlider = (size) => Math.round(50 * Math.log10(size));
const fromSlider = (value) => Math.round(10 ** (value / 50));

export class StatusBar {
  constructor(app) {
    this.app = app;
    this.parts = Object.fromEntries(["main", "device", "queue", "cache", "saved", "timing", "where"].map((name) => [name, h("span")]));
    const { main, device, queue, cache, saved, timing, where } = this.parts;
    this.dot = h("span.dot");
    main.className = "main";
    main.setAttribute("role", "status");
    timing.className = "timing";
    this.element = h("footer.status", {}, h("span.device", {}, this.dot, device), queue, cache, saved, main, timing, h("span.grow"), where, this.#zoomer());
    app.on("job device status project scene", () => this.update());
    app.on("pointer", (point) => this.#where(point));
    this.update();
  }

  #zoomer() {
    const { app } = this;
    const percent = h("button.btn", { title: `${t("100 %")} (Ctrl+1)`, onclick: () => app.stage.zoomTo(1) });
    app.on("moved", () => patch(percent, "textContent", `${Math.round(app.stage.view.scale * 100)} %`));
    const button = (label, name, work) => h("button.btn", { title: label, "aria-label": label, onclick: work }, icon(name, 13));
    return h(
      "div.zoomer",
      {},
      button(t("Zoom out"), "minus", () => app.stage.zoom(0.8)),
      percent,
      button(t("Zoom in"), "plus", () => app.stage.zoom(1.25)),
      button(`${t("Fit")} (Ctrl+0)`, "fit", () => app.stage.fit()),
    );
  }

  update() {
    const { app } = this;
    const isWell = app.isConnected && !app.machine.error;
    patch(this.dot, "className", `dot ${isWell ? (app.toldJob || app.machine.ready === false ? "busy" : "") : "off"}`);
    patch(this.parts.device, "textContent", app.deviceText());
    patch(this.parts.saved, "textContent", t("autosave: {state}", { state: app.savedText() || t("on") }));
    patch(this.parts.main, "textContent", app.toldJob ? app.jobText() : app.statusText);
    patch(this.parts.cache, "textContent", app.cacheText());
    patch(this.parts.timing, "textContent", app.timingText());
    patch(this.parts.queue, "textContent", app.queueText());
  }

  #where(point) {
    const { scene } = this.app;
    const isInside = point && point.x >= 0 && point.y >= 0 && point.x < scene.width && point.y < scene.height;
    const id = isInside ? this.app.layers.at(point.x, point.y) : null;
    const region = id ? ` · ${t("region {n}", { n: this.app.numberOf(id) })}` : "";
    patch(this.parts.where, "textContent", isInside ? `${Math.floor(point.x)}, ${Math.floor(point.y)}${region}` : "");
  }
}
