/** The bar beside a smart click: what it may have meant, with scores, and the way to take it. */

import { fill, h } from "../panels/dom.mjs";
import { t } from "../words/words.mjs";

/** @import { Candidate } from "../types.mjs" */

export class Candidates {
  /** @param {{ choose: (index: number) => unknown, accept: () => void }} work */
  constructor({ choose, accept }) {
    this.choose = choose;
    this.accept = accept;
    this.element = h("div.candidates", { role: "radiogroup", "aria-label": t("Candidates"), hidden: true });
  }

  /**
   * @param {(Candidate | null)[]} candidates @param {number} chosen
   * @param {HTMLElement} host @param {[number, number]} at on the page
   */
  show(candidates, chosen, host, at) {
    const names = { part: t("part"), object: t("object"), group: t("group") };
    const { element } = this;
    fill(
      element,
      ...candidates.map((one, index) =>
        h("button.btn", { role: "radio", "aria-checked": String(index === chosen), onclick: () => this.choose(index) }, one ? `${names[one.name] ?? ""} ${one.score.toFixed(2)}` : " "),
      ),
      h("button.btn.primary", { onclick: () => this.accept() }, t("Make region"), h("kbd", {}, "↵")),
    );
    element.hidden = false;
    if (!element.isConnected) host.append(element);
    const rect = host.getBoundingClientRect();
    element.style.left = `${Math.min(at[0] - rect.left, rect.width - element.offsetWidth - 20)}px`;
    element.style.top = `${Math.min(at[1] - rect.top, rect.height - 60)}px`;
  }

  hide() {
    this.element.hidden = true;
  }
}
