/** The history strip: every render is kept; look, restore, branch, star, compare, delete, save. */

import { h, patch, toggle } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { t } from "./words.mjs";

export class HistoryStrip {
  constructor(app) {
    this.app = app;
    this.nodes = new Map();
    this.list = h("div.list", { role: "listbox", "aria-label": t("History"), "aria-orientation": "horizontal" });
    this.note = h("span.dim");
    this.element = h("section.history", { "aria-label": t("History") }, h("span.label", {}, t("History")), this.note, this.list);
    app.on("history result", () => this.update());
    this.update();
  }

  update() {
    const { app } = this;
    const wanted = new Set(app.history.map((node) => node.id));
    for (const [id, row] of this.nodes) {
      if (wanted.has(id)) continue;
      row.element.remove();
      this.nodes.delete(id);
    }
    let isNew = false;
    app.history.forEach((node, index) => {
      let row = this.nodes.get(node.id);
      if (!row) {
        row = this.#node(node);
        this.nodes.set(node.id, row);
        isNew = true;
      }
      this.#update(row, node);
      if (this.list.children[index] !== row.element) this.list.insertBefore(row.element, this.list.children[index] ?? null);
    });
    this.element.classList.toggle("empty", !app.history.length);
    patch(this.note, "textContent", app.history.length ? "" : t("Every picture you make is kept here with its recipe."));
    patch(this.note, "hidden", app.history.length > 0);
    if (isNew) this.list.scrollLeft = this.list.scrollWidth;
  }

  #node(node) {
    const { app } = this;
    const act = (name, label, work) =>
      h("button", { title: label, "aria-label": label, onclick: (event) => { event.stopPropagation(); work(event.currentTarget); } }, icon(name, 13));
    const row = {
      image: h("img", { alt: "", loading: "lazy", decoding: "async" }),
      time: h("b"),
      what: h("span.what"),
      star: h("span.star", {}, icon("star", 14)),
      mark: h("span.mark"),
    };
    const acts = h(
      "div.acts",
      {},
      act("adopt", t("Restore this scene"), () => app.restore(node.id)),
      act("compare", t("Compare with the shown result"), () => app.compareWith(node.id)),
      act("star", t("Star"), () => app.star(node.id)),
      act("download", t("Save PNG with its recipe"), () => app.download(node.id)),
      act("trash", t("Delete"), () => app.deleteNode(node.id)),
    );
    row.element = h("div.node", { role: "option", tabindex: "0", "data-id": node.id, onclick: () => app.showNode(node.id) }, row.image, row.star, row.mark, h("div.info", {}, row.time, row.what, acts));
    row.element.addEventListener("dblclick", () => app.restore(node.id));
    row.element.addEventListener("keydown", (event) => {
      if (event.target !== row.element) return;
      if (event.key === "Enter") app.showNode(node.id);
      if (event.key === "Delete") app.deleteNode(node.id);
      const next = { ArrowRight: "nextElementSibling", ArrowLeft: "previousElementSibling" }[event.key];
      if (next) row.element[next]?.focus();
    });
    return row;
  }

  #update(row, node) {
    const { app } = this;
    toggle(row.element, "aria-selected", node.id === app.shownNode);
    if (row.image.getAttribute("src") !== node.thumbnail) row.image.src = node.thumbnail;
    const clock = new Date(node.time * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    patch(row.time, "textContent", node.iou === null || node.iou === undefined ? clock : `${clock} · ${node.iou.toFixed(2)}`);
    patch(row.what, "textContent", node.what);
    row.element.title = node.title ?? node.what;
    patch(row.star, "hidden", !node.starred);
    patch(row.mark, "textContent", node.draft ? t("draft") : node.id === app.comparedNode ? "A" : "");
    patch(row.mark, "hidden", !row.mark.textContent);
  }
}

