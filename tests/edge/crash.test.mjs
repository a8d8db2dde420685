// Objects that are put out of memory, and power cuts: nobody notices the first, and the second
// loses no minute that was acknowledged.

import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { initSync, Sky } from "../../target/decoder/decoder.js";
import { start } from "./harness.mjs";
import { random } from "../../client/test/random.mjs";
import { asSent, byAddress, expected, iso, Skies } from "./skies.mjs";

initSync({ module: fs.readFileSync(new URL("../../dist/decoder.wasm", import.meta.url)) });

/** What one who connects now is sent. */
async function newcomersSky(server) {
  const live = server.live("eu-west", { protocol: "overflight.v1" });
  const sky = new Sky();
  sky.apply(new Uint8Array(await live.next()));
  live.send(JSON.stringify({ ack: sky.sequence }));
  live.close();
  await live.closed();
  return sky;
}

describe("eviction", () => {
  it("is invisible: sockets stay open, and sequences and skies go on", async () => {
    const server = await start({ feed: "push" });
    try {
      const skies = new Skies(41, 200, { columns: 18 });
      await server.feed(skies.next());
      const lives = [server.live("world"), server.live("eu-west"), server.live("us-midwest")];
      const latecomers = [];
      for (const live of lives) await live.frame();
      for (let round = 0; round < 4; round += 1) {
        const { sequence } = lives[0];
        if (round !== 1) assert.ok((await server.evict("RegionObject")) > 0);
        if (round !== 2) assert.equal(await server.evict("IngestObject"), 1);
        const sky = skies.next();
        await server.feed(sky);
        if (round === 3) await server.evict("RegionObject");
        for (const live of lives) assert.equal((await live.frame()).time, sky.time);
        assert.equal(lives[0].sequence, sequence + 1);
        assert.deepEqual(lives[0].states().map(asSent), expected(sky));
        latecomers.push(server.live("world"));
        await latecomers.at(-1).frame();
        assert.deepEqual(latecomers.at(-1).states(), lives[0].states());
        for (const live of latecomers.slice(0, -1)) await live.until(sky.time);
      }
      for (const live of [...lives, ...latecomers]) {
        assert.equal(live.keyframes, 1, "no one had to start afresh");
        live.send("ping");
        assert.equal(await live.next(), "pong");
      }
      assert.equal((await server.json("/api/dates")).length, 5);
    } finally {
      await server.stop();
    }
  });

  it("leaves readers of bytes where they are: the next frame is a delta", async () => {
    const server = await start({ feed: "push" });
    try {
      const skies = new Skies(44, 200, { columns: 18 });
      await server.feed(skies.next());
      const live = server.live("eu-west", { protocol: "overflight.v1" });
      const sky = new Sky();
      for (let frames = 0; frames < 6; frames += 1) {
        const frame = new Uint8Array(await live.next());
        if (frames > 0) assert.throws(() => new Sky().apply(frame), /applies to/, "a delta");
        sky.apply(frame);
        live.send(JSON.stringify({ ack: sky.sequence }));
        const whole = await newcomersSky(server);
        assert.deepEqual([...sky.rows()], [...whole.rows()]);
        assert.equal(await server.evict("RegionObject", "eu-west"), 1);
        await server.feed(skies.next());
      }
    } finally {
      await server.stop();
    }
  });

  it("lets a client resume from before it", async () => {
    const server = await start({ feed: "push" });
    try {
      const skies = new Skies(42, 100);
      await server.feed(skies.next());
      const live = server.live("world");
      const { epoch, sequence } = await live.frame();
      live.close();
      const last = [skies.next(), skies.next()];
      for (const sky of last) {
        await server.feed(sky);
        await server.evict("RegionObject");
      }
      const back = server.live("world", { query: `?epoch=${epoch}&sequence=${sequence}` });
      Object.assign(back, { picture: live.picture, epoch, sequence });
      await back.until(last[1].time);
      assert.deepEqual([back.keyframes, back.deltas], [1, 0], "text is resumed by a keyframe");
      assert.deepEqual(back.states().map(asSent), expected(last[1]));
    } finally {
      await server.stop();
    }
  });
});

