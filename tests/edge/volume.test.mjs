// A sky several times larger than any that was ever seen goes through unharmed.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { start } from "./harness.mjs";
import { asSent, byAddress, expected, Skies } from "./skies.mjs";

describe("a hundred thousand aircraft", () => {
  it("are taken, served and sent whole, and a minute later again", async (t) => {
    const server = await start({ feed: "push" });
    try {
      const skies = new Skies(71, 100_000, { columns: 18 });
      const first = skies.next();
      const started = performance.now();
      assert.equal((await server.feed(first, { gzip: true })).accepted, 100_000);
      t.diagnostic(`push: ${Math.round(performance.now() - started)} ms`);
      const live = await server.live("world").until(first.time);
      assert.deepEqual(live.states().map(asSent), expected(first));
      const second = skies.next();
      assert.equal((await server.feed(second)).accepted, 100_000);
      await live.until(second.time);
      assert.deepEqual(live.states().map(asSent), expected(second));
      const flights = await server.json("/api/flights/latest");
      assert.deepEqual(flights.map(asSent).sort(byAddress), expected(second));
    } finally {
      await server.stop();
    }
  });
});
