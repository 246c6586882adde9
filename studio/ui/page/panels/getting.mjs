/** Published models that are not here: what each is, its licence, and getting it. */

import { fill, h, patch } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { asError } from "../model/server.mjs";
import { heard, t } from "../words/words.mjs";

/** @import { Action, Parts } from "../types.mjs" */
/** @import { GettingAnswers, ModelsAnswer, PublishedModel } from "../getting_types.mjs" */

/** @typedef {Pick<Parts, "above" | "server">} GettingParts */

const SOON = 500; // ms between looks while something is on its way
const KINDS = ["base", "part", "adapters", "segmenter", "finder", "captioner", "features", "agreement"];

/** Rows stay while they are looked at, so that what is being typed into one is not lost. */
export class Getting {
  /** @type {Map<string, Row>} */
  #rows = new Map();
  #free = h("p.dim");
  #list = h("div.found");
  element = h("div.getting", {}, this.#free, this.#list);

  /** @param {GettingParts} parts @param {() => unknown} onArrival when a model has come */
  constructor(parts, onArrival) {
    this.parts = parts;
    this.onArrival = onArrival;
  }

  /** Look, and go on looking until nothing is on its way or the drawer is closed. */
  async start() {
    const answer = await this.ask("models", {});
    if (answer?.active) this.#watch();
    return answer;
  }

  /**
   * @template {keyof GettingAnswers} A @param {A} action @param {Record<string, string>} fields
   * @returns {Promise<ModelsAnswer | null>} null where it was refused, which is shown
   */
  async ask(action, fields) {
    try {
      const answer = await this.parts.server.ask(/** @type {Action} */ (action), fields);
      return this.#show(/** @type {ModelsAnswer} */ (answer));
    } catch (error) {
      this.parts.above.toast(asError(error).message, { kind: "bad" });
      return null;
    }
  }

  /** @param {string} name */
  async get(name) {
    await this.ask("get_model", { name });
    this.#watch();
  }

  #isWatching = false;
  #again = false; // something was asked for while an answer from before it was on its way

  async #watch() {
    this.#again = true;
    if (this.#isWatching) return;
    this.#isWatching = true;
    for (let active = true; active || this.#again; ) {
      this.#again = false;
      await new Promise((resolve) => setTimeout(resolve, SOON));
      if (!this.element.isConnected) break;
      active = Boolean((await this.ask("models", {}))?.active);
    }
    this.#isWatching = false;
  }

  /** @param {ModelsAnswer} answer */
  #show(answer) {
    patch(this.#free, "textContent", t("{a} free on this disk", { a: bytes(answer.free) }));
    let hasNew = false;
    for (const model of answer.models) {
      const known = this.#rows.get(model.name);
      if (known && model.state === "done" && known.model.state !== "done") hasNew = true;
      const row = known ?? new Row(this, model);
      this.#rows.set(model.name, row);
      row.update(model, answer);
    }
    if (!this.#list.childElementCount) fill(this.#list, ...this.#grouped(answer.models));
    if (hasNew) this.onArrival();
    return answer;
  }

  /** @param {PublishedModel[]} models */
  #grouped(models) {
    return KINDS.flatMap((kind) => {
      const own = models.filter((model) => model.kind === kind && !model.ready);
      return own.length ? [h("h4", {}, nameOf(kind)), ...own.flatMap((model) => this.#rows.get(model.name)?.element ?? [])] : [];
    });
  }
}

class Row {
  /** @param {Getting} getting @param {PublishedModel} model */
  constructor(getting, model) {
    this.model = model;
    this.getting = getting;
    this.facts = h("small.dim");
    this.button = h("button.btn.small", { onclick: () => this.#press() });
    this.bar = h("progress", { max: "1", "aria-label": t("Download of {name}", { name: model.name }) });
    this.far = h("small", { role: "status" });
    this.trouble = h("p.trouble");
    this.where = h("span.row");
    this.token = this.#tokenForm();
    const copy = h("button.btn.small.ghost.icon", { title: t("Copy the command that gets it"), "aria-label": t("Copy the command that gets it"), onclick: () => this.#copy() }, icon("copy", 13));
    this.element = h("div", { "data-model": model.name }, h("div.row", {}, h("b", {}, model.name), h("span.grow"), copy, this.button), this.facts, this.bar, this.far, this.trouble, this.token);
  }

  /** @param {PublishedModel} model @param {ModelsAnswer} answer */
  update(model, answer) {
    this.model = model;
    const isOn = model.state === "running" || model.state === "waiting";
    const gated = model.gated ? ` · ${t("gated")}` : "";
    patch(this.facts, "textContent", `${gigabytes(model.gigabytes)} · ${model.licence}${gated}`);
    fill(this.button, ...face(model));
    patch(this.button, "disabled", model.state === "done");
    this.bar.hidden = !isOn && model.state !== "paused";
    patch(this.bar, "value", model.total ? model.done / model.total : 0);
    const far = howFar(model);
    this.far.hidden = !far;
    patch(this.far, "textContent", far);
    this.trouble.hidden = !model.error;
    patch(this.trouble, "textContent", model.error ? heard(model.error) : "");
    const wasHidden = this.token.hidden;
    this.token.hidden = !model.wants_token || model.state !== "failed";
    if (wasHidden && !this.token.hidden) this.links(model.page, answer.tokens_page);
  }

  /** @param {string} page @param {string} tokens */
  links(page, tokens) {
    fill(this.where, away(page, t("1. Accept its terms")), away(tokens, t("2. Make a token")));
  }

  #press() {
    const { name, state } = this.model;
    if (state === "running" || state === "waiting") this.getting.ask("pause_model", { name });
    else this.getting.get(name);
  }

  /** The hub library checks and keeps the token; the page forgets it at once. */
  #tokenForm() {
    const field = h("input", { type: "password", autocomplete: "off", placeholder: "hf_…", "aria-label": t("Token of the hub") });
    const send = async (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      const token = field.value.trim();
      field.value = "";
      if (token && (await this.getting.ask("give_token", { token }))) this.getting.get(this.model.name);
    };
    return h("form.token", { onsubmit: send }, this.where, h("div.row", {}, field, h("button.btn.small", { type: "submit" }, t("3. Give it once"))));
  }

  async #copy() {
    const command = `python -m studio get ${this.model.name}`;
    const { above } = this.getting.parts;
    try {
      await navigator.clipboard.writeText(command);
      above.toast(t("Copied."), { kind: "good" });
    } catch {
      above.sheet(this.model.name, h("pre", { style: { userSelect: "text" } }, command));
    }
  }
}

/** What the button says. @param {PublishedModel} model */
function face({ state }) {
  if (state === "done") return [icon("check", 13), t("Here")];
  if (state === "running" || state === "waiting") return [icon("pause", 13), t("Pause")];
  if (state === "paused") return [icon("download", 13), t("Go on")];
  return [icon("download", 13), state === "failed" ? t("Try again") : t("Download")];
}

/** @param {PublishedModel} model */
function howFar({ state, phase, done, total, seconds_left: left }) {
  if (state === "waiting") return t("Waits for the other download");
  const share = t("{a} of {b}", { a: bytes(done), b: bytes(total) });
  if (state === "paused") return t("{share}, paused", { share });
  if (state !== "running") return "";
  if (phase === "look") return t("Asking the hub…");
  if (phase === "verify") return t("{share}, verifying", { share });
  return left === null ? share : t("{share}, {time} left", { share, time: clock(left) });
}

/** @param {string} kind */
function nameOf(kind) {
  /** @type {Record<string, string>} */
  const names = {
    base: t("Bases, to render with"),
    part: t("Parts for a FLUX in one file"),
    adapters: t("Seg2Any adapters"),
    segmenter: t("Segmenters, for clicks"),
    finder: t("Finding by word"),
    captioner: t("Captions"),
    features: t("Comparing regions"),
    agreement: t("Judging words against pixels"),
  };
  return names[kind] ?? kind;
}

/** @param {string} address @param {string} text */
function away(address, text) {
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, text);
}

/** As the hub and disks count them. @param {number} count */
function bytes(count) {
  return count >= 1e9 ? `${(count / 1e9).toFixed(1)} GB` : `${(count / 1e6).toFixed(count < 1e7 ? 1 : 0)} MB`;
}

/** @param {number} count */
function gigabytes(count) {
  return bytes(count * 1e9);
}

/** @param {number} seconds */
function clock(seconds) {
  if (seconds < 60) return t("{n} s", { n: Math.max(1, Math.round(seconds)) });
  if (seconds < 5400) return t("{n} min", { n: Math.round(seconds / 60) });
  return t("{n} h", { n: (seconds / 3600).toFixed(1) });
}
