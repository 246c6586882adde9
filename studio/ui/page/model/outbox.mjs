/** Edits on their way to the server: strictly in order, one in flight, merged where that is safe. */

/**
 * @template E, A
 * @typedef {{ edit: E, promise: Promise<A>, resolve: (answer: A) => void, reject: (error: unknown) => void }} Item
 */

/** @template E an edit @template A the answer to it */
export class Outbox {
  /** @type {Item<E, A>[]} */
  waiting = [];
  /** @type {Item<E, A> | null} */
  inFlight = null;
  /** @type {Set<() => void>} */
  listeners = new Set();
  #holds = 0;

  /**
   * @param {(edit: E) => Promise<A>} send
   * @param {(before: E, after: E) => E | null} merge one edit for two, or null
   */
  constructor(send, merge = () => null) {
    this.send = send;
    this.merge = merge;
  }

  get isIdle() {
    return !this.inFlight && this.waiting.length === 0;
  }

  /** Resolves with the server's answer to this edit (or to the edit it was merged into). @param {E} edit */
  push(edit) {
    const last = this.waiting[this.waiting.length - 1];
    const merged = last && this.merge(last.edit, edit);
    if (merged) {
      last.edit = merged;
      return last.promise;
    }
    /** @type {Pick<Item<E, A>, "resolve" | "reject">} */
    let ends = { resolve: () => {}, reject: () => {} };
    /** @type {Promise<A>} */
    const promise = new Promise((resolve, reject) => (ends = { resolve, reject }));
    this.waiting.push({ edit, promise, ...ends });
    this.#pump();
    return promise;
  }

  /** Resolves when everything pushed so far has arrived. @returns {Promise<void>} */
  settled() {
    if (this.isIdle) return Promise.resolve();
    return new Promise((resolve) => this.listeners.add(resolve));
  }

  /**
   * Nothing sets off while `work` is done, and what was on its way has arrived before: so the
   * server's whole document neither overtakes an edit nor is overtaken.
   * @template T @param {() => Promise<T>} work
   */
  async holding(work) {
    this.#holds++;
    try {
      if (this.inFlight) await this.inFlight.promise.catch(() => {});
      return await work();
    } finally {
      this.#holds--;
      this.#pump();
    }
  }

  async #pump() {
    const item = this.inFlight || this.#holds ? undefined : this.waiting.shift();
    if (!item) return;
    this.inFlight = item;
    try {
      item.resolve(await this.send(item.edit));
    } catch (error) {
      item.reject(error);
    }
    this.inFlight = null;
    if (this.waiting.length) this.#pump();
    else {
      const done = [...this.listeners];
      this.listeners.clear();
      done.forEach((resolve) => resolve());
    }
  }
}
