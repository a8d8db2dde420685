// KV caches the boundaries: whatever it does, countries are named by this build's boundaries.

import assert from "node:assert/strict";
import * as fs from "node:fs";
import { after, before, describe, it } from "node:test";
import { start } from "./harness.mjs";

const BUILT = new URL("../../dist/boundaries.bin", import.meta.url);
const ANOTHER_WORLD = new URL("../../fuzz/seeds/boundaries/square", import.meta.url);

/** FNV-1a, 64 bits. */
function fingerprint(bytes) {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return hash.toString(16).padStart(16, "0");
}

let time = 1_767_225_600;

/** Pushes an aircraft over France and one over the sea; returns where the boundaries came from. */
async function named(server) {
  time += 60;
  const states = [[2.5, 47], [-40, 30]].map(([longitude, latitude], index) => {
    const row = [`00000${index}`, null, null, time, time, longitude, latitude, null, false];
    return [...row, null, null, null, null, null, null, false, 0];
  });
  await server.feed({ time, states });
  const flights = await server.json("/api/flights/latest");
  const countries = flights.map(({ current_country }) => current_country);
  assert.deepEqual(countries, ["France", null]);
  return (await server.json("/api/status")).boundaries;
}

describe("the boundaries", () => {
  let server;
  before(async () => {
    server = await start({ feed: "push" });
  });
  after(() => server.stop());

  it("come from the asset first, and from KV afterwards, by their own fingerprint", async () => {
    assert.equal((await server.json("/api/status")).boundaries, null);
    assert.deepEqual(await server.cached(), []);
    assert.equal(await named(server), "asset");
    const key = `boundaries/${fingerprint(fs.readFileSync(BUILT))}`;
    assert.deepEqual(await server.cached(), [key]);
    await server.restart();
    assert.equal(await named(server), "kv");
  });

  for (const [what, bytes] of [
    ["an HTML page", Buffer.from("<html>502</html>")],
    ["one zero byte", Buffer.of(0)],
    ["truncated boundaries", fs.readFileSync(BUILT).subarray(0, 5_000)],
    ["other boundaries", fs.readFileSync(ANOTHER_WORLD)],
  ]) {
    it(`come from the asset if KV holds ${what}, and KV is repaired`, async () => {
      await server.cached(bytes);
      await server.restart();
      assert.equal(await named(server), "asset");
      await server.restart();
      assert.equal(await named(server), "kv");
    });
  }
});

for (const way of ["hangs", "fails"]) {
  it(`the boundaries come from the asset if KV ${way}`, async () => {
    const server = await start({ feed: "push", staged: true, vars: { STAGED_KV: way } });
    try {
      assert.equal(await named(server), "asset");
      assert.deepEqual(await server.cached(), []);
    } finally {
      await server.stop();
    }
  });
}
