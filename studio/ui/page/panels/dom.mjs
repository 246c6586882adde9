/** Small tools for building the page. User text only ever goes in as text, never as markup. */

/**
 * @typedef {Node | string | null | undefined | false} Child
 * @typedef {string | number | boolean | null | undefined} Value
 */
/** @template S @typedef {S extends `${infer Tag}.${string}` ? Tag : S} TagOf */
/** @template S @typedef {TagOf<S> extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[TagOf<S>] : HTMLElement} ElementOf */
/**
 * What an element is made with; a value of null, undefined or false is left out.
 * @typedef {{
 *   style?: Partial<CSSStyleDeclaration> | Record<string, string>,
 *   onclick?: (event: ClickOn) => unknown,
 *   onsubmit?: (event: SubmitEvent) => unknown,
 *   [name: string]: Value | object
 * }} Attributes
 */
/** @typedef {MouseEvent & { currentTarget: HTMLElement }} ClickOn */

/**
 * h("button.primary", {onclick, title}, "Text", child): an element.
 * @template {string} S @param {S} selector @param {Attributes} attributes @param {(Child | Child[])[]} children
 * @returns {ElementOf<S>}
 */
export function h(selector, attributes = {}, ...children) {
  const [tag, ...classes] = selector.split(".");
  const element = document.createElement(tag || "div");
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  append(element, children);
  return /** @type {ElementOf<S>} */ (element);
}

/** @param {HTMLElement} element @param {string} name @param {Value | object} value */
function set(element, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
  else if (name === "style") Object.assign(element.style, value);
  else if (name === "value" || name === "checked" || name === "disabled") Object.assign(element, { [name]: value });
  else element.setAttribute(name, value === true ? "" : String(value));
}

/** @param {Element} element @param {(Child | Child[])[]} children */
function append(element, children) {
  for (const child of children.flat()) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child);
  }
}

/** Replace the children. @template {Element} E @param {E} element @param {(Child | Child[])[]} children */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

/**
 * Set a property only when it differs, so that layout and caret stay where they are.
 * @template {Node} E @template {keyof E} K @param {E} element @param {K} name @param {E[K]} value
 */
export function patch(element, name, value) {
  if (element[name] !== value) element[name] = value;
}

/** @param {Element} element @param {string} attribute @param {unknown} on */
export function toggle(element, attribute, on) {
  const value = String(Boolean(on));
  if (element.getAttribute(attribute) !== value) element.setAttribute(attribute, value);
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * @template {keyof SVGElementTagNameMap} T @param {T} tag @param {Record<string, string | number>} attributes
 * @param {SVGElement[]} children @returns {SVGElementTagNameMap[T]}
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

