/** Above the regions: find by word or by likeness, suggested captions, a layout from a sentence. */

import { fill, h, patch, toggle } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { t } from "../words/words.mjs";

/** @import { Parts } from "../types.mjs" */

/** @typedef {Pick<Parts, "above" | "bus" | "document" | "editing" | "findings" | "stage" | "suggestions">} WordParts */

export class WordBar {
  /** @param {WordParts} parts */
  constructor(parts) {
    this.parts = parts;
    const { bus, findings, suggestions } = parts;
    this.words = h("input.grow", { type: "search", maxlength: "200", spellcheck: "false", placeholder: t("find: red, sky, wood…"), "aria-label": t("Find by word") });
    this.go = h("button.btn.small", { type: "submit" }, t("Find"));
    this.similar = act("over", t("Select similar: find what looks like the selected region"), () => findings.similar());
    this.describe = act("pencil", t("Suggest captions"), () => suggestions.ask());
    this.lay = act("layout", t("Layout from a sentence"), () => layoutSheet(parts));
    this.form = h("form.find-row", { role: "search", onsubmit: (event) => { event.preventDefault(); this.#find(); } }, icon("zoom", 14), this.words, this.go, this.similar, this.describe, this.lay);
    this.told = h("span", { role: "status" });
    this.chips = h("div.chips", { role: "group", "aria-label": t("What was found") });
    this.make = h("button.btn.small.primary", { onclick: () => this.#make() });
    this.found = h(
      "div.findings",
      { hidden: true },
      h("div.row", {}, this.told, h("span.grow"), h("button.btn.small.ghost", { onclick: () => findings.choose(findings.chosen.length < findings.list.length) }, t("All or none"))),
      this.chips,
      h("div.row", {}, h("span.grow"), h("button.btn.small.ghost", { onclick: () => findings.clear() }, t("Discard")), this.make),
    );
    this.element = h("div.word-bar", {}, this.form, this.found);
    bus.onAny(["selection", "photo", "result", "job", "editing", "scene"], () => this.update());
    bus.on("found", () => this.#show());
    this.update();
  }

  #find() {
    if (this.words.value.trim()) this.parts.findings.find(this.words.value);
    else this.words.focus();
  }

  #make() {
    this.parts.findings.make();
    this.parts.stage.focus();
  }

  update() {
    const { document: scene, editing, findings } = this.parts;
    const canLook = Boolean(findings.on);
    for (const one of [this.words, this.describe]) patch(one, "disabled", !canLook);
    patch(this.go, "disabled", !canLook || findings.isLooking);
    patch(this.similar, "disabled", !canLook || !scene.selected || findings.isLooking);
    patch(this.words, "title", canLook ? "" : t("Finding needs a photo or a result to look at."));
    this.lay.hidden = editing.isOn;
  }

  /** Each finding with its score; one that is pressed out is not made. */
  #show() {
    const { findings } = this.parts;
    const { chosen, list } = findings;
    this.found.hidden = !list.length;
    const by = findings.by === "measured" ? t("by measured colours and materials") : findings.by;
    patch(this.told, "textContent", list.length ? `${t("{n} found", { n: list.length })} · ${by}` : "");
    if (this.chips.childElementCount === list.length) [...this.chips.children].forEach((chip, index) => toggle(chip, "aria-pressed", list[index].isChosen));
    else fill(this.chips, ...list.map((_, index) => this.#chip(index)));
    patch(this.make, "disabled", !chosen.length);
    patch(this.make, "textContent", chosen.length === 1 ? t("Make 1 region") : t("Make {n} regions", { n: chosen.length }));
    if (list.length && document.activeElement === document.body) this.make.focus();
  }

  /** @param {number} index */
  #chip(index) {
    const { findings } = this.parts;
    const { score } = findings.list[index];
    const label = t("Finding {n}, score {s}", { n: index + 1, s: score.toFixed(2) });
    const chip = h("button.btn.small", { "aria-pressed": "true", "aria-label": label, title: label, onclick: () => findings.toggle(index) }, `${index + 1} · ${score.toFixed(2)}`);
    for (const [name, at] of /** @type {[string, number][]} */ ([["pointerenter", index], ["focus", index], ["pointerleave", -1], ["blur", -1]])) chip.addEventListener(name, () => findings.hover(at));
    return chip;
  }
}

/** @param {string} name an icon's @param {string} label @param {() => unknown} work */
const act = (name, label, work) => h("button.btn.small.icon.ghost", { type: "button", title: label, "aria-label": label, onclick: work }, icon(name, 15));

/** A sentence is asked for. @param {WordParts} parts */
function layoutSheet({ above, document: scene, suggestions, stage }) {
  const sentence = h("textarea", { rows: "3", maxlength: "1000", autofocus: true, "aria-label": t("What the picture shows"), placeholder: t("Three red balloons above a white house on a green hill, a tree on the left") });
  const isInstead = h("input", { type: "checkbox" });
  isInstead.checked = true;
  /** @param {Event} event */
  const layOut = async (event) => {
    event.preventDefault();
    if (!(await suggestions.layOut(sentence.value, { isInstead: isInstead.checked }))) return;
    close();
    stage.focus();
  };
  Object.assign(sentence.style, { width: "min(440px, 80vw)", height: "72px" });
  const form = h(
    "form",
    { onsubmit: layOut },
    sentence,
    scene.scene.regions.length ? h("label.check", {}, isInstead, t("Instead of the regions that are there")) : null,
    h("p.dim", { style: { margin: "8px 0 12px" } }, t("Each thing becomes a rough region with its caption, where the words say. Correct it by hand.")),
    h("button.btn.primary", { type: "submit" }, t("Lay out")),
  );
  const close = above.sheet(t("Layout from a sentence"), form);
}
