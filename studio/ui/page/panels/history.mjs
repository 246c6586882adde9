/** The history strip: every render is kept; look, restore, branch, star, compare, delete, save. */

import { h, patch, toggle } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { t } from "../words/words.mjs";

/** @import { Parts, PictureNode } from "../types.mjs" */

/** @typedef {{ element: HTMLElement, open: HTMLElement, image: HTMLImageElement } & Record<"time" | "what" | "star" | "mark", HTMLElement>} Row */

export class HistoryStrip {
  /** @type {Map<string, Row>} */
  #rows = new Map();
  #isByScore = false;

  /** @param {Pick<Parts, "bus" | "comparison" | "editing" | "files" | "jobs" | "pictures" | "view">} parts */
  constructor(parts) {
    this.parts = parts;
    this.list = h("div.list", { role: "list", "aria-label": t("Pictures") });
    this.note = h("span.dim");
    this.sort = h("button.btn.small.icon.ghost", { title: t("Best shapes first"), "aria-label": t("Best shapes first"), onclick: () => this.#toggleSort() }, icon("sort", 15));
    this.element = h("section.history", { "aria-label": t("History") }, h("div.side-label", {}, h("span.label", {}, t("History")), this.sort), this.note, this.list);
    parts.bus.onAny(["history", "result", "job"], () => this.update());
    this.update();
  }

  #toggleSort() {
    this.#isByScore = !this.#isByScore;
    this.update();
    this.list.scrollLeft = this.#isByScore ? 0 : this.list.scrollWidth;
  }

  /** In the order they were made, or by measured overlap, the best first. */
  get #order() {
    const { history } = this.parts.pictures;
    return this.#isByScore ? [...history].sort((a, b) => (b.iou ?? -1) - (a.iou ?? -1)) : history;
  }

  update() {
    const { jobs, pictures } = this.parts;
    const { length } = pictures.history;
    toggle(this.sort, "aria-pressed", this.#isByScore);
    this.sort.hidden = length < 2;
    const wanted = new Set(pictures.history.map((node) => node.id));
    for (const [id, row] of this.#rows) {
      if (wanted.has(id)) continue;
      row.element.remove();
      this.#rows.delete(id);
    }
    let isNew = false;
    this.#order.forEach((node, index) => {
      const known = this.#rows.get(node.id);
      const row = known ?? this.#row(node.id);
      isNew ||= !known;
      this.#rows.set(node.id, row);
      this.#update(row, node);
      if (this.list.children[index] !== row.element) this.list.insertBefore(row.element, this.list.children[index] ?? null);
    });
    this.element.classList.toggle("empty", !length && !jobs.current);
    patch(this.note, "textContent", length ? "" : t("Every picture you make is kept here with its recipe."));
    patch(this.note, "hidden", length > 0);
    if (isNew && !this.#isByScore) this.list.scrollLeft = this.list.scrollWidth;
  }

  /** @param {string} id @returns {Row} */
  #row(id) {
    const { pictures } = this.parts;
    const image = h("img", { alt: "", loading: "lazy", decoding: "async" });
    const row = {
      image,
      open: h("button.open", {}, image),
      time: h("b"),
      what: h("span.what"),
      star: h("span.star", {}, icon("star", 14)),
      mark: h("span.mark"),
    };
    const element = h("div.node", { role: "listitem", "data-id": id, onclick: () => this.#look(id) }, row.open, row.star, row.mark, h("div.info", {}, row.time, row.what, this.#acts(id)));
    element.addEventListener("dblclick", () => pictures.restore(id));
    row.open.addEventListener("keydown", (event) => this.#key(event, id, element));
    return { ...row, element };
  }

  /** Show it; the view of a photo alone would not. @param {string} id */
  #look(id) {
    const { editing, pictures, view } = this.parts;
    if (editing.isOn && view.mode === "layout") view.setMode("result");
    return pictures.showNode(id);
  }

  /** What can be done with one picture. @param {string} id */
  #acts(id) {
    const { comparison, editing, files, pictures } = this.parts;
    /** @param {string} name @param {string} label @param {() => unknown} work */
    const act = (name, label, work) =>
      h("button", { title: label, "aria-label": label, onclick: (event) => { event.stopPropagation(); work(); } }, icon(name, 13));
    return h(
      "div.acts",
      {},
      act("adopt", t("Restore this scene"), () => pictures.restore(id)),
      act("pencil", t("Edit this result"), () => editing.editResult(id, id === pictures.shownNode ? pictures.picked : 0)),
      act("compare", t("Compare with the shown result"), () => comparison.with(id)),
      act("star", t("Star"), () => pictures.star(id)),
      act("download", t("Save PNG with its recipe"), () => files.savePicture(id)),
      act("trash", t("Delete"), () => pictures.deleteNode(id)),
    );
  }

  /** @param {KeyboardEvent} event @param {string} id @param {HTMLElement} element */
  #key(event, id, element) {
    if (event.key === "Delete") this.parts.pictures.deleteNode(id);
    const isStep = event.key === "ArrowRight" || event.key === "ArrowLeft";
    const beside = event.key === "ArrowRight" ? element.nextElementSibling : element.previousElementSibling;
    /** @type {HTMLElement | null | undefined} */
    const next = isStep ? beside?.querySelector(".open") : null;
    next?.focus();
    if (isStep || event.key === "Delete") event.stopPropagation();
  }

  /** @param {Row} row @param {PictureNode} node */
  #update(row, node) {
    const { comparison, pictures } = this.parts;
    toggle(row.element, "aria-current", node.id === pictures.shownNode);
    if (row.image.getAttribute("src") !== node.thumbnail) row.image.src = node.thumbnail;
    const clock = new Date(node.time * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    const iou = node.iou?.toFixed(2);
    patch(row.time, "textContent", iou ? `${clock} · ${iou}` : clock);
    row.time.title = iou ? t("Mean overlap of the regions: {n}", { n: iou }) : "";
    patch(row.what, "textContent", node.what);
    row.element.title = node.title;
    row.open.setAttribute("aria-label", `${t("Show picture {n}", { n: pictures.history.indexOf(node) + 1 })}: ${[row.time.textContent, node.what].filter(Boolean).join(", ")}`);
    patch(row.star, "hidden", !node.starred);
    patch(row.mark, "textContent", [node.id === comparison.node ? "A" : "", node.draft ? t("draft") : ""].filter(Boolean).join(" · "));
    patch(row.mark, "hidden", !row.mark.textContent);
  }
}
