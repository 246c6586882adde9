/** What each pane shows: the layout, the result, and the ways of comparing them. */

import { t } from "../words/words.mjs";
import { fill, h } from "../panels/dom.mjs";
import * as paint from "./paint.mjs";

const FADE = 160; // ms
const STILL = window.matchMedia("(prefers-reduced-motion: reduce)");
const DRESS = {
  light: { surround: "#dfe1e5", paper: "#ffffff", dots: "rgb(0 0 0 / .13)", blank: "#eceef1", blankDots: "rgb(0 0 0 / .07)" },
  dark: { surround: "#111214", paper: "#f4f3f0", dots: "rgb(0 0 0 / .16)", blank: "#1a1b1e", blankDots: "rgb(255 255 255 / .06)" },
};

function begin(pane, canvas) {
  const context = canvas.getContext("2d");
  const ratio = window.devicePixelRatio || 1;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, canvas.width / ratio, canvas.height / ratio);
  return context;
}

/** Everything that does not follow the pointer. */
export function drawBase(stage, pane) {
  const { app } = stage;
  const context = begin(pane, pane.base);
  const dress = app.isDark ? DRESS.dark : DRESS.light;
  const isAlone = pane.kind === "diff" && !app.compareImage && !app.photo;
  const isEmpty = pane.kind !== "layout" && !app.photo && (isAlone || !app.shownImage());
  paint.paper(context, stage.view, app.scene, isEmpty ? { ...dress, paper: dress.blank, dots: dress.blankDots } : dress);
  SHOW[pane.kind](context, stage, pane);
  say(pane.tag, tag(app, pane));
  (pane.otherTag ?? pane.tag).classList.toggle("live", app.isLive && pane.kind !== "layout");
  notice(app, pane);
  picks(app, pane);
}

const SHOW = {
  layout(context, stage) {
    if (stage.app.showsModel && stage.app.modelView) modelSees(context, stage);
    else layout(context, stage);
  },
  result(context, stage) {
    result(context, stage);
    contours(context, stage);
  },
  over(context, stage) {
    result(context, stage);
    regions(context, stage, stage.app.options.opacity * 0.6);
    contours(context, stage);
  },
  wipe(context, stage, pane) {
    half(context, stage, pane, 0, stage.wipeAt, () => before(context, stage));
    half(context, stage, pane, stage.wipeAt, 1, () => result(context, stage));
    contours(context, stage);
  },
  diff(context, stage) {
    const { app, view } = stage;
    const other = app.compareImage ?? app.photo;
    if (!other || !app.resultImage) return;
    if (app.shownDifference) {
      paint.picture(context, view, app.scene, app.shownDifference.image);
      return;
    }
    paint.picture(context, view, app.scene, app.resultImage);
    context.save();
    context.globalCompositeOperation = "difference";
    paint.picture(context, view, app.scene, other);
    context.restore();
  },
};

function layout(context, stage) {
  const { app, view } = stage;
  if (app.photo) paint.picture(context, view, app.scene, app.photo, app.holdsOriginal ? 1 : 0.92);
  if (app.holdsOriginal) return;
  regions(context, stage, app.photo ? app.options.opacity * 0.75 : app.options.opacity);
  for (const loops of app.proposed) paint.outline(context, view, loops, { colour: "#fff", width: 1.5, halo: 1, dash: [6, 4] });
}

/** The regions from the lowest to the topmost, then outlines, then numbers. */
function regions(context, stage, opacity) {
  const { app, view } = stage;
  const shown = app.shownRegions();
  for (const region of shown) paint.regionFill(context, view, region, opacity);
  for (const region of shown) {
    if (region.id === app.selected) continue;
    const width = region.id === app.hovered ? 2.5 : 1.25;
    paint.outline(context, view, region.outline.loops, { colour: region.colour, width, halo: 1 });
  }
  const chosen = shown.find((region) => region.id === app.selected);
  if (chosen) {
    paint.outline(context, view, chosen.outline.loops, { colour: chosen.colour, width: 2.5, halo: 2 });
    paint.outline(context, view, chosen.outline.loops, { colour: "#fff", width: 1, halo: 0, dash: [5, 5] });
  }
  if (app.options.labels) {
    for (const region of shown) paint.label(context, view, region, region.id === app.selected);
  }
}

