/** Talking to the studio: one server function for everything, plain routes for files. */

import { heard, remember, t } from "../words/words.mjs";

class Refused extends Error {
  constructor(answer) {
    super(heard(answer.error));
    this.kind = answer.kind;
    this.answer = answer;
  }
}

export class Server {
  /** @param {(request: object) => Promise<object|undefined>} call the component's server function */
  constructor(call, base) {
    this.call = call;
    this.base = base;
    this.session = null;
    this.isConnected = true;
    this.onconnection = () => {};
  }

  /** The answer, or Refused with the server's sentence; a lost connection is Refused "offline". */
  async ask(action, payload = {}) {
    let answer;
    try {
      answer = await this.call({ action, session: this.session, ...payload });
    } catch {
      answer = undefined;
    }
    if (!answer) await this.#showLogin();
    this.#connected(Boolean(answer));
    return check(answer);
  }

  /** Where a login is asked for again, the page itself shows it. */
  async #showLogin() {
    const response = await fetch(document.baseURI, { method: "HEAD" }).catch(() => null);
    if (response?.status === 401) location.reload();
  }

  /** Like ask, with files as they are instead of as text. */
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
    return check(answer);
  }

  url(reference) {
    return reference ? `${this.base}file/${this.session}/${reference}` : null;
  }

  #connected(isConnected) {
    if (isConnected === this.isConnected) return;
    this.isConnected = isConnected;
    this.onconnection(isConnected);
  }
}

function check(answer) {
  remember(answer ?? {});
  if (answer?.ok) return answer;
  throw new Refused(answer ?? { kind: "offline", error: t("The studio does not answer.") });
}

/** What stood in front of the studio and would not let a request pass. */
async function refusal(response) {
  const error = await response.text();
  return { ok: false, kind: "refused", error, said: JSON.parse(response.headers.get("x-studio-said") ?? "{}") };
}

/** Load a picture completely before it is shown. */
export function loadImage(url) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = () => reject(new Error("picture"));
    image.src = url;
  });
}
