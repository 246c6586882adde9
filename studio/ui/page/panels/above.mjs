/** What lies above the page: menus, sheets and toasts. */

import { fill, h } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { t } from "../words/words.mjs";

/** @import { MenuItem } from "../types.mjs" */

/** @typedef {{ element: HTMLElement, returnTo: Element | null, watch: ((event: PointerEvent) => void) | null }} Layer */
/** @typedef {{ element: HTMLElement, isOffer: boolean, close: () => void }} Toast */

const MOST_TOASTS = 4;

/** Layers above the page; Escape and a click outside close the topmost one. */
export class Above {
  /** @type {Layer[]} */
  stack = [];
  /** @type {Toast[]} */
  #toasts = [];

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.toasts = h("div.s2a-layer.toasts", { role: "status", "aria-live": "polite" });
    root.append(this.toasts);
  }

  get isOpen() {
    return this.stack.length > 0;
  }

  /** @param {HTMLElement} element @param {{ outside?: boolean }} more whether a click outside closes it */
  open(element, { outside = true } = {}) {
    /** @type {Layer} */
    const layer = { element, returnTo: document.activeElement, watch: null };
    if (outside) {
      /** @param {PointerEvent} event */
      const watch = (event) => {
        const target = /** @type {Node} */ (event.target);
        if (element.classList.contains("cover") ? target === element : !element.contains(target)) this.close(layer);
      };
      layer.watch = watch;
      setTimeout(() => this.root.addEventListener("pointerdown", watch, true));
    }
    this.stack.push(layer);
    this.root.append(element);
    focusFirst(element, "input, button, select");
    return () => this.close(layer);
  }

  close(layer = this.stack.at(-1)) {
    const at = layer ? this.stack.indexOf(layer) : -1;
    if (!layer || at < 0) return false;
    this.stack.splice(at, 1);
    if (layer.watch) this.root.removeEventListener("pointerdown", layer.watch, true);
    layer.element.remove();
    const { returnTo } = layer;
    if (returnTo instanceof HTMLElement && returnTo.isConnected) returnTo.focus({ preventScroll: true });
    return true;
  }

  closeAll() {
    while (this.stack.length) this.close();
  }

  /** @param {Element} anchor what it opens at @param {MenuItem[]} items */
  menu(anchor, items, { note = "" } = {}) {
    const list = h("div", { role: "menu" });
    const menu = h("div.s2a-layer.menu", {}, note ? h("p.note", {}, note) : null, list);
    const close = this.open(menu);
    fill(
      list,
      ...items.map((item) =>
        item === null
          ? h("hr")
          : h("button", { role: "menuitem", disabled: Boolean(item.disabled), onclick: () => { close(); item.work(); } }, item.icon ? icon(item.icon, 15) : null, item.label, item.keys ? h("kbd", {}, item.keys) : null),
      ),
    );
    place(menu, anchor);
    menu.addEventListener("keydown", (event) => walk(menu, event));
    menu.querySelector("button")?.focus();
  }

  /** @param {string} title @param {Node[]} content */
  sheet(title, ...content) {
    const cover = h("div.s2a-layer.cover", { role: "dialog", "aria-modal": "true", "aria-label": title });
    const close = this.open(cover);
    cover.append(
      h("div.sheet", {}, h("header", {}, h("h2", {}, title), h("button.btn.ghost.icon", { "aria-label": t("Close"), onclick: close }, icon("close", 16))), ...content),
    );
    focusFirst(cover, "button");
    return close;
  }

  /**
   * @param {string} text
   * @param {{ kind?: string, action?: { label: string, work: () => unknown } | null, seconds?: number, onclose?: () => void }} more
   */
  toast(text, { kind = "", action = null, seconds = 5, onclose = () => {} } = {}) {
    const element = h("div.toast", { class: `toast ${kind}${action ? " offer" : ""}` }, h("span", {}, text));
    const close = () => {
      this.#toasts = this.#toasts.filter((one) => one.element !== element);
      if (!element.isConnected) return;
      element.remove();
      onclose();
    };
    if (action) element.append(h("button.btn.small", { onclick: () => { close(); action.work(); } }, action.label));
    if (kind === "bad") element.append(h("button.btn.small.icon.ghost", { "aria-label": t("Close"), onclick: close }, icon("close", 13)));
    for (const same of [...this.#toasts]) if (same.element.textContent === element.textContent) same.close();
    while (this.#toasts.length >= MOST_TOASTS) this.#toasts[0].close();
    this.#toasts.push({ element, isOffer: action !== null, close });
    this.toasts.append(element);
    setTimeout(close, seconds * 1000 * (kind === "bad" ? 2 : 1));
  }

  /** Offers belong to the scene they were made for. */
  dropOffers() {
    for (const toast of [...this.#toasts]) if (toast.isOffer) toast.close();
  }
}

/** @param {HTMLElement} element @param {string} otherwise what takes the keyboard when nothing asks for it */
function focusFirst(element, otherwise) {
  /** @type {HTMLElement | null} */
  const first = element.querySelector("[autofocus]") ?? element.querySelector(otherwise);
  first?.focus();
}

/** Below its anchor, or above where there is no room. @param {HTMLElement} menu @param {Element} anchor */
function place(menu, anchor) {
  const rect = anchor.getBoundingClientRect();
  menu.style.left = `${Math.min(rect.left, innerWidth - menu.offsetWidth - 8)}px`;
  const below = rect.bottom + 5;
  menu.style.top = `${below + menu.offsetHeight > innerHeight ? Math.max(8, rect.top - menu.offsetHeight - 5) : below}px`;
}

/** Arrows go round. @param {HTMLElement} menu @param {KeyboardEvent} event */
function walk(menu, event) {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (!step) return;
  event.preventDefault();
  /** @type {HTMLElement[]} */
  const buttons = [...menu.querySelectorAll("button:not(:disabled)")].filter((one) => one instanceof HTMLElement);
  const at = buttons.findIndex((one) => one === document.activeElement);
  buttons[(at + step + buttons.length) % buttons.length]?.focus();
}
