/** What is written over the panes: their titles, why one is empty, and several pictures to pick from. */

import { fill, h } from "../panels/dom.mjs";
import { icon } from "../panels/icons.mjs";
import { t } from "../words/words.mjs";

/** @import { Pane, Parts } from "../types.mjs" */

export class PaneNotes {
  /** @param {Pick<Parts, "server" | "document" | "view" | "photo" | "jobs" | "pictures" | "comparison" | "editing" | "modelSees">} parts */
  constructor({ server, document, view, photo, jobs, pictures, comparison, editing, modelSees }) {
    this.server = server;
    this.document = document;
    this.view = view;
    this.photo = photo;
    this.jobs = jobs;
    this.pictures = pictures;
    this.comparison = comparison;
    this.editing = editing;
    this.modelSees = modelSees;
  }

  /** @param {Pane} pane */
  update(pane) {
    say(pane.tag, this.#title(pane));
    if (pane.otherTag) say(pane.otherTag, this.editing.isOn ? [t("Edited"), outsideText(this.editing)] : [this.#resultName, this.pictures.note()]);
    (pane.otherTag ?? pane.tag).classList.toggle("live", this.view.isLive && pane.kind !== "layout");
    this.#empty(pane);
    this.#picks(pane);
    this.#wayToEdit(pane);
  }

  /** A result can be changed like a photo. @param {Pane} pane */
  #wayToEdit({ kind, element }) {
    const { editing, pictures } = this;
    const isOffered = kind === "result" && pictures.node(pictures.shownNode) && !pictures.previewImage && !pictures.scrubbed;
    const now = element.querySelector(".edit-result");
    if (Boolean(now) === Boolean(isOffered)) return;
    if (now) now.remove();
    else element.append(h("button.btn.small.edit-result", { title: t("Change parts of this picture; everything else stays exactly as it is."), onclick: () => pictures.shownNode && editing.editResult(pictures.shownNode, pictures.picked) }, icon("pencil", 14), t("Edit this result")));
  }

  get #resultName() {
    return this.pictures.previewImage ? t("Preview") : this.view.isLive ? t("Live") : t("Result");
  }

  /** @param {Pane} pane @returns {[string, string]} in bold, and after it */
  #title({ kind }) {
    const { scene } = this.document;
    if (this.editing.isOn && kind !== "result") return this.#photoTitle(kind);
    if (kind === "layout") {
      if (this.view.showsModel) return [t("What the model sees"), this.#modelNote()];
      return [t("Layout"), `${scene.width} × ${scene.height}`];
    }
    if (kind === "diff") return [t("Difference"), this.#differenceNote()];
    if (kind === "wipe") return [this.comparison.image ? this.comparison.name() : t("Layout"), ""];
    if (kind === "over") return [t("Layout over result"), this.pictures.note()];
    return [this.#resultName, this.pictures.note()];
  }

  /** @param {Pane["kind"]} kind @returns {[string, string]} */
  #photoTitle(kind) {
    const { comparison, editing, jobs, pictures, view } = this;
    const size = editing.work ? `${editing.work.width} × ${editing.work.height}` : "";
    const before = comparison.image ? comparison.name() : t("Original");
    if (kind === "diff") return [t("Difference"), [t("times 4; black is untouched"), outsideText(editing)].filter(Boolean).join(" · ")];
    if (kind === "wipe") return [before, size];
    if (view.holdsOriginal) return [t("Original"), size];
    if (pictures.previewImage) return [t("Preview"), jobs.progressText()];
    if (pictures.draft) return [t("Draft"), size];
    return [editing.isChanged ? t("Edited") : t("Photo"), size];
  }

  #differenceNote() {
    const { difference: found } = this.comparison;
    if (!found) return this.comparison.name();
    const numbers = t("mean {m}, largest {l} of 255", { m: found.mean.toFixed(1), l: found.largest });
    return [this.comparison.name(), found.changes, numbers].filter(Boolean).join(" · ");
  }

  #modelNote() {
    const { grid } = this.modelSees;
    if (!grid) return "";
    const open = Math.round(100 * grid.uncovered);
    return t("{p} px tokens · {n} contour tokens · {u} % background", { p: grid.token_pixels, n: grid.contour.length, u: open });
  }

  /** Why there is nothing to see. @param {Pane} pane */
  #empty(pane) {
    const wanted = this.#emptiness(pane);
    /** @type {HTMLElement | null} */
    const now = pane.element.querySelector(".empty");
    if ((now?.dataset.kind ?? "") === wanted) return;
    now?.remove();
    if (!wanted) return;
    const texts = { alone: t("Make a second picture: what changed shows here."), coming: t("The drafts are on their way…"), none: t("Your picture appears here") };
    const keys = wanted === "coming" ? null : h("div", {}, h("kbd", {}, "Ctrl"), " ", h("kbd", {}, "Enter"));
    pane.element.append(h("div.empty", { "data-kind": wanted }, h("div", {}, h("div", {}, texts[wanted]), keys)));
  }

  /** @param {Pane} pane @returns {"" | "alone" | "coming" | "none"} */
  #emptiness({ kind }) {
    if (kind === "layout" || this.editing.isOn) return "";
    if (kind === "diff" && !this.comparison.image && !this.photo.image && this.pictures.resultImage) return "alone";
    if (this.pictures.shownImage()) return "";
    return this.jobs.current?.kind === "strip" ? "coming" : "none";
  }

  /** The pictures of one render, when there are several. @param {Pane} pane */
  #picks(pane) {
    const { pictures } = this;
    const node = pane.kind === "result" ? pictures.node(pictures.shownNode) : null;
    const images = node && node.images.length > 1 ? node.images : [];
    const key = `${node?.id} ${pictures.picked}`;
    /** @type {HTMLElement | null} */
    const now = pane.element.querySelector(".picks");
    if (now?.dataset.key === key) return;
    now?.remove();
    if (!images.length) return;
    const buttons = images.map((reference, index) =>
      h("button", { "aria-pressed": String(index === pictures.picked), "aria-label": t("Picture {n}", { n: index + 1 }), onclick: () => pictures.pick(index) }, h("img", { src: this.server.url(reference), alt: "" })),
    );
    pane.element.append(h("div.picks", { "data-key": key }, ...buttons));
  }
}

/** How much differs outside of the regions; nothing before the first edit. @param {Parts["editing"]} editing */
export function outsideText({ work, isChanged }) {
  if (!work?.outside || !isChanged) return "";
  const { largest, count, of } = work.outside;
  return t("outside: {largest} of 255 in {count} of {of} pixels", { largest, count: grouped(count), of: grouped(of) });
}

/** 24,000,000 @param {number} count */
function grouped(count) {
  return count.toLocaleString("en-US");
}

/** A title in bold and a note; written only when they change. @param {HTMLElement} element @param {[string, string]} words */
function say(element, [title, note]) {
  const text = `${title}\n${note}`;
  if (element.dataset.text === text) return;
  element.dataset.text = text;
  fill(element, h("b", {}, title), note || null);
}
