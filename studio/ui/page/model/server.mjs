/** Talking to the studio: one server function for everything, plain routes for files. */

import { heard, remember, t } from "../words/words.mjs";

/** @import { AnswerTo, Call, DoorAnswer, Refusal } from "../types.mjs" */

/** What the studio refused, in its own sentence; `kind` "offline" is no answer at all. */
export class Refused extends Error {
  /** @param {Refusal} answer */
  constructor(answer) {
    super(heard(answer.error));
    this.kind = answer.kind;
    this.answer = answer;
  }
}

/** Whether the studio refused for this reason. @param {unknown} error @param {string} kind */
export function isRefusal(error, kind) {
  return error instanceof Refused && error.kind === kind;
}

/** What was caught, as an Error. @param {unknown} error */
export function asError(error) {
  return error instanceof Error ? error : new Error(String(error));
}

export class Server {
  /** @type {string | null} */
  session = null;
  isConnected = true;
  /** @type {(isConnected: boolean) => void} */
  onconnection = () => {};

  /** @param {Call} call the component's server function @param {string} base where our routes begin */
  constructor(call, base) {
    this.call = call;
    this.base = base;
  }

  /**
   * The answer, or Refused with the server's sentence; a lost connection is Refused "offline".
   * @template {string} A @param {A} action @param {object} payload @returns {Promise<AnswerTo<A>>}
   */
  async ask(action, payload = {}) {
    /** @type {object | undefined} */
    let answer;
    try {
      answer = await this.call({ action, session: this.session, ...payload });
    } catch {
      answer = undefined;
    }
    if (!answer) await this.#showLogin();
    this.#heard(answer);
    return /** @type {AnswerTo<A>} */ (check(answer));
  }

  /** Where a login is asked for again, the page itself shows it. */
  async #showLogin() {
    const response = await fetch(document.baseURI, { method: "HEAD" }).catch(() => null);
    if (response?.status === 401) location.reload();
  }

  /**
   * Like ask, with files as they are instead of as text.
   * @template {string} A @param {A} action @param {File[]} files @param {object} payload
   * @returns {Promise<AnswerTo<A>>}
   */
  async send(action, files, payload = {}) {
    const form = new FormData();
    form.append("payload", JSON.stringify({ session: this.session, ...payload }));
    for (const file of files) form.append("files", file, file.webkitRelativePath || file.name);
    let answer;
    try {
      const response = await fetch(`${this.base}send/${action}`, { method: "POST", body: form });
      if (response.status === 401) location.reload();
      const isOurs = response.headers.get("content-type")?.includes("json");
      answer = isOurs ? await response.json() : await refusal(response);
    } catch {
      answer = undefined;
    }
    this.#connected(Boolean(answer));
    return /** @type {AnswerTo<A>} */ (check(answer));
  }

  /**
   * Who is in; with `how` "end" or "leave" that is changed first.
   * @param {"" | "end" | "leave"} how @param {object} which @returns {Promise<DoorAnswer>}
   */
  async door(how, which = {}) {
    const address = new URL(how ? `door/${how}` : "door", this.base);
    try {
      const response = await fetch(address, how ? { method: "POST", body: JSON.stringify(which) } : {});
      if (response.status === 401) location.reload();
      const answer = await response.json();
      remember(answer);
      return answer;
    } catch {
      return { ok: false, error: t("The studio does not answer.") };
    }
  }

  /** Where a file lies that an answer names. @param {string} reference */
  url(reference) {
    return `${this.base}file/${this.session}/${reference}`;
  }

  /** Connected again is who has a session again: what is drawn before that would be lost. @param {object | undefined} answer */
  #heard(answer) {
    const isStranger = answer && "kind" in answer && answer.kind === "expired";
    this.#connected(isStranger ? this.isConnected : Boolean(answer));
  }

  /** @param {boolean} isConnected */
  #connected(isConnected) {
    if (isConnected === this.isConnected) return;
    this.isConnected = isConnected;
    this.onconnection(isConnected);
  }
}

/** @param {object | undefined} answer */
function check(answer) {
  if (answer) remember(answer);
  if (answer && "ok" in answer && answer.ok) return answer;
  throw new Refused(/** @type {Refusal} */ (answer ?? { kind: "offline", error: t("The studio does not answer.") }));
}

/** What stood in front of the studio and would not let a request pass. @param {Response} response @returns {Promise<Refusal>} */
async function refusal(response) {
  const error = await response.text();
  return { ok: false, kind: "refused", error, said: JSON.parse(response.headers.get("x-studio-said") ?? "{}") };
}

/** Load a picture completely before it is shown. @param {string} url @returns {Promise<HTMLImageElement>} */
export function loadImage(url) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = () => reject(new Error("picture"));
    image.src = url;
  });
}
