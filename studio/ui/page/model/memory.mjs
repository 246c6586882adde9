/** What the browser remembers between visits: language, light or dark, tools' settings, who this is. */

const KEEP = "seg2any-studio";

/** A full or forbidden storage is no reason to fail. */
export const memory = {
  read(name, storage = localStorage) {
    try {
      return JSON.parse(storage.getItem(`${KEEP}.${name}`));
    } catch {
      return null;
    }
  },
  write(name, value, storage = localStorage) {
    try {
      storage.setItem(`${KEEP}.${name}`, JSON.stringify(value));
    } catch {
      // private windows have no storage; the project's address still works
    }
  },
};
