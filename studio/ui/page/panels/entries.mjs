/** Who is in: the browsers that were let in, ending them, and leaving. */

import { fill, h } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { heard, t } from "../words/words.mjs";

/** @import { Entry, Parts } from "../types.mjs" */
/** @import { Child } from "./dom.mjs" */

/** @typedef {Pick<Parts, "bus" | "server">} EntriesParts */

/** The part of the settings; empty where everybody may enter. @param {EntriesParts} parts */
export function entriesPart(parts) {
  const element = h("div.entries", {});
  show(parts, element, parts.server.door(""));
  return element;
}

/** @param {EntriesParts} parts @param {HTMLElement} element @param {ReturnType<Parts["server"]["door"]>} asking */
async function show(parts, element, asking) {
  const answer = await asking;
  if (!answer.ok) parts.bus.emit("refused", new Error(heard(answer.error)));
  else if (answer.lock !== "none") fill(element, ...content(parts, element, answer.entries));
}

/** @param {EntriesParts} parts @param {HTMLElement} element @param {Entry[]} entries @returns {Child[]} */
function content(parts, element, entries) {
  const { server } = parts;
  /** @param {object} which */
  const end = (which) => show(parts, element, server.door("end", which));
  const leave = async () => {
    await server.door("leave", {});
    location.reload();
  };
  const others = entries.filter((one) => !one.own);
  return [
    h("h3", {}, t("Who is in")),
    h("ul", {}, ...entries.map((one) => h("li", {}, described(one), one.own ? h("span.dim", {}, t("this browser")) : endButton(() => end({ id: one.id }))))),
    h(
      "p.row",
      {},
      h("button.btn", { onclick: leave }, t("Log out")),
      others.length ? h("button.btn", { onclick: () => end({}) }, t("Log out all others")) : null,
    ),
  ];
}

/** @param {Entry} entry */
function described({ browser, address, seen }) {
  const last = new Date(seen * 1000).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  return h("span.grow", {}, h("b", {}, program(browser)), ` ${address} `, h("span.dim", { title: browser }, t("last here {time}", { time: last })));
}

/** @param {() => void} work */
function endButton(work) {
  return h("button.btn.small.ghost.icon", { "aria-label": t("End this entry"), onclick: work }, icon("close", 13));
}

/** What a browser's long name begins to say. @param {string} browser */
function program(browser) {
  const known = ["Firefox", "Edg", "OPR", "Chrome", "Safari", "python", "curl"].find((name) => browser.includes(name));
  /** @type {Record<string, string>} */
  const full = { Edg: "Edge", OPR: "Opera", python: "Python" };
  return (known && (full[known] ?? known)) || browser.split("/")[0] || "?";
}
