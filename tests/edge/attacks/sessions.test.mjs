// A client cannot affect another client's session, neither by a closed socket nor by leaving it.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { eventually, start } from "../harness.mjs";
import { BYTES } from "../live.mjs";
import { Snapshots } from "../snapshots.mjs";
import { open } from "./raw.mjs";

const ADDRESS = "192.0.2.1";
const protocol = BYTES;

describe("a socket that the region closed", () => {
  let server;
  let snapshots;
  before(async () => {
    // Two sockets per address: a third is accepted only once one of them is gone.
    server = await start({ feed: "push", vars: { SOCKETS_PER_CALLER: "2" } });
    snapshots = new Snapshots(61, 100);
    await server.feed(snapshots.next());
  });
  after(() => server.stop());

  const subscribers = async () => (await server.region("world")).subscribers;

  /** Waits until no client is left, then opens a socket, sends junk and leaves the close
   *  unanswered. */
  async function closed() {
    await eventually(async () => (await subscribers()) === 0, "all have left");
    const raw = await open(server, { protocol, address: ADDRESS });
    raw.send("junk");
    assert.equal(await raw.closed(), 4002);
    return raw;
  }

  /** Waits until the address has room for another socket, and frees it again. */
  async function room() {
    await eventually(async () => {
      const raw = await open(server, { protocol, address: ADDRESS });
      raw.drop();
      return raw.status === 101;
    }, "a socket of the address is gone");
  }

  /** Asserts that the visitor gets the next snapshot. */
  async function isServed(visitor) {
    await server.feed(snapshots.next());
    const { data } = await visitor.next();
    assert.ok(data instanceof Uint8Array, "the next frame");
    visitor.acknowledge(data);
  }

  const ways = {
    "that is dropped": (raw) => raw.drop(),
    "on which more junk is sent": (raw) => {
      for (let count = 0; count < 3; count += 1) raw.send("junk");
      raw.drop();
    },
    "whose close is answered": (raw) => {
      raw.close();
      raw.drop();
    },
  };
  for (const [name, leave] of Object.entries(ways)) {
    for (const sleeps of [false, true]) {
      const when = sleeps ? "across hibernation" : "awake";
      it(`${name} does not affect the next visitor, ${when}`, async () => {
        const thief = await closed();
        if (sleeps) await server.evict("RegionObject", "world");
        const visitor = await open(server, { protocol, address: ADDRESS });
        visitor.acknowledge((await visitor.next()).data);
        if (sleeps) await server.evict("RegionObject", "world");
        leave(thief);
        await room();
        await isServed(visitor);
        visitor.close();
        assert.equal(await visitor.closed() > 0, true);
        visitor.drop();
      });
    }
  }

  it("is counted until it is gone, and no longer", async () => {
    for (let round = 0; round < 10; round += 1) {
      const raw = await closed();
      if (round % 2) raw.close();
      raw.drop();
    }
    await room();
  });

  it("is not revived, and does not break the region, when the region wakes", async () => {
    const thief = await closed();
    const visitor = await open(server, { protocol, address: ADDRESS });
    visitor.acknowledge((await visitor.next()).data);
    for (let round = 0; round < 2; round += 1) {
      assert.ok((await server.evict("RegionObject", "world")) > 0);
      assert.equal(await subscribers(), 1);
      const third = await open(server, { protocol, address: ADDRESS });
      assert.equal(third.status, 429, "the closed one still takes up room");
      await isServed(visitor);
    }
    thief.drop();
    visitor.drop();
  });
});
