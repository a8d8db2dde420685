// Evictions and power cuts: clients do not notice the first, and the second loses no acknowledged
// minute.

import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { describe, it } from "node:test";
import { initSync, Decoder } from "../../target/decoder/decoder.js";
import { start } from "./harness.mjs";
import { BYTES } from "./live.mjs";
import { replayWithPowerCuts } from "./cuts.mjs";
import { asSent, expected, iso, Snapshots } from "./snapshots.mjs";

initSync({ module: fs.readFileSync(new URL("../../dist/decoder.wasm", import.meta.url)) });

/** As which a decoder takes the frames of the one region that it is given. */
const ALONE = "world";
const acknowledge = (live, snapshot) => {
  live.send(JSON.stringify({ ack: snapshot.sequence(ALONE), digest: snapshot.digest(ALONE) }));
};
/** All state objects of a decoder, by the first digits of their addresses. */
const states = (decoder) =>
  [..."0123456789abcdef"].map((digit) => decoder.search(digit, decoder.count));

/** Returns the state that a new client gets. */
async function newcomersSnapshot(server) {
  const live = server.live("eu-west", { protocol: BYTES });
  const snapshot = new Decoder();
  snapshot.apply(ALONE, new Uint8Array(await live.next()));
  acknowledge(live, snapshot);
  live.close();
  await live.closed();
  return snapshot;
}

describe("eviction", () => {
  it("is invisible: sockets stay open, and sequences and states go on", async () => {
    const server = await start({ feed: "push" });
    try {
      const snapshots = new Snapshots(41, 200, { columns: 18 });
      await server.feed(snapshots.next());
      const lives = [server.live("world"), server.live("eu-west"), server.live("us-midwest")];
      const latecomers = [];
      for (const live of lives) await live.frame();
      for (let round = 0; round < 4; round += 1) {
        const { sequence } = lives[0];
        if (round !== 1) assert.ok((await server.evict("RegionObject")) > 0);
        if (round !== 2) assert.equal(await server.evict("IngestObject"), 1);
        const snapshot = snapshots.next();
        await server.feed(snapshot);
        if (round === 3) await server.evict("RegionObject");
        for (const live of lives) assert.equal((await live.frame()).time, snapshot.time);
        assert.equal(lives[0].sequence, sequence + 1);
        assert.deepEqual(lives[0].states().map(asSent), expected(snapshot));
        latecomers.push(server.live("world"));
        await latecomers.at(-1).frame();
        assert.deepEqual(latecomers.at(-1).states(), lives[0].states());
        for (const live of latecomers.slice(0, -1)) await live.until(snapshot.time);
      }
      for (const live of [...lives, ...latecomers]) {
        assert.equal(live.keyframes, 1, "no client needed a second keyframe");
        live.send("ping");
        assert.equal(await live.next(), "pong");
      }
      assert.equal((await server.json("/api/dates")).length, 5);
    } finally {
      await server.stop();
    }
  });

  it("keeps the place of binary clients: their next frame is a delta", async () => {
    const server = await start({ feed: "push" });
    try {
      const snapshots = new Snapshots(44, 200, { columns: 18 });
      await server.feed(snapshots.next());
      const live = server.live("eu-west", { protocol: BYTES });
      const snapshot = new Decoder();
      for (let frames = 0; frames < 6; frames += 1) {
        const frame = new Uint8Array(await live.next());
        const fresh = () => new Decoder().apply(ALONE, frame);
        if (frames > 0) assert.throws(fresh, /applies to/, "a delta");
        snapshot.apply(ALONE, frame);
        acknowledge(live, snapshot);
        const whole = await newcomersSnapshot(server);
        assert.deepEqual(states(snapshot), states(whole));
        assert.equal(await server.evict("RegionObject", "eu-west"), 1);
        await server.feed(snapshots.next());
      }
    } finally {
      await server.stop();
    }
  });

  it("lets a client resume from before it", async () => {
    const server = await start({ feed: "push" });
    try {
      const snapshots = new Snapshots(42, 100);
      await server.feed(snapshots.next());
      const live = server.live("world");
      const { epoch, sequence } = await live.frame();
      live.close();
      const last = [snapshots.next(), snapshots.next()];
      for (const snapshot of last) {
        await server.feed(snapshot);
        await server.evict("RegionObject");
      }
      const back = server.live("world", { query: `?epoch=${epoch}&sequence=${sequence}` });
      Object.assign(back, { picture: live.picture, epoch, sequence });
      await back.until(last[1].time);
      assert.deepEqual([back.keyframes, back.deltas], [1, 0], "JSON resumes by a keyframe");
      assert.deepEqual(back.states().map(asSent), expected(last[1]));
    } finally {
      await server.stop();
    }
  });
});

describe("an orderly restart", () => {
  it("loses nothing, and clients resume across it", async () => {
    const persist = fs.mkdtempSync(path.join(os.tmpdir(), "overflight-edge-"));
    const server = await start({ feed: "push", persist });
    try {
      const snapshots = new Snapshots(43, 100);
      const first = snapshots.next();
      await server.feed(first);
      const live = server.live("world");
      const { epoch, sequence } = await live.until(first.time);
      await server.restart();
      const second = snapshots.next();
      await server.feed(second);
      const back = server.live("world", { query: `?epoch=${epoch}&sequence=${sequence}` });
      Object.assign(back, { picture: live.picture, epoch, sequence });
      await back.until(second.time);
      assert.deepEqual([back.keyframes, back.deltas], [1, 0], "JSON resumes by a keyframe");
      const dates = [iso(second.time), iso(first.time)];
      assert.deepEqual(await server.json("/api/dates"), dates);
    } finally {
      await server.stop();
      fs.rmSync(persist, { recursive: true, force: true });
    }
  });
});

describe("a power cut", () => {
  for (const seed of [51, 52]) {
    it(`during a replay loses no acknowledged minute (seed ${seed})`, async (t) => {
      const server = await start({ feed: "push" });
      try {
        await replayWithPowerCuts(t, server, { seed, cuts: 5 });
      } finally {
        await server.stop();
      }
    });
  }
});
