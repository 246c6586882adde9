/** A small linter for the page's scripts: what must never be in them, and what must not be left over. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import test from "node:test";

const folder = fileURLToPath(new URL("../../studio/ui/page/", import.meta.url));
const files = readdirSync(folder, { recursive: true })
  .filter((name) => name.endsWith(".mjs"))
  .map((name) => ({ name, path: join(folder, name), text: readFileSync(join(folder, name), "utf8") }));

const complaints = (check) => files.flatMap((file) => check(file).map((what) => `${file.name}: ${what}`));

test("every script parses", () => {
  for (const { path } of files) execFileSync(process.execPath, ["--check", path]);
});

test("user text never becomes markup or code, and nothing comes from outside", () => {
  const forbidden = [/\.innerHTML\b/, /\.outerHTML\b/, /insertAdjacentHTML/, /document\.write/, /\beval\(/, /new Function/, /https?:\/\/(?!www\.w3\.org)/];
  assert.deepEqual(complaints(({ text }) => forbidden.filter((rule) => rule.test(text)).map(String)), []);
});

test("no debugging is left, no var, no loose equality", () => {
  const forbidden = [/\bconsole\./, /\bdebugger\b/, /^\s*var /m, /[^=!]==[^=]/, /!=[^=]/];
  assert.deepEqual(complaints(({ text }) => forbidden.filter((rule) => rule.test(text)).map(String)), []);
});

test("every import is used, and every imported name exists", () => {
  const exported = (path) => new Set([...readFileSync(path, "utf8").matchAll(/^export (?:async )?(?:function|const|class) (\w+)/gm)].map((hit) => hit[1]));
  assert.deepEqual(
    complaints(({ path, text }) =>
      [...text.matchAll(/^import (?:\{([^}]*)\}|\* as (\w+)) from "([^"]+)";/gms)].flatMap(([all, list, star, from]) => {
        const names = star ? [star] : list.split(",").map((name) => name.trim()).filter(Boolean);
        const rest = text.replace(all, "");
        const unused = names.filter((name) => !new RegExp(`\\b${name}\\b`).test(rest));
        const known = exported(resolve(dirname(path), from));
        const missing = star ? [] : names.filter((name) => !known.has(name));
        return [...unused.map((name) => `${name} is not used`), ...missing.map((name) => `${name} is not in ${from}`)];
      }),
    ),
    [],
  );
});

test("every export is used somewhere, or is a way in", () => {
  const waysIn = new Set(["mount", "labelMap", "encode", "crop", "target"]); // those after the first are tested alone
  assert.deepEqual(
    complaints(({ name, text }) =>
      [...text.matchAll(/^export (?:async )?(?:function|const|class) (\w+)/gm)]
        .map((hit) => hit[1])
        .filter((each) => !waysIn.has(each) && !files.some((other) => other.name !== name && new RegExp(`\\b${each}\\b`).test(other.text)))
        .map((each) => `${each} is not used outside`),
    ),
    [],
  );
});

test("scripts open with what they are, and stay short", () => {
  assert.deepEqual(
    complaints(({ text }) => [
      ...(text.startsWith("/** ") ? [] : ["no opening sentence"]),
      ...(text.split("\n").length > 500 ? ["over 500 lines"] : []),
    ]),
    [],
  );
});
