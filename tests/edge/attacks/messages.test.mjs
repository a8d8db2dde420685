// A message longer than any of the protocol's is refused unread.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { start } from "../harness.mjs";
import { Snapshots } from "../snapshots.mjs";
import { added, megabytes, MIB } from "./cost.mjs";

/** The platform closes at 32 MiB by itself. */
const SIZES = [4 * MIB, 31 * MIB];

const MESSAGES = {
  "an ack of zeros": (size) => `{"ack":[${"0,".repeat((size - 16) / 2)}0]}`,
  "digits": (size) => `{"ack":${"1".repeat(size - 8)}}`,
  "nested arrays": (size) => "[".repeat(size),
  "bytes": (size) => new Uint8Array(size),
};

/**
 * The most a server may grow by. The runtime copies a message a few times before the region sees
 * it, and frees the copies later: 72 MiB were measured for all of these messages. Copied into
 * wasm and parsed they took 811 MiB permanently.
 */
const GROWTH_MAX = 300 * MIB;

describe("a long message", () => {
  it("closes its socket with 4002, and leaves no memory behind", async (t) => {
    const server = await start({ feed: "push" });
    try {
      const snapshots = new Snapshots(62, 100);
      await server.feed(snapshots.next());
      const reader = server.live("world");
      await reader.frame();
      const { bytes } = await added(server, async () => {
        for (const size of SIZES) {
          for (const [name, message] of Object.entries(MESSAGES)) {
            const text = message(size);
            const one = await added(server, async () => {
              const live = await server.live("world", { ack: false }).opened();
              live.send(text);
              assert.equal((await live.closed()).code, 4002, `${name}, ${size} bytes`);
            });
            t.diagnostic(`${name}, ${megabytes(size)}: ${megabytes(one.bytes)}, ${one.millis} ms`);
          }
        }
      });
      t.diagnostic(`${megabytes(bytes)} in all`);
      assert.ok(bytes < GROWTH_MAX, megabytes(bytes));
      await reader.until((await server.feed(snapshots.next()), snapshots.time));
    } finally {
      await server.stop();
    }
  });

  it("is long from 65 characters on", async () => {
    const server = await start({ feed: "push" });
    try {
      await server.feed(new Snapshots(63, 20).next());
      const live = server.live("world", { ack: false });
      const { sequence, digest } = await live.frame();
      const text = JSON.stringify({ ack: sequence, digest });
      live.send(text.padEnd(64));
      live.send("ping");
      assert.equal(await live.next(), "pong");
      live.send(text.padEnd(65));
      assert.equal((await live.closed()).code, 4002);
    } finally {
      await server.stop();
    }
  });
});
