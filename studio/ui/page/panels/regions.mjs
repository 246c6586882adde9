/** The region list: numbers, captions in place, eye, lock, order by dragging, measured fidelity. */

import { fill, h, patch, toggle } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { t } from "../words/words.mjs";

/** The colours of an overlap measure. */
function grade(iou) {
  if (iou === null || iou === undefined) return "";
  return iou >= 0.75 ? "good" : iou >= 0.5 ? "fair" : "poor";
}

export class RegionList {
  constructor(app) {
    this.app = app;
    this.rows = new Map();
    this.list = h("div.regions", { role: "list", "aria-label": t("Regions, the top one first") });
    this.count = h("span.count");
    this.background = h("div.background-row", { role: "listitem" }, h("span"), h("span.chip", {}, "0"), h("span", {}, t("Background: the scene caption")));
    this.none = h("div.none", { role: "listitem" }, t("No regions yet. Take the brush, the lasso or the rectangle and draw where something should be, then say what it is."));
    this.element = h(
      "section.panel",
      { style: { display: "contents" } },
      h(
        "div.panel-head",
        {},
        h("h2", {}, t("Regions")),
        this.count,
        h("span.grow"),
        h("button.btn.ghost.icon.small", { title: t("New region by numbers"), "aria-label": t("New region by numbers"), onclick: () => app.openNumbers() }, icon("grid")),
        h("button.btn.ghost.icon.small", { title: t("Find everything in the picture"), "aria-label": t("Find everything in the picture"), onclick: () => app.findEverything() }, icon("smart")),
        h("button.btn.ghost.icon.small", { title: `${t("New region")} (N)`, "aria-label": t("New region"), onclick: () => app.armNew() }, icon("plus")),
      ),
      this.list,
    );
    app.on("scene selection hover scores hints", () => this.update());
    app.on("reveal", (id) => this.rows.get(id)?.element.scrollIntoView({ block: "nearest" }));
    this.update();
  }

  update() {
    const { app } = this;
    const regions = [...app.scene.regions].reverse();
    const wanted = new Set(regions.map((region) => region.id));
    for (const [id, row] of this.rows) {
      if (wanted.has(id)) continue;
      row.element.remove();
      this.rows.delete(id);
    }
    regions.forEach((region, index) => {
      const row = this.rows.get(region.id) ?? this.#row(region.id);
      this.#update(row, region);
      if (this.list.children[index] !== row.element) this.list.insertBefore(row.element, this.list.children[index] ?? null);
    });
    if (!regions.length && !this.none.isConnected) this.list.prepend(this.none);
    if (regions.length) this.none.remove();
    if (this.list.lastChild !== this.background) this.list.append(this.background);
    patch(this.count, "textContent", regions.length ? String(regions.length) : "");
  }

