// Clients that acknowledge falsely, or not at all: each costs a bounded amount.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { eventually, start } from "../harness.mjs";
import { acknowledgement, BYTES } from "../live.mjs";
import { Snapshots } from "../snapshots.mjs";
import { added, megabytes, MIB } from "./cost.mjs";
import { open } from "./raw.mjs";

describe("an acknowledgement", () => {
  let server;
  let snapshots;
  before(async () => {
    server = await start({ feed: "push" });
    snapshots = new Snapshots(64, 100);
    await server.feed(snapshots.next());
    // With a client connected, the second snapshot is coded as a frame.
    const viewer = await server.live("world").opened();
    await viewer.frame();
    await server.feed(snapshots.next());
    await viewer.frame();
    viewer.close();
  });
  after(() => server.stop());

  /** Returns a client with the newest frame's sequence and digest, in either format. */
  async function newest(protocol) {
    const live = await server.live("world", { protocol, ack: false }).opened();
    const frame = await live.next();
    const text = typeof frame === "string";
    const { sequence, digest } = text ? JSON.parse(frame) : read(acknowledgement(frame));
    return { live, sequence, digest };
  }

  const read = (text) => {
    const { ack, digest } = JSON.parse(text);
    return { sequence: ack, digest };
  };

  const lies = {
    "without a digest": ({ sequence }) => ({ ack: sequence }),
    "with a wrong digest": ({ sequence, digest }) => ({ ack: sequence, digest: digest ^ 1 }),
    "of a future frame": ({ sequence, digest }) => ({ ack: sequence + 1, digest }),
    "of an earlier frame, with this one's digest": ({ sequence, digest }) => ({
      ack: sequence - 1,
      digest,
    }),
    "with an extra member": ({ sequence, digest }) => ({ ack: sequence, digest, more: 1 }),
  };
  for (const protocol of [BYTES, "overflight.json"]) {
    for (const [name, lie] of Object.entries(lies)) {
      it(`${name} closes the socket with 4002 (${protocol})`, async () => {
        const { live, ...frame } = await newest(protocol);
        const sent = lie(frame);
        sent.digest = sent.digest === undefined ? undefined : sent.digest >>> 0;
        live.send(JSON.stringify(sent));
        const { code, reason } = await live.closed();
        assert.equal(code, 4002);
        assert.match(reason, /"digest":digest/);
      });
    }

    it(`that is correct gets no answer (${protocol})`, async () => {
      const { live, sequence, digest } = await newest(protocol);
      live.send(JSON.stringify({ ack: sequence, digest }));
      live.send("ping");
      assert.equal(await live.next(), "pong");
    });
  }

  it("has the same digest in both formats, even across hibernation", async () => {
    const before = await newest(BYTES);
    await server.evict("RegionObject", "world");
    const after = await newest("overflight.json");
    assert.equal(after.digest, before.digest);
    for (const { live, sequence, digest } of [before, after]) {
      live.send(JSON.stringify({ ack: sequence, digest }));
      live.send("ping");
      assert.equal(await live.next(), "pong");
    }
  });

  it("of nothing new is tolerated sixteen times, and then closes the socket", async (t) => {
    const { live, sequence, digest } = await newest(BYTES);
    const ack = JSON.stringify({ ack: sequence, digest });
    const { millis } = await added(server, async () => {
      for (let count = 0; count < 20_000; count += 1) live.send(ack);
      assert.equal((await live.closed()).code, 4002);
    });
    t.diagnostic(`${millis} ms`);
  });
});

describe("JSON clients that do not read", () => {
  const AIRCRAFT = 12_000;
  const CLIENTS = 24;
  const FRAMES = 20;

  /**
   * The most a server may grow by while they stay: 32 MiB of text are unacknowledged at most, in
   * two copies for a moment, and the rest is garbage of snapshots; up to 215 MiB were measured.
   * Without a bound it was 450 MiB for four clients that acknowledged without reading.
   */
  const GROWTH_MAX = 400 * MIB;

  it("are bounded together, and do not affect binary clients", async (t) => {
    const server = await start({ feed: "push" });
    try {
      const snapshots = new Snapshots(65, AIRCRAFT, { step: 20 });
      // The first snapshots and the first text grow wasm's memory, which never shrinks.
      for (let warm = 0; warm < 3; warm += 1) await server.feed(snapshots.next(), { gzip: true });
      const reader = server.live("world", { protocol: BYTES });
      const text = server.live("world");
      await text.frame();
      let last = await reader.next();
      const statuses = [];
      const silent = [];
      const { bytes } = await added(server, async () => {
        for (let frame = 0; frame < FRAMES; frame += 1) {
          for (let client = 0; client < CLIENTS / 4; client += 1) {
            const raw = await open(server, { address: `192.0.2.${client}` });
            statuses.push(raw.status);
            silent.push(raw);
          }
          // They acknowledge without reading.
          silent.filter(({ status }) => status === 101).forEach((raw) => {
            raw.send(JSON.stringify({ ack: frame, digest: 0 }));
          });
          reader.send(acknowledgement(last));
          await server.feed(snapshots.next(), { gzip: true });
          last = await reader.next();
          await text.frame();
        }
      });
      t.diagnostic(`${megabytes(bytes)} in ${FRAMES} frames, ${statuses.length} clients`);
      assert.ok(bytes < GROWTH_MAX, megabytes(bytes));
      const refused = statuses.filter((status) => status === 503).length;
      assert.ok(refused > 0 && statuses.length > refused, `${statuses}`);
      const turned = await open(server, { address: "192.0.2.99" });
      assert.equal(turned.status, 503);
      assert.match(turned.head, /retry-after: 60/i);
      for (const raw of silent) raw.drop();
      await eventually(async () => (await open(server)).status === 101, "there is room again");
    } finally {
      await server.stop();
    }
  });
});