function result(context, stage) {
  const { app, view } = stage;
  const image = app.holdsOriginal && app.photo ? app.photo : app.shownImage();
  const part = fading(stage, image);
  if (part < 1) paint.picture(context, view, app.scene, app.fade.from);
  if (image) paint.picture(context, view, app.scene, image, part);
  else if (app.photo) paint.picture(context, view, app.scene, app.photo, 0.22);
  if (app.holdsOriginal) return;
  for (const id of [app.hovered, app.selected]) {
    const region = image && app.shownRegions().find((one) => one.id === id);
    if (!region) continue;
    paint.outline(context, view, region.outline.loops, {
      colour: region.colour, width: id === app.hovered ? 2 : 1.25, halo: 1, dash: [6, 4],
    });
  }
}

/** How much of a new live picture shows over the one before; 1 is all of it. */
function fading(stage, image) {
  const { fade } = stage.app;
  if (!fade?.from || image !== stage.app.resultImage || STILL.matches) return 1;
  const part = (performance.now() - fade.at) / FADE;
  if (part < 1) stage.redraw();
  else stage.app.fade = null;
  return Math.min(1, Math.max(0, part));
}

function before(context, stage) {
  const other = stage.app.compareImage;
  if (other) paint.picture(context, stage.view, stage.app.scene, other);
  else layout(context, stage);
}

/** Asked: solid, in the region's colour. Obtained: dashed white, as measured on the result. */
function contours(context, stage) {
  const { app, view } = stage;
  if (!app.showsContours || !app.resultImage) return;
  for (const region of app.shownRegions()) {
    paint.outline(context, view, region.outline.loops, { colour: region.colour, width: 2, halo: 0.75, isPale: false });
  }
  for (const loops of app.obtained.values()) {
    paint.outline(context, view, loops, { colour: "#fff", width: 1.5, halo: 0.75, dash: [4, 4], isPale: false });
  }
}

function half(context, stage, pane, from, to, draw) {
  const width = pane.live.clientWidth;
  context.save();
  context.beginPath();
  context.rect(from * width, 0, (to - from) * width, pane.live.clientHeight);
  context.clip();
  draw();
  context.restore();
}

/** The label map on the token grid, the contour tokens that are kept, and what no region owns. */
function modelSees(context, stage) {
  const { app, view } = stage;
  const { columns, rows, labels, contour, contour_columns: across, contour_rows: down } = app.modelView;
  const cell = (index, wide, high) => {
    const [width, height] = [(app.scene.width / wide) * view.scale, (app.scene.height / high) * view.scale];
    return [(index % wide) * width + view.x, Math.floor(index / wide) * height + view.y, width, height];
  };
  context.save();
  labels.forEach((number, index) => {
    const [x, y, width, height] = cell(index, columns, rows);
    const region = app.scene.regions[number - 1];
    const isOdd = index % 2 === Math.floor(index / columns) % 2;
    context.globalAlpha = region ? 0.88 : 1;
    context.fillStyle = region ? app.lookOf(region.id).colour : isOdd ? "#c9ccd2" : "#d6d9de";
    context.fillRect(x, y, width - 1, height - 1);
  });
  context.globalAlpha = 1;
  for (const index of contour) {
    const [x, y, width, height] = cell(index, across, down);
    context.lineWidth = 1.5;
    context.strokeStyle = "rgb(0 0 0 / .6)";
    context.strokeRect(x + 2.5, y + 2.5, width - 6, height - 6);
    context.strokeStyle = "#fff";
    context.strokeRect(x + 1.5, y + 1.5, width - 4, height - 4);
  }
  context.restore();
  for (const region of app.shownRegions()) paint.label(context, view, region, region.id === app.selected);
}