  #row(id) {
    const { app } = this;
    const region = () => app.region(id);
    const row = {
      drag: h("span.drag", { title: t("Drag to change the order"), "aria-hidden": "true" }, icon("drag", 14)),
      chip: h("button.chip", { tabindex: "-1", onclick: () => app.select(id, { reveal: true }) }),
      caption: h("input.caption", { type: "text", spellcheck: "false", placeholder: t("what is it?"), maxlength: "2000" }),
      warn: h("button.warn", { onclick: (event) => app.openWarnings(id, event.currentTarget) }, icon("warn", 14)),
      gamma: h("button.own", { tabindex: "-1", onclick: () => app.editGamma(id) }),
      badge: h("button.badge", { onclick: (event) => app.openFidelity(id, event.currentTarget) }),
      eye: h("button.tiny", { onclick: () => app.setRegion(id, { visible: !region().visible }) }, icon("eye", 14)),
      lock: h("button.tiny", { onclick: () => app.setRegion(id, { locked: !region().locked }) }, icon("unlock", 14)),
    };
    row.element = h("div.region", { role: "listitem", "data-id": id }, row.drag, row.chip, row.caption, row.warn, row.gamma, row.badge, row.eye, row.lock);
    row.element.addEventListener("pointerenter", () => app.hover(id));
    row.element.addEventListener("pointerleave", () => app.hover(null));
    row.element.addEventListener("pointerdown", (event) => {
      if (!event.target.closest("button, .drag")) app.select(id);
    });
    row.caption.addEventListener("focus", () => app.select(id));
    row.caption.addEventListener("input", () => app.typeCaption(id, row.caption.value));
    row.caption.addEventListener("change", () => app.settleCaption());
    row.caption.addEventListener("keydown", (event) => this.#key(event, id));
    row.drag.addEventListener("pointerdown", (event) => this.#startDrag(event, id));
    this.rows.set(id, row);
    return row;
  }

  #key(event, id) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step) {
      event.preventDefault();
      if (event.altKey) this.app.moveInOrder(id, -step);
      else this.#focusNext(id, step);
    }
    if (event.key === "Enter") {
      this.app.settleCaption();
      this.#focusNext(id, 1);
    }
    if (event.key === "Escape") this.app.stage.panes[0].live.focus();
  }

  #focusNext(id, step) {
    const rows = [...this.list.querySelectorAll(".region .caption")];
    const at = rows.indexOf(this.rows.get(id).caption);
    rows[at + step]?.focus();
  }

  #update(row, region) {
    const { app } = this;
    const look = app.lookOf(region.id);
    toggle(row.element, "aria-current", region.id === app.selected);
    row.element.classList.toggle("hover", region.id === app.hovered);
    row.element.classList.toggle("off", !region.visible);
    patch(row.chip, "textContent", String(app.numberOf(region.id)));
    row.chip.style.background = look.colour;
    row.chip.setAttribute("aria-label", t("Select region {n}", { n: app.numberOf(region.id) }));
    row.caption.setAttribute("aria-label", t("Caption of region {n}", { n: app.numberOf(region.id) }));
    if (document.activeElement !== row.caption) patch(row.caption, "value", region.caption);
    this.#toggle(row.eye, region.visible ? "eye" : "eyeOff", !region.visible, region.visible ? t("Hide") : t("Show"));
    this.#toggle(row.lock, region.locked ? "lock" : "unlock", region.locked, region.locked ? t("Unlock") : t("Lock"));
    this.#badge(row.badge, app.scoreOf(region.id));
    const isOwn = region.gamma !== null && region.gamma !== undefined;
    patch(row.gamma, "hidden", !isOwn);
    if (isOwn) patch(row.gamma, "textContent", `γ ${region.gamma.toFixed(2)}`);
    row.gamma.title = t("This region's own gamma");
    const hints = app.hintsOf(region.id).filter((hint) => hint.level !== "note");
    patch(row.warn, "hidden", !hints.length);
    row.warn.title = hints.map((hint) => app.hintText(hint)).join("\n");
    row.warn.setAttribute("aria-label", row.warn.title);
  }

  #toggle(button, name, isOn, label) {
    if (button.dataset.icon !== name) {
      fill(button, icon(name, 14));
      button.dataset.icon = name;
    }
    toggle(button, "aria-pressed", isOn);
    button.title = label;
    button.setAttribute("aria-label", label);
  }

  #badge(badge, score) {
    patch(badge, "hidden", !score);
    if (!score) return;
    const { iou } = score;
    patch(badge, "className", `badge ${grade(iou)}`);
    patch(badge, "textContent", iou === null ? "–" : iou.toFixed(2));
    badge.title = score.note ?? t("Overlap {n}: {how}", { n: iou.toFixed(2), how: this.app.howMeasured });
  }

  #startDrag(event, id) {
    event.preventDefault();
    const { element } = this.rows.get(id);
    const drag = event.currentTarget;
    drag.setPointerCapture(event.pointerId);
    element.classList.add("dragging");
    let target = null;
    const mark = (place) => {
      for (const { element: row } of this.rows.values()) row.classList.remove("before", "after");
      if (place) place.row.classList.add(place.isAfter ? "after" : "before");
    };
    const move = ({ clientY }) => {
      target = null;
      for (const [other, { element: row }] of this.rows) {
        const rect = row.getBoundingClientRect();
        if (clientY >= rect.top && clientY < rect.bottom && other !== id) {
          target = { other, row, isAfter: clientY > rect.top + rect.height / 2 };
        }
      }
      mark(target);
    };
    const done = () => {
      drag.removeEventListener("pointermove", move);
      element.classList.remove("dragging");
      mark(null);
      if (target) this.app.dropRegion(id, target.other, target.isAfter);
    };
    drag.addEventListener("pointermove", move);
    drag.addEventListener("pointerup", done, { once: true });
    drag.addEventListener("pointercancel", done, { once: true });
  }
}
