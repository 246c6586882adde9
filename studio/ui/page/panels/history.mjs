/** The history strip: every render is kept; look, restore, branch, star, compare, delete, save. */

import { h, patch, toggle } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { t } from "../words/words.mjs";

export class HistoryStrip {
  constructor(app) {
    this.app = app;
    this.nodes = new Map();
    this.list = h("div.list", { role: "list", "aria-label": t("Pictures") });
    this.note = h("span.dim");
    this.isByScore = false;
    this.sort = h("button.btn.small.icon.ghost", { title: t("Best shapes first"), "aria-label": t("Best shapes first"), onclick: () => this.#toggleSort() }, icon("sort", 15));
    this.element = h("section.history", { "aria-label": t("History") }, h("div.side-label", {}, h("span.label", {}, t("History")), this.sort), this.note, this.list);
    app.on("history result job", () => this.update());
    this.update();
  }

  #toggleSort() {
    this.isByScore = !this.isByScore;
    this.update();
    this.list.scrollLeft = this.isByScore ? 0 : this.list.scrollWidth;
  }

  /** In the order they were made, or by measured overlap, the best first. */
  get #order() {
    const { history } = this.app;
    return this.isByScore ? [...history].sort((a, b) => (b.iou ?? -1) - (a.iou ?? -1)) : history;
  }

  update() {
    const { app } = this;
    toggle(this.sort, "aria-pressed", this.isByScore);
    this.sort.hidden = app.history.length < 2;
    const wanted = new Set(app.history.map((node) => node.id));
    for (const [id, row] of this.nodes) {
      if (wanted.has(id)) continue;
      row.element.remove();
      this.nodes.delete(id);
    }
    let isNew = false;
    this.#order.forEach((node, index) => {
      let row = this.nodes.get(node.id);
      if (!row) {
        row = this.#node(node);
        this.nodes.set(node.id, row);
        isNew = true;
      }
      this.#update(row, node);
      if (this.list.children[index] !== row.element) this.list.insertBefore(row.element, this.list.children[index] ?? null);
    });
    this.element.classList.toggle("empty", !app.history.length && !app.job);
    patch(this.note, "textContent", app.history.length ? "" : t("Every picture you make is kept here with its recipe."));
    patch(this.note, "hidden", app.history.length > 0);
    if (isNew && !this.isByScore) this.list.scrollLeft = this.list.scrollWidth;
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
    row.open = h("button.open", {}, row.image);
    row.element = h("div.node", { role: "listitem", "data-id": node.id, onclick: () => app.showNode(node.id) }, row.open, row.star, row.mark, h("div.info", {}, row.time, row.what, acts));
    row.element.addEventListener("dblclick", () => app.restore(node.id));
    row.open.addEventListener("keydown", (event) => {
      if (event.key === "Delete") app.deleteNode(node.id);
      const next = { ArrowRight: "nextElementSibling", ArrowLeft: "previousElementSibling" }[event.key];
      if (next) row.element[next]?.querySelector(".open").focus();
      if (next || event.key === "Delete") event.stopPropagation();
    });
    return row;
  }

  #update(row, node) {
    const { app } = this;
    toggle(row.element, "aria-current", node.id === app.shownNode);
    if (row.image.getAttribute("src") !== node.thumbnail) row.image.src = node.thumbnail;
    const clock = new Date(node.time * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    const isMeasured = node.iou !== null && node.iou !== undefined;
    patch(row.time, "textContent", isMeasured ? `${clock} · ${node.iou.toFixed(2)}` : clock);
    row.time.title = isMeasured ? t("Mean overlap of the regions: {n}", { n: node.iou.toFixed(2) }) : "";
    patch(row.what, "textContent", node.what);
    row.element.title = node.title ?? node.what;
    row.open.setAttribute("aria-label", `${t("Show picture {n}", { n: app.history.indexOf(node) + 1 })}: ${[row.time.textContent, node.what].filter(Boolean).join(", ")}`);
    patch(row.star, "hidden", !node.starred);
    patch(row.mark, "textContent", [node.id === app.comparedNode ? "A" : "", node.draft ? t("draft") : ""].filter(Boolean).join(" · "));
    patch(row.mark, "hidden", !row.mark.textContent);
  }
}

