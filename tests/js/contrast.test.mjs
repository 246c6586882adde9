/** Every text colour can be read on every ground it may lie on, in light and dark (WCAG AA). */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const css = readFileSync(new URL("../../studio/ui/page/studio.css", import.meta.url), "utf8");

function palette(selector) {
  const block = css.slice(css.indexOf(`${selector} {`)).split("}")[0];
  return Object.fromEntries([...block.matchAll(/--s-([\w-]+): (#[0-9a-f]{6})/g)].map((found) => [found[1], found[2]]));
}

function light(colour) {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
  const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}

for (const selector of [":root", ".dark"]) {
  test(`texts can be read on their grounds: ${selector}`, () => {
    const colours = palette(selector);
    for (const text of ["text", "text2", "text3"]) {
      for (const ground of ["bg0", "bg1", "bg2", "bg3"]) {
        const found = contrast(colours[text], colours[ground]);
        assert.ok(found >= 4.5, `${text} on ${ground}: ${found.toFixed(2)}`);
      }
    }
  });
}
