// Hostile values in a snapshot: each costs at most its field, and no answer contains it unchanged.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { eventually, start } from "../harness.mjs";
import { DROPPED, FAULTS, faulty, iso, Snapshots } from "../snapshots.mjs";
import { added, megabytes, MIB } from "./cost.mjs";

/** Characters that a terminal, a log or a page may interpret: controls and direction marks. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const HOSTILE = "\u0000\u001b[31m\r\n\u202e\u2066\u200e\u200f\ufeff\u0085";
const ANSWERS = ["/api/flights/latest", "/api/status", "/metrics", "/api/countries/latest"];

describe("a snapshot of hostile values", () => {
  let server;
  let time = 1_767_225_600;
  before(async () => {
    server = await start({ feed: "push" });
  });
  after(() => server.stop());

  /** Returns every answer about a snapshot; none may contain unprintable characters. */
  async function answers() {
    const texts = {};
    for (const path of ANSWERS) {
      texts[path] = await (await server.get(path)).text();
      // JSON escapes controls, so the parsed values are checked.
      const isText = path === "/metrics";
      const shown = isText ? texts[path].split("\n") : strings(JSON.parse(texts[path]));
      for (const text of shown) assert.doesNotMatch(text, UNPRINTABLE, path);
    }
    return texts;
  }

  it("keeps every aircraft with an address, and counts dropped values", async () => {
    const address = (index) => `0000${index.toString(16).padStart(2, "0")}`;
    const bad = DROPPED.map(([, column, value], index) => faulty(column, value, address(index)));
    const states = [...FAULTS, ...bad, ...bad.map((row) => row.with(0, `f${row[0].slice(1)}`))];
    const receipt = await server.feed({ time: ++time, states });
    assert.deepEqual([receipt.accepted, receipt.rejected_count], [2 * bad.length, FAULTS.length]);
    assert.equal(receipt.dropped.length, DROPPED.length);

    const flights = await server.json("/api/flights/latest");
    for (const [index, [field, , value, served]] of DROPPED.entries()) {
      const flight = flights.find(({ icao24 }) => icao24 === address(index));
      assert.equal(flight[field], served, field);
      const { count, example } = receipt.dropped.find((dropped) => dropped.field === field);
      assert.deepEqual([count, example.row], [2, FAULTS.length + index], field);
      if (typeof value === "string") assert.ok(example.value.startsWith('"'), example.value);
      assert.ok(example.expected.length > 3, field);
    }
    const status = await server.json("/api/status");
    assert.deepEqual(status.dropped, receipt.dropped);
    const { "/metrics": metrics } = await answers();
    for (const [field] of DROPPED) {
      assert.ok(metrics.includes(`\noverflight_fields_dropped{field="${field}"} 2\n`), field);
    }
    // The counts survive an eviction, and are those of the last snapshot only.
    await server.evict("IngestObject");
    assert.deepEqual((await server.json("/api/status")).dropped, receipt.dropped);
    const good = { time: ++time, states: [faulty(10, -118.81)] };
    assert.deepEqual((await server.feed(good)).dropped, []);
    assert.deepEqual((await server.json("/api/status")).dropped, []);
    assert.equal((await server.json("/api/flights/latest"))[0].true_track, 241.19);
    assert.doesNotMatch(await (await server.get("/metrics")).text(), /fields_dropped/);
  });

  it("shows up to 64 printable characters of a text", async () => {
    const long = "é".repeat(100_000);
    const texts = [`Ger${HOSTILE}many`, long, HOSTILE.repeat(10_000), `${HOSTILE}${long}`];
    const named = texts.map((text, index) => faulty(2, text, `00000${index}`));
    const states = [...named, faulty(1, `DLH${"\u001b"}9LF`, "00000a"), faulty(14, long, "00000b")];
    const live = server.live("world");
    await live.frame();
    const receipt = await server.feed({ time: ++time, states });
    assert.deepEqual([receipt.accepted, receipt.rejected_count], [6, 0]);
    const counts = receipt.dropped.map(({ field, count }) => [field, count]);
    assert.deepEqual(counts, [["origin_country", 4], ["callsign", 1], ["squawk", 1]]);
    for (const text of strings(receipt)) {
      assert.doesNotMatch(text, UNPRINTABLE);
      assert.ok(text.length < 80, text);
    }
    const { "/api/flights/latest": body } = await answers();
    const flights = Object.fromEntries(JSON.parse(body).map((one) => [one.icao24, one]));
    const origin = (index) => flights[`00000${index}`].origin_country;
    assert.equal(origin(0), "Ger[31mmany");
    assert.equal(origin(1), "é".repeat(64));
    assert.equal(origin(2), "[31m".repeat(16));
    assert.equal(origin(3), `[31m${"é".repeat(60)}`);
    assert.equal(flights["00000a"].callsign, "DLH9LF");
    const frame = await live.frame();
    for (const text of strings(frame)) assert.doesNotMatch(text, UNPRINTABLE);
    assert.ok(JSON.stringify(frame).length < 10_000);
    live.close();
  });

  it("refuses a body with a huge text with a short message", async () => {
    const huge = "\u007f".repeat(8 * MIB);
    const bodies = [`"${huge}"`, `{"time":${time},"states":"${huge}"}`, `{"${huge}":1}`];
    bodies.push(`{"time":"${huge}","states":[]}`, `["${huge}"]`, `{"now":"${huge}","ac":[]}`);
    for (const body of bodies) {
      const answer = await server.push(body);
      const { detail } = await answer.json();
      assert.equal(answer.status, 400, detail);
      assert.ok(detail.length < 1_100, `${detail.length}`);
      assert.doesNotMatch(detail, UNPRINTABLE);
    }
    assert.equal((await server.get("/api/status")).status, 200);
  });

  it("costs little more memory than its body if names are long", async () => {
    const snapshot = new Snapshots(71, 150, { time: time + 60 }).next();
    await server.feed(snapshot);
    const states = snapshot.states.map((row) => row.with(2, `${row[0]}${"n".repeat(100_000)}`));
    time = snapshot.time + 1;
    const { bytes, result } = await added(server, () => server.feed({ time, states }));
    assert.deepEqual([result.accepted, result.rejected_count], [150, 0]);
    assert.equal(result.dropped[0].count, 150);
    // 150 names make a body of 15 MB; 23 MiB were measured. An object has 128 MB.
    assert.ok(bytes < 100 * MIB, megabytes(bytes));
    const body = await (await server.get(`/api/flights/${iso(time)}`)).text();
    assert.ok(body.length < 150 * 700, `${body.length} characters`);
  });
});

/** Returns all strings in a JSON value, keys included. */
function strings(value) {
  if (typeof value === "string") return [value];
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...strings(inner)]);
}
