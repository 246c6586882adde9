/** Small tools for building the page. User text only ever goes in as text, never as markup. */

/** h("button.primary", {onclick, title}, "Text", child): an element. */
export function h(selector, attributes = {}, ...children) {
  const [tag, ...classes] = selector.split(".");
  const element = document.createElement(tag || "div");
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  append(element, children);
  return element;
}

function set(element, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "style") Object.assign(element.style, value);
  else if (name === "value" || name === "checked" || name === "disabled") element[name] = value;
  else element.setAttribute(name, value === true ? "" : value);
}

function append(element, children) {
  for (const child of children.flat()) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child);
  }
}

/** Replace the children. */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

/** Set a property only when it differs, so that layout and caret stay where they are. */
export function patch(element, name, value) {
  if (element[name] !== value) element[name] = value;
}

export function toggle(element, attribute, on) {
  const value = String(Boolean(on));
  if (element.getAttribute(attribute) !== value) element.setAttribute(attribute, value);
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Run `work` after `pause` ms of silence; `.now()` runs it at once when it is waiting. */
export function debounce(work, pause) {
  let timer = 0;
  let last = null;
  const run = () => {
    timer = 0;
    const values = last;
    last = null;
    work(...values);
  };
  const waiting = (...values) => {
    last = values;
    clearTimeout(timer);
    timer = setTimeout(run, pause);
  };
  waiting.now = () => {
    if (!timer) return;
    clearTimeout(timer);
    run();
  };
  return waiting;
}

export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** A signal: on(name, listener) and emit(name, value). */
export class Signals {
  #listeners = new Map();

  on(names, listener) {
    for (const name of names.split(" ")) {
      if (!this.#listeners.has(name)) this.#listeners.set(name, new Set());
      this.#listeners.get(name).add(listener);
    }
  }

  emit(name, value) {
    for (const listener of this.#listeners.get(name) ?? []) listener(value);
  }
}
