// The files of the protocol: the build serves them; PROTOCOL.md gives their sizes and checksums.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const page = readFileSync(join(root, "PROTOCOL.md"), "utf8");
const version = /^- `overflight\.v(\d+)`/m.exec(page)[1];
const rows = [...page.matchAll(/^\| ([\w.]+) \| ([\d,]+) \| `([0-9a-f]{64})` \|$/gm)];

test("PROTOCOL.md names five files, their folder and the version", () => {
  assert.deepEqual(rows.map((row) => row[1]),
    ["fine.bin", "display.bin", "shared.bin", "airlines.txt", "blocks.tsv"]);
  assert.ok(page.includes(`/protocol/v${version}/`));
});

for (const [, name, bytes, checksum] of rows) {
  test(`the page's size and checksum of ${name} are those of the source and of the build`, () => {
    const folder = name === "blocks.tsv" ? "src/aircraft" : "src/wire/codec";
    const source = readFileSync(join(root, folder, name));
    assert.equal(source.length, Number(bytes.replaceAll(",", "")));
    assert.equal(createHash("sha256").update(source).digest("hex"), checksum);
    const built = join(root, `dist/protocol/v${version}/${name}`);
    assert.ok(existsSync(built), `${built} is missing: make build`);
    assert.deepEqual(readFileSync(built), source);
  });
}
