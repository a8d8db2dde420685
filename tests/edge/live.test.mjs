// The live sockets: the clients' state equals what was pushed, whichever frames led to it.

import assert from "node:assert/strict";
import { once } from "node:events";
import * as http from "node:http";
import { after, before, describe, it } from "node:test";
import { start } from "./harness.mjs";
import { acknowledgement, BYTES } from "./live.mjs";
import { asSent, byAddress, expected, Snapshots } from "./snapshots.mjs";

const FRIEND = "https://friend.example";

describe("live", () => {
  let server;
  let regions;
  let snapshots;
  before(async () => {
    server = await start({ feed: "push", vars: { ALLOWED_ORIGINS: FRIEND } });
    snapshots = new Snapshots(31, 500, { columns: 18 });
    regions = (await server.json("/api/regions")).map(({ name }) => name);
  });
  after(() => server.stop());

  /** Pushes the next minute. */
  async function minute() {
    const snapshot = snapshots.next();
    await server.feed(snapshot);
    return snapshot;
  }

  /** Requests an upgrade by hand: a WebSocket client does not expose a refusal. */
  async function upgrade(path, headers) {
    const { hostname, port } = new URL(server.url);
    const request = http.request({ hostname, port, path, headers: {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      ...headers,
    } });
    request.end();
    const answered = [once(request, "upgrade"), once(request, "response")];
    const [answer, socket] = await Promise.race(answered);
    if (socket) socket.destroy();
    return Object.assign(answer, { body: socket ? null : (await answer.toArray()).join("") });
  }

  it("sends a new client a keyframe, then deltas", async () => {
    const first = await minute();
    const live = server.live("world");
    const keyframe = await live.frame();
    assert.equal(keyframe.base, null);
    assert.deepEqual(live.states().map(asSent), expected(first));
    for (let count = 0; count < 3; count += 1) {
      const snapshot = await minute();
      const { base, sequence } = await live.frame();
      assert.equal(sequence, base + 1);
      assert.equal(live.time, snapshot.time);
      assert.deepEqual(live.states().map(asSent), expected(snapshot));
    }
    assert.deepEqual([live.keyframes, live.deltas], [1, 3]);
    const latest = await server.json("/api/flights/latest");
    const served = latest.map(({ load_date, ...state }) => state).sort(byAddress);
    assert.deepEqual(live.states(), served, "countries too");
  });

  it("divides the world into regions that together have every positioned aircraft", async () => {
    const lives = regions.map((name) => server.live(name));
    const [first, last] = [await minute(), await minute()];
    assert.ok(first.time < last.time);
    for (const live of lives) await live.until(last.time);
    const shares = lives.filter((_, index) => regions[index] !== "world");
    const union = shares.flatMap((live) => live.states()).sort(byAddress);
    const world = lives[regions.indexOf("world")].states();
    assert.deepEqual(union, world.filter(({ longitude }) => longitude !== null));
    assert.deepEqual(world.map(asSent), expected(last));
    for (const live of lives) live.close();
  });

  it("resumes JSON clients by a keyframe, because only binary frames are logged", async () => {
    const live = server.live("world");
    await live.until((await minute()).time);
    const { epoch, sequence } = live;
    live.close();
    const missed = [await minute(), await minute(), await minute()];
    const back = server.live("world", { query: `?epoch=${epoch}&sequence=${sequence}` });
    Object.assign(back, { picture: live.picture, epoch, sequence });
    const frame = await back.frame();
    assert.deepEqual([frame.base, frame.sequence], [null, sequence + missed.length]);
    assert.deepEqual(back.states().map(asSent), expected(missed.at(-1)));
    const next = await minute();
    assert.equal((await back.frame()).base, frame.sequence);
    assert.deepEqual(back.states().map(asSent), expected(next));
  });

  it("resumes binary clients with the missed frame", async () => {
    const protocol = BYTES;
    const text = server.live("world");
    const { epoch, sequence } = await text.until((await minute()).time);
    const bytes = await server.live("world", { protocol }).opened();
    const { byteLength } = await bytes.next();
    bytes.close();
    await minute();
    const query = `?epoch=${epoch}&sequence=${sequence}`;
    const back = await server.live("world", { protocol, query }).opened();
    const missed = await back.next();
    assert.ok(missed.byteLength < byteLength, "less than a keyframe");
    back.send(acknowledgement(missed));
    back.send("ping");
    assert.equal(await back.next(), "pong", "and nothing else");
  });

  it("sends a client without acknowledgements eight frames, and later a keyframe", async () => {
    await minute();
    const live = server.live("world", { ack: false });
    const frames = [await live.frame()];
    for (let count = 1; count < 8; count += 1) {
      await minute();
      frames.push(await live.frame());
    }
    const { sequence } = live;
    assert.deepEqual([live.keyframes, live.deltas], [1, 7]);
    const unsent = [await minute(), await minute()];
    live.send("ping");
    assert.equal(await live.next(), "pong", "not the ninth");
    live.acknowledge(frames.at(-2));
    live.send("ping");
    assert.equal(await live.next(), "pong", "nor while a frame is unacknowledged");
    live.acknowledge();
    const frame = await live.frame();
    assert.deepEqual([frame.base, frame.sequence], [null, sequence + unsent.length]);
    assert.deepEqual(live.states().map(asSent), expected(unsent.at(-1)));
    const next = await minute();
    assert.equal((await live.frame()).base, frame.sequence);
    assert.deepEqual(live.states().map(asSent), expected(next));
  });

  it("sends an up-to-date client nothing until something changes", async () => {
    const live = server.live("world");
    await live.until((await minute()).time);
    const { epoch, sequence } = live;
    const back = await server
      .live("world", { query: `?epoch=${epoch}&sequence=${sequence}` })
      .opened();
    back.send("ping");
    assert.equal(await back.next(), "pong");
    const snapshot = await minute();
    const frame = JSON.parse(await back.next());
    assert.deepEqual([frame.base, frame.time], [sequence, snapshot.time]);
  });

  it("sends a keyframe to a client with an unknown epoch or sequence", async () => {
    const live = server.live("world");
    await live.until((await minute()).time);
    const { epoch, sequence } = live;
    const other = epoch.startsWith("0") ? `1${epoch.slice(1)}` : `0${epoch.slice(1)}`;
    const places = [[other, sequence], [epoch, sequence + 1], [epoch, 0], [epoch, 2 ** 40]];
    for (const [epoch, sequence] of places) {
      const back = server.live("world", { query: `?epoch=${epoch}&sequence=${sequence}` });
      const frame = await back.frame();
      assert.equal(frame.base, null, `${epoch} ${sequence}`);
      assert.deepEqual(back.states(), live.states());
      back.close();
    }
  });

  it("keeps the sequence when a minute is pushed twice", async () => {
    const snapshot = await minute();
    const live = server.live("world");
    const { sequence } = await live.until(snapshot.time);
    await server.feed(snapshot);
    const next = await minute();
    const frame = await live.frame();
    assert.deepEqual([frame.base, frame.sequence, frame.time], [
      sequence,
      sequence + 1,
      next.time,
    ]);
  });

  it("refuses a subprotocol of another version, and names the known ones", async () => {
    const answer = await upgrade("/api/live/world", { "sec-websocket-protocol": "overflight.v2" });
    assert.equal(answer.statusCode, 400);
    const { detail } = JSON.parse(answer.body);
    assert.match(detail, /"overflight\.v2", expected overflight\.v3 or overflight\.json/);
  });

  it("uses the requested subprotocol", async () => {
    await minute();
    for (const protocol of [BYTES, "overflight.json", null]) {
      const live = await server.live("eu-west", { protocol }).opened();
      assert.equal(live.socket.protocol, protocol ?? "");
      const message = await live.next();
      assert.equal(message instanceof ArrayBuffer, protocol === BYTES, `${protocol}`);
      live.close();
    }
    const both = server.live("eu-west", { protocol: [BYTES, "overflight.json"] });
    await both.opened();
    assert.equal(both.socket.protocol, BYTES);
  });

  it("answers ping, and accepts acknowledgements without an answer", async () => {
    const live = await server.live("world").opened();
    await live.frame();
    live.acknowledge();
    live.send("ping");
    assert.equal(await live.next(), "pong");
  });

  it("closes with 4002 on an unknown message", async () => {
    const unknown = ["hello", "{}", '{"ack":-1}', '{"ack":"1"}', '{"ack":1000000}', "[]"];
    for (const garbage of [...unknown, new Uint8Array(3)]) {
      const live = await server.live("world").opened();
      live.send(garbage);
      assert.equal((await live.closed()).code, 4002, `${garbage}`);
    }
  });

  it("answers a request without an upgrade with 426", async () => {
    const answer = await server.get("/api/live/world");
    assert.equal(answer.status, 426);
    assert.match(answer.headers.get("content-type"), /^application\/problem\+json/);
    assert.match((await answer.json()).detail, /websocket/i);
  });

  it("accepts its own page and listed origins, and answers others with 403", async () => {
    const path = "/api/live/world";
    for (const origin of [undefined, server.url, FRIEND]) {
      const answer = await upgrade(path, origin ? { origin } : {});
      assert.equal(answer.statusCode, 101, `${origin}`);
    }
    const strangers = ["https://evil.example", "null", `${FRIEND}.evil.example`, "friend.example"];
    for (const origin of strangers) {
      assert.equal((await upgrade(path, { origin })).statusCode, 403, origin);
    }
  });

  it("does not compress: frames are compact, and deflate would run per socket", async () => {
    // Miniflare's entrance negotiates by itself, so this bypasses it.
    const bare = await start({ bare: true });
    try {
      const live = await bare.live("world").opened();
      assert.equal(live.socket.extensions, "");
    } finally {
      await bare.stop();
    }
  });
});
