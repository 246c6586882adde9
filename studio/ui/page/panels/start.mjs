/** The first page: three cards, what was done lately, and the examples. */

import { scribble } from "./dock.mjs";
import { h, svg } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { sizeName } from "./above.mjs";
import { heard, t } from "../words/words.mjs";

export function startCards(app) {
  const isReturning = app.scene.regions.length > 0 || app.history.length > 0 || Boolean(app.document.photo);
  return h(
    "div.s2a-layer.cover.start",
    { role: "dialog", "aria-label": t("Start") },
    h("div.welcome", {}, header(app), cards(app, isReturning), lately(app), examples(app)),
  );
}

function header(app) {
  const button = (name, label, work) =>
    h("button.btn.ghost.icon", { title: label, "aria-label": label, onclick: (event) => work(event.currentTarget) }, icon(name, 17));
  const { ready, error } = app.machine;
  const state = h("span.dim", { role: "status", title: error ? heard(error) : null }, error ? t("no model") : ready === false ? t("loading the model…") : "");
  return h(
    "header",
    {},
    h(
      "div.top-row",
      {},
      h("h2", {}, t("Draw it. Name it. Slide gamma.")),
      state,
      h("button.btn.ghost", { onclick: () => app.toggleDemo() }, icon("play", 15), t("Demo: just gamma")),
      button("globe", t("Language"), (anchor) => app.openLanguages(anchor)),
      button(app.isDark ? "sun" : "moon", t("Light or dark"), () => (app.toggleTheme(), app.drawStart())),
      button("settings", t("Settings: models, device, memory"), () => app.openSettings()),
    ),
    h("p.sub", {}, t("Draw where things should be, say what they are, and decide how closely the picture follows your shapes.")),
    svg("svg", { class: "line", viewBox: "0 0 1020 34", preserveAspectRatio: "none", "aria-hidden": "true" }, svg("path", { d: scribble(1020, 17) })),
  );
}

function cards(app, isReturning) {
  const size = h("select", { "aria-label": t("Canvas size") }, ...app.sizes().map((one) => h("option", { value: `${one.width}x${one.height}` }, sizeName(one))));
  const blank = () => app.startBlank(...size.value.split("x").map(Number));
  const card = (name, title, text, ...actions) =>
    h("section.card", {}, h("h3", {}, icon(name, 20), title), h("p", {}, text), h("div.row", {}, ...actions));
  return h(
    "div.cards",
    {},
    card("pencil", t("Blank canvas"), t("Sketch regions with brush, lasso and shapes."), size, h("button.btn.primary", { autofocus: true, onclick: blank }, t("Start drawing"))),
    card("photo", t("From a photo"), t("Click its objects to turn them into regions; a new picture is then made in that layout."), h("button.btn", { onclick: () => app.pickFile("photo") }, icon("upload", 15), t("Upload a photo"))),
    card(
      "folder",
      t("Open"),
      t("A project, a label map with its captions, or a PNG made here: the whole scene comes back."),
      h("button.btn", { onclick: () => app.pickFile("open") }, icon("folder", 15), t("Open a file")),
      isReturning ? h("button.btn.ghost", { onclick: () => app.closeStart() }, t("Back to {name}", { name: app.project.name || t("the canvas") })) : null,
    ),
  );
}

/** The projects of this person, the newest first. */
function lately(app) {
  const recent = app.recent.filter((one) => one.regions || one.pictures).slice(0, 6);
  if (!recent.length) return null;
  const project = (one) =>
    h(
      "button.project-card",
      { onclick: () => app.openProject(one.id), title: one.name },
      one.thumbnail ? h("img", { src: app.server.url(one.thumbnail), alt: "" }) : h("span.blank", {}, icon("layout", 20)),
      h("span", {}, h("b", {}, one.name), h("small", {}, t("{n} regions", { n: one.regions }))),
    );
  return h("section", { "aria-label": t("Recent") }, h("h3", {}, t("Recent")), h("div.recent", {}, ...recent.map(project)));
}

function examples(app) {
  const example = (one) =>
    h(
      "button.example",
      { onclick: () => app.startExample(one.id), "data-example": one.id },
      h("img", { src: one.thumbnail, alt: "", loading: "lazy" }),
      h("span", {}, t(one.title)),
      h("small", {}, t(one.note)),
    );
  return h("section", { "aria-label": t("Examples") }, h("h3", {}, t("Examples")), h("div.examples", {}, ...app.examples.map(example)));
}