/** A title in bold and a note; written only when they change. */
function say(element, [title, note]) {
  const text = `${title}\n${note}`;
  if (element.dataset.text === text) return;
  element.dataset.text = text;
  fill(element, h("b", {}, title), note || null);
}

function tag(app, pane) {
  const resultName = app.previewImage ? t("Preview") : app.isLive ? t("Live") : t("Result");
  if (pane.kind === "layout") {
    if (app.showsModel) return [t("What the model sees"), modelNote(app)];
    return [t("Layout"), `${app.scene.width} × ${app.scene.height}`];
  }
  if (pane.kind === "diff") return [t("Difference"), differenceNote(app)];
  if (pane.kind === "wipe") {
    say(pane.otherTag, [resultName, app.resultNote()]);
    return [app.compareImage ? app.compareName() : t("Layout"), ""];
  }
  if (pane.kind === "over") return [t("Layout over result"), app.resultNote()];
  return [resultName, app.resultNote()];
}

function differenceNote(app) {
  const { shownDifference: found } = app;
  if (!found) return app.compareName();
  const numbers = t("mean {m}, largest {l} of 255", { m: found.mean.toFixed(1), l: found.largest });
  return [app.compareName(), found.changes, numbers].filter(Boolean).join(" · ");
}

function modelNote(app) {
  const { modelView } = app;
  if (!modelView) return "";
  const open = Math.round(100 * modelView.uncovered);
  return t("{p} px tokens · {n} contour tokens · {u} % background", { p: modelView.token_pixels, n: modelView.contour.length, u: open });
}

function notice(app, pane) {
  const isAlone = pane.kind === "diff" && !app.compareImage && !app.photo && Boolean(app.resultImage);
  const isComing = app.job?.kind === "strip";
  const wanted = pane.kind === "layout" ? "" : isAlone ? "alone" : app.shownImage() ? "" : isComing ? "coming" : "none";
  const now = pane.element.querySelector(".empty");
  if ((now?.dataset.kind ?? "") === wanted) return;
  now?.remove();
  if (!wanted) return;
  const texts = { alone: t("Make a second picture: what changed shows here."), coming: t("The drafts are on their way…"), none: t("Your picture appears here") };
  const keys = wanted === "coming" ? null : h("div", {}, h("kbd", {}, "Ctrl"), " ", h("kbd", {}, "Enter"));
  pane.element.append(h("div.empty", { "data-kind": wanted }, h("div", {}, h("div", {}, texts[wanted]), keys)));
}

/** The pictures of one render, when there are several. */
function picks(app, pane) {
  const node = pane.kind === "result" ? app.node(app.shownNode) : null;
  const images = node && node.images.length > 1 ? node.images : [];
  const key = `${node?.id} ${app.picked}`;
  const now = pane.element.querySelector(".picks");
  if (now?.dataset.key === key) return;
  now?.remove();
  if (!images.length) return;
  const buttons = images.map((reference, index) =>
    h("button", { "aria-pressed": String(index === app.picked), "aria-label": t("Picture {n}", { n: index + 1 }), onclick: () => app.pick(index) }, h("img", { src: app.server.url(reference), alt: "" })),
  );
  pane.element.append(h("div.picks", { "data-key": key }, ...buttons));
}

/** What follows the pointer: the tool's own drawing. */
export function drawLive(stage, pane) {
  const context = begin(pane, pane.live);
  stage.app.tool.draw?.(context, stage, pane);
  const point = stage.hoverPoint;
  if (point && point.pane !== pane) paint.cross(context, point.sx, point.sy);
  else if (point && stage.app.tool.ring && !stage.app.isPanning) {
    const radius = (stage.app.options.size / 2) * stage.view.scale;
    paint.brushRing(context, point.sx, point.sy, radius, stage.app.tool.id === "eraser");
  }
}
