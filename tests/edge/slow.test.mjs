// Clients that do not keep up, on a clock that is set forward.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { start } from "./harness.mjs";
import { asSent, expected, Snapshots } from "./snapshots.mjs";

describe("a client that leaves its frames unacknowledged", () => {
  let server;
  let snapshots;
  before(async () => {
    server = await start({ feed: "push", staged: true });
    snapshots = new Snapshots(81, 100);
  });
  after(() => server.stop());

  async function minute() {
    const snapshot = snapshots.next();
    await server.feed(snapshot);
    return snapshot;
  }

  it("is closed with 4008 after two minutes, and others are not", async () => {
    await minute();
    const silent = server.live("world", { ack: false });
    const late = server.live("world", { ack: false });
    const steady = server.live("world");
    for (let sent = 0; sent < 8; sent += 1) {
      for (const live of [silent, late, steady]) await live.frame();
      await minute();
    }
    await steady.frame();
    await server.ahead(60);
    await steady.until((await minute()).time);
    for (const live of [silent, late]) {
      live.send("ping");
      assert.equal(await live.next(), "pong", "one minute is not too long");
    }
    late.acknowledge();
    assert.equal((await late.frame()).base, null);
    await server.ahead(61);
    const last = await minute();
    const { code, reason } = await silent.closed();
    assert.equal(code, 4008);
    assert.match(reason, /acknowledge/);
    for (const live of [late, steady]) {
      await live.until(last.time);
      assert.deepEqual(live.states().map(asSent), expected(last), "a recovered client goes on");
      live.close();
    }
  });
});
