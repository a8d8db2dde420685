// A minute in every format: the same rows, the headers, and past minutes as frames.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { unpack, unpackMultiple } from "msgpackr";
import { Decoder, initSync } from "../../target/decoder/decoder.js";
import { cells } from "./csv.mjs";
import { start } from "./harness.mjs";
import { iso, Snapshots } from "./snapshots.mjs";

initSync({ module: readFileSync("dist/decoder.wasm") });

const TYPES = {
  json: "application/json; charset=utf-8",
  csv: "text/csv; charset=utf-8; header=present",
  geojson: "application/geo+json",
  msgpack: "application/vnd.msgpack",
  frame: "application/vnd.overflight.frame",
};

describe("the formats", () => {
  let server;
  let minutes;
  before(async () => {
    server = await start({ feed: "push" });
    const snapshots = new Snapshots(23, 900, { time: 1_767_225_480, columns: 18 });
    minutes = Array.from({ length: 4 }, () => snapshots.next());
    // A name that a spreadsheet would compute, and one that CSV must quote.
    for (const [place, name] of ["=1+1", 'Korea, "Republic" of'].entries()) {
      for (const { states } of minutes) states[place][2] = name;
    }
    for (const snapshot of minutes) await server.feed(snapshot);
  });
  after(() => server.stop());

  const bytes = async (path, headers) => {
    const answer = await server.get(path, headers);
    assert.equal(answer.status, 200, path);
    return Buffer.from(await answer.arrayBuffer());
  };

  it("have the same rows, by suffix and by Accept", async () => {
    for (const { time } of minutes) {
      const path = `/api/flights/${iso(time)}`;
      const states = await server.json(path);
      assert.equal(states.length, 900);
      const read = Object.fromEntries(
        await Promise.all(
          Object.entries(TYPES).map(async ([suffix, type]) => {
            const body = await bytes(`${path}.${suffix}`);
            assert.deepEqual(await bytes(path, { accept: type.split(";")[0] }), body, suffix);
            return [suffix, body];
          }),
        ),
      );
      assert.deepEqual(JSON.parse(read.json), states);
      assert.deepEqual(unpack(read.msgpack), states);
      const geojson = JSON.parse(read.geojson);
      assert.deepEqual([geojson.type, geojson.simulated, geojson.time], [
        "FeatureCollection", false, iso(time),
      ]);
      assert.deepEqual(geojson.features.map(({ properties }) => properties), states);
      const places = geojson.features.map(({ geometry }) => geometry?.coordinates ?? null);
      const known = ({ longitude, latitude, geo_altitude }) =>
        longitude === null ? null : [longitude, latitude, geo_altitude].filter((it) => it !== null);
      assert.deepEqual(places, states.map(known));
      const [names, ...lines] = cells(read.csv.toString());
      assert.deepEqual(names, Object.keys(states[0]));
      assert.equal(lines.length, states.length);
      for (const [place, state] of states.entries()) {
        const values = Object.values(state);
        const read = values.map((value, column) => valueOf(lines[place][column], value));
        assert.deepEqual(read, values);
      }
      checkFrame(read.frame, states);
    }
  });

  /** Returns what a cell says, as a value of the type that it must have. */
  function valueOf(cell, like) {
    if (cell === "") return null;
    if (typeof like === "number") return Number(cell);
    if (typeof like === "boolean") return cell === "true";
    return /^'[=+\-@']/.test(cell) ? cell.slice(1) : cell;
  }

  /** Compares a keyframe with the rows: the same aircraft, with what a frame does not round. */
  function checkFrame(frame, states) {
    const decoder = new Decoder();
    decoder.apply("world", frame);
    assert.equal(decoder.count, states.length);
    for (const state of states) {
      const held = JSON.parse(decoder.details(state.icao24));
      for (const name of ["callsign", "squawk", "on_ground", "current_country", "category"]) {
        assert.deepEqual(held[name], state[name], `${state.icao24}: ${name}`);
      }
      assert.equal(held.longitude === null, state.longitude === null, state.icao24);
    }
    decoder.free();
  }

  it("have media types, tags of their own, and say whether traffic is simulated", async () => {
    const path = `/api/flights/${iso(minutes[1].time)}`;
    const tags = new Set();
    for (const [suffix, type] of Object.entries(TYPES)) {
      const answer = await server.get(`${path}.${suffix}`);
      assert.equal(answer.headers.get("content-type"), type);
      assert.equal(answer.headers.get("overflight-simulated"), "false");
      assert.match(answer.headers.get("cache-control"), /immutable/);
      assert.equal(answer.headers.get("vary"), null, "the suffix decides");
      const etag = answer.headers.get("etag");
      tags.add(etag);
      await answer.arrayBuffer();
      const known = await server.get(path, { accept: type, "if-none-match": etag });
      assert.deepEqual([known.status, known.headers.get("vary")], [304, "Accept"], suffix);
      const head = await server.fetch(`${path}.${suffix}`, { method: "HEAD" });
      assert.deepEqual([head.status, head.headers.get("etag"), await head.text()], [200, etag, ""]);
      const latest = await server.get(`/api/flights/latest.${suffix}`);
      assert.doesNotMatch(latest.headers.get("cache-control"), /immutable/);
      await latest.arrayBuffer();
    }
    assert.equal(tags.size, 5);
    const other = await server.get(path, { accept: "image/png" });
    assert.equal(other.headers.get("content-type"), TYPES.json);
    await other.arrayBuffer();
    assert.equal((await server.get("/api/flights/latest.xml")).status, 400);
  });

  it("are filtered alike", async () => {
    const path = (suffix) => `/api/flights/latest.${suffix}?on_ground=true`;
    const states = await server.json(path("json"));
    assert.ok(states.length > 0 && states.every(({ on_ground }) => on_ground));
    assert.deepEqual(unpack(await bytes(path("msgpack"))), states);
    checkFrame(await bytes(path("frame")), states);
  });

  /** Returns the frames of a sequence of MessagePack values. */
  function frames(body) {
    const found = [];
    unpackMultiple(body, (_, begin, end) => found.push(body.subarray(begin, end)));
    return found;
  }

  it("of past minutes are a keyframe and deltas, which lead to each minute", async () => {
    const [first, , third] = minutes;
    const path = `/api/archive/frames?from=${iso(first.time)}&to=${iso(third.time)}`;
    const answer = await server.get(path);
    assert.equal(answer.headers.get("content-type"), TYPES.frame);
    assert.equal(answer.headers.get("overflight-simulated"), "false");
    assert.match(answer.headers.get("cache-control"), /immutable/);
    assert.equal(answer.headers.get("link"), null);
    const etag = answer.headers.get("etag");
    const body = Buffer.from(await answer.arrayBuffer());
    const all = frames(body);
    assert.equal(all.length, 3);
    const decoder = new Decoder();
    for (const [place, frame] of all.entries()) {
      decoder.apply("world", frame);
      assert.deepEqual([decoder.time, decoder.sequence("world")], [minutes[place].time, place + 1]);
      assert.equal(decoder.count, 900);
      assert.ok(place === 0 || frame.length < all[0].length, "a delta is smaller");
    }
    decoder.free();
    assert.ok((await bytes(path)).equals(body), "from the cache too");
    const known = await server.get(path, { "if-none-match": etag });
    assert.deepEqual([known.status, await known.text()], [304, ""]);
    const head = await server.fetch(path, { method: "HEAD" });
    assert.deepEqual([head.headers.get("etag"), await head.text()], [etag, ""]);
    const [keyframe] = frames(await bytes("/api/archive/frames?region=eu-west"));
    const part = new Decoder();
    // Alone, a region counts as much as `world`.
    part.apply("world", keyframe);
    assert.ok(part.count > 0 && part.count < 900, `${part.count} in a region`);
    part.free();
    const open = await server.get(`/api/archive/frames?from=${iso(first.time)}`);
    assert.doesNotMatch(open.headers.get("cache-control"), /immutable/, "a newer one may come");
    assert.equal(frames(Buffer.from(await open.arrayBuffer())).length, 4);
    const every = frames(await bytes(`/api/archive/frames?from=${iso(first.time)}&step=2m`));
    assert.equal(every.length, 2, "two minutes are in one step");
    const none = await server.get("/api/archive/frames?to=2001-01-01T00:00:00Z");
    assert.equal(none.status, 404);
    assert.match((await none.json()).detail, /no minute from .* to 2001-01-01T00:00:00Z/);
  });

  it("of more minutes than an answer has go on at its link", async () => {
    const snapshots = new Snapshots(24, 3, { time: 1_767_229_200, columns: 18 });
    for (let minute = 0; minute < 63; minute += 1) await server.take(snapshots.next());
    let path = "/api/archive/frames?from=2026-01-01T01:00:00Z&to=2026-01-01T02:10:00Z&step=60s";
    const counts = [];
    let last = 0;
    while (path) {
      const answer = await server.get(path);
      const body = Buffer.from(await answer.arrayBuffer());
      const times = frames(body).map((frame) => unpack(frame)[4]);
      assert.ok(times[0] > last, "it begins after the answer before");
      last = times.at(-1);
      counts.push(times.length);
      path = /^<(.*)>; rel="next"$/.exec(answer.headers.get("link"))?.[1];
    }
    assert.deepEqual([counts, last], [[60, 3], snapshots.time]);
  });
});
