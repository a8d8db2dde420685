// The folders of the page's program are layered, like the modules of the crate.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";

const APP = "client/app";
/** A file uses only its own folder and those before it; a file in no folder uses all of them. */
const ORDER = ["page", "data", "map", "panels"];

const floor = (file) => {
  const folder = dirname(file);
  return folder === APP ? ORDER.length : ORDER.indexOf(basename(folder));
};

test("a file imports only from its own folder and from those below it", () => {
  const files = globSync(`${APP}/**/*.ts`);
  assert.ok(files.length > 30, `${files.length} files`);
  const faults = files.flatMap((file) => {
    const text = readFileSync(file, "utf8");
    const imported = [...text.matchAll(/ from "(\.[^"]+\.ts)"/g)].map(([, path]) => {
      return join(dirname(file), path);
    });
    const unknown = floor(file) < 0 ? [`${file}: ORDER does not name its folder`] : [];
    const above = imported.filter((path) => floor(path) > floor(file));
    return [...unknown, ...above.map((path) => `${file} imports ${path}`)];
  });
  assert.deepEqual(faults, []);
});
