/** What the browser remembers between visits: language, light or dark, tools' settings, who this is. */

const KEEP = "seg2any-studio";

/** A full or forbidden storage is no reason to fail. */
export const memory = {
  /** @param {string} name @returns {any} whatever an earlier visit wrote */
  read(name, storage = localStorage) {
    try {
      return JSON.parse(storage.getItem(`${KEEP}.${name}`) ?? "null");
    } catch {
      return null;
    }
  },
  /** @param {string} name @param {unknown} value */
  write(name, value, storage = localStorage) {
    try {
      storage.setItem(`${KEEP}.${name}`, JSON.stringify(value));
    } catch {
      // private windows have no storage; the project's address still works
    }
  },
};