describe("an orderly restart", () => {
  it("finds everything again, and clients resume across it", async () => {
    const persist = fs.mkdtempSync(path.join(os.tmpdir(), "overflight-edge-"));
    const server = await start({ feed: "push", persist });
    try {
      const skies = new Skies(43, 100);
      const first = skies.next();
      await server.feed(first);
      const live = server.live("world");
      const { epoch, sequence } = await live.until(first.time);
      await server.restart();
      const second = skies.next();
      await server.feed(second);
      const back = server.live("world", { query: `?epoch=${epoch}&sequence=${sequence}` });
      Object.assign(back, { picture: live.picture, epoch, sequence });
      await back.until(second.time);
      assert.deepEqual([back.keyframes, back.deltas], [1, 0], "text is resumed by a keyframe");
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
    it(`in the midst of a replay loses no acknowledged minute (seed ${seed})`, async (t) => {
      const server = await start({ feed: "push" });
      try {
        await replayWithPowerCuts(t, server, seed);
      } finally {
        await server.stop();
      }
    });
  }
});

async function replayWithPowerCuts(t, server, seed) {
  const chance = random(seed);
  const skies = new Skies(seed, 300, { columns: 18 });
  const acknowledged = [];
  // How long a push takes here and now: cuts fall within its length, and after it.
  const first = skies.next();
  await server.feed(first);
  const again = performance.now();
  acknowledged.push(first, skies.next());
  await server.feed(acknowledged[1]);
  const millis = performance.now() - again;
  for (let cut = 0; cut < 5; cut += 1) {
    for (let minutes = Math.floor(chance() * 3); minutes > 0; minutes -= 1) {
      const sky = skies.next();
      await server.feed(sky);
      acknowledged.push(sky);
    }
    // The cut comes at a random moment of the next push, or just after its answer.
    const sky = skies.next();
    const pushed = server.take(sky).then(
      () => true,
      () => false,
    );
    await delay(chance() * 3 * millis);
    await server.kill();
    const answered = await pushed;
    t.diagnostic(`cut ${cut}: ${answered ? "acknowledged" : "not acknowledged"}`);
    await server.restart();
    const dates = await server.json("/api/dates");
    if (answered) acknowledged.push(sky);
    for (const { time } of acknowledged) assert.ok(dates.includes(iso(time)), iso(time));
    // A sender that got no answer sends again; the minute counts once, however often it came.
    if (!answered) {
      await server.feed(sky);
      acknowledged.push(sky);
    }
    const world = await server.live("world").until(sky.time);
    assert.deepEqual(world.states().map(asSent), expected(sky));
    world.close();
  }
  const times = acknowledged.map(({ time }) => iso(time)).reverse();
  assert.deepEqual(await server.json("/api/dates"), times);
  for (const sky of acknowledged) {
    const flights = await server.json(`/api/flights/${iso(sky.time)}`);
    assert.deepEqual(flights.map(asSent).sort(byAddress), expected(sky), iso(sky.time));
  }
  await assertCountedOnce(server, acknowledged);
  const last = acknowledged.at(-1);
  const regions = await server.json("/api/regions");
  const shares = [];
  for (const { name } of regions.filter(({ name }) => name !== "world")) {
    const live = await server.live(name).until(last.time);
    shares.push(...live.states().map(asSent));
    live.close();
  }
  const placed = expected(last).filter(({ longitude }) => longitude !== null);
  assert.deepEqual(shares.sort(byAddress), placed);
}

/** The day's tally has each minute in it, and none twice. */
async function assertCountedOnce(server, skies) {
  const counts = [];
  for (const { time } of skies) {
    const countries = await server.json(`/api/countries/${iso(time)}`);
    counts.push(countries.find(({ iso_a2 }) => iso_a2 === "US").count);
  }
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const day = { time: "2026-01-01T00:00:00Z", min: Math.min(...counts), mean };
  const history = await server.json("/api/countries/US/history?step=1d");
  assert.deepEqual(history, [{ ...day, max: Math.max(...counts) }]);
}
