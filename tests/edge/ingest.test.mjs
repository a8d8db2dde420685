// The server returns exactly what was pushed: every column of every aircraft, minute by minute.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as zlib from "node:zlib";
import { start } from "./harness.mjs";
import { asSent, byAddress, expected, FAULTS, iso, Snapshots } from "./snapshots.mjs";

const DECODED_MAX = 16 * 1024 * 1024;

describe("ingest", () => {
  let server;
  before(async () => {
    server = await start({ feed: "push" });
  });
  after(() => server.stop());

  /** Asserts that a minute's flights equal the pushed snapshot. */
  async function assertServed(snapshot) {
    const flights = await server.json(`/api/flights/${iso(snapshot.time)}`);
    assert.deepEqual(flights.map(asSent).sort(byAddress), expected(snapshot));
    for (const { load_date } of flights) assert.equal(load_date, iso(snapshot.time));
    return flights;
  }

  it("serves every minute exactly as it was pushed, with 17 columns and with 18", async () => {
    for (const [seed, columns] of [[11, 17], [12, 18]]) {
      const time = 1_767_225_600 + seed * 10_000;
      const snapshots = new Snapshots(seed, 400, { columns, time });
      const pushed = [snapshots.next(), snapshots.next(), snapshots.next()];
      for (const snapshot of pushed) {
        const answer = await server.feed(snapshot);
        assert.equal(answer.accepted, snapshot.states.length, `seed ${seed}`);
        assert.deepEqual([answer.rejected, answer.rejected_count], [[], 0], `seed ${seed}`);
        assert.equal(answer.duplicate, false);
      }
      for (const snapshot of pushed) await assertServed(snapshot);
      const dates = await server.json("/api/dates?limit=3");
      assert.deepEqual(dates, pushed.map(({ time }) => iso(time)).reverse());
      const latest = await server.json("/api/flights/latest");
      assert.deepEqual(latest.map(asSent).sort(byAddress), expected(pushed.at(-1)));
    }
  });

  it("orders flights by callsign, then by address", async () => {
    const flights = await server.json("/api/flights/latest");
    const key = ({ callsign, icao24 }) => `${(callsign ?? "").padEnd(8)}${icao24}`;
    const named = flights.filter(({ callsign }) => callsign !== null).map(key);
    const nameless = flights.filter(({ callsign }) => callsign === null).map(key);
    assert.deepEqual(named, [...named].sort());
    assert.deepEqual(nameless, [...nameless].sort());
    const order = flights.map(key);
    assert.ok(
      `${order}` === `${[...named, ...nameless]}` || `${order}` === `${[...nameless, ...named]}`,
      "those without a callsign are together",
    );
  });

  it("counts the aircraft over every country", async () => {
    const flights = await server.json("/api/flights/latest");
    const counts = await server.json("/api/countries/latest");
    const countries = await server.json("/api/countries");
    const names = counts.map(({ name }) => name);
    assert.deepEqual(names, countries.map(({ name }) => name));
    assert.deepEqual(names, [...names].sort((a, b) => (a < b ? -1 : 1)));
    assert.ok(names.length > 190, `${names.length} countries`);
    for (const { name, iso_a2, count } of counts) {
      const over = flights.filter(({ current_country }) => current_country === name);
      assert.equal(count, over.length, `${name} ${iso_a2}`);
    }
    const over = flights.filter(({ current_country }) => current_country !== null);
    assert.ok(over.length > 0, "some aircraft are over land");
    assert.equal(counts.reduce((sum, { count }) => sum + count, 0), over.length);
  });

  it("names the country under an aircraft", async () => {
    const states = [];
    const places = [["France", 2.5, 47], ["United States", -98.5, 39], [null, -40, 30]];
    const time = 1_767_400_000;
    for (const [index, [, longitude, latitude]] of places.entries()) {
      const row = [`00000${index}`, null, null, time, time, longitude, latitude, null, false];
      states.push([...row, null, null, null, null, null, null, false, 0]);
    }
    await server.feed({ time, states });
    const flights = await server.json("/api/flights/latest");
    const named = flights.sort(byAddress).map(({ current_country }) => current_country);
    assert.deepEqual(named, places.map(([name]) => name));
  });

  it("leaves out rows without an address, says why, and keeps the others", async () => {
    const snapshots = new Snapshots(13, 50, { time: 1_767_410_000 });
    const snapshot = snapshots.next();
    const withNext = (fault, index) => [fault, ...snapshot.states.slice(index, index + 1)];
    const states = FAULTS.flatMap(withNext);
    states.push(...snapshot.states.slice(FAULTS.length));
    const answer = await server.feed({ time: snapshot.time, states });
    assert.equal(answer.accepted, snapshot.states.length);
    assert.equal(answer.rejected_count, FAULTS.length);
    assert.deepEqual(answer.rejected.map(({ row }) => row), FAULTS.map((_, index) => index * 2));
    for (const { row, reason } of answer.rejected) assert.ok(reason.length > 5, `row ${row}`);
    await assertServed(snapshot);
  });

  it("lists the first hundred bad rows and counts them all", async () => {
    const states = Array(250).fill(["bad"]);
    const answer = await server.feed({ time: 1_767_411_000, states });
    assert.deepEqual([answer.accepted, answer.rejected_count], [0, 250]);
    assert.equal(answer.rejected.length, 100);
  });

  it("keeps the newest of several rows with one address", async () => {
    const time = 1_767_412_000;
    const row = (contact) =>
      ["abc123", "TWICE", "X", contact, contact, 1, 2, 3, false, 4, 5, 6, null, 7, null, false, 0];
    const states = [row(time - 9), row(time - 1), row(time - 5)];
    const answer = await server.feed({ time, states });
    assert.deepEqual([answer.accepted, answer.rejected_count], [1, 2]);
    await assertServed({ time, states: [row(time - 1)] });
  });

  it("accepts a snapshot of no rows, of null, and of one row", async () => {
    for (const [index, states] of [[], null, new Snapshots(14, 1).next().states].entries()) {
      const time = 1_767_413_000 + index;
      const answer = await server.feed({ time, states });
      assert.equal(answer.accepted, states?.length ?? 0);
      await assertServed({ time, states });
      assert.equal((await server.json("/api/dates?limit=1"))[0], iso(time));
    }
  });

  it("accepts gzip", async () => {
    const snapshot = new Snapshots(15, 100, { time: 1_767_414_000 }).next();
    assert.equal((await server.feed(snapshot, { gzip: true })).accepted, 100);
    await assertServed(snapshot);
  });

  it("changes nothing when the same minute is pushed again", async () => {
    const snapshots = new Snapshots(16, 30, { time: 1_767_415_000 });
    const snapshot = snapshots.next();
    await server.feed(snapshot);
    const before = await server.json("/api/dates");
    const again = await server.feed(snapshot);
    assert.equal(again.duplicate, true);
    const other = await server.feed({ ...snapshots.next(), time: snapshot.time });
    assert.equal(other.duplicate, true, "the time decides");
    assert.deepEqual(await server.json("/api/dates"), before);
    await assertServed(snapshot);
  });

  it("refuses a minute older than the newest with 409, naming both", async () => {
    const time = 1_767_416_000;
    await server.feed({ time, states: [] });
    const before = await server.json("/api/dates");
    const answer = await server.push({ time: time - 1, states: [] });
    assert.equal(answer.status, 409);
    const { detail } = await problem(answer);
    assert.match(detail, new RegExp(`${iso(time)}|${time}`));
    assert.deepEqual(await server.json("/api/dates"), before);
  });

  it("refuses a minute far ahead of the clock with 409 and the difference", async () => {
    const before = await server.json("/api/dates");
    const time = Math.floor(Date.now() / 1_000) + 3_600;
    const answer = await server.push({ time, states: [] });
    assert.equal(answer.status, 409);
    const { detail } = await problem(answer);
    assert.match(detail, new RegExp(`${iso(time)}, \\d+ s ahead`));
    assert.deepEqual(await server.json("/api/dates"), before);
  });

  it("refuses a missing or wrong token with 401, whatever the body", async () => {
    for (const token of [null, "", "wrong", "a token for testz", "a token for test"]) {
      const answer = await server.push("{", { token });
      assert.equal(answer.status, 401, JSON.stringify(token));
      await problem(answer);
    }
    const basic = { authorization: "Basic YTpi" };
    assert.equal((await server.push("{", { token: null, headers: basic })).status, 401);
  });

  it("refuses a body that is not a snapshot with 400 and the reason", async () => {
    const before = await server.json("/api/dates");
    const time = 1_767_417_000;
    const bodies = ["", "{", "null", "[1,2]", "hello", { time }, { states: [] }];
    bodies.push({ time: "now", states: [] }, { time, states: {} });
    bodies.push({ time: time * 1_000, states: [] });
    bodies.push(new Uint8Array([0xff, 0xfe, 0x00]), `${JSON.stringify({ time, states: [] })}x`);
    for (const body of bodies) {
      const answer = await server.push(body);
      assert.equal(answer.status, 400, JSON.stringify(body));
      const { detail } = await problem(answer);
      assert.ok(detail.length > 5, detail);
    }
    const broken = zlib.gzipSync("{}").subarray(0, 10);
    const headers = { "content-encoding": "gzip" };
    assert.equal((await server.push(broken, { headers })).status, 400, "half a gzip");
    assert.equal((await server.push("{}", { headers })).status, 400, "no gzip at all");
    assert.deepEqual(await server.json("/api/dates"), before);
  });

  it("refuses an unknown content encoding", async () => {
    const answer = await server.push("{}", { headers: { "content-encoding": "br" } });
    assert.ok([400, 415].includes(answer.status), `${answer.status}`);
    assert.match((await problem(answer)).detail, /br/);
  });

  it("accepts 16 MiB and refuses a byte more with 413, compressed or not", async () => {
    const snapshot = JSON.stringify({ time: 1_767_418_000, states: [] });
    const fits = snapshot.padEnd(DECODED_MAX);
    assert.equal((await server.feed(fits)).accepted, 0);
    for (const gzip of [false, true]) {
      const answer = await server.push(`${fits} `, { gzip });
      assert.equal(answer.status, 413, `gzip ${gzip}`);
      await problem(answer);
    }
  });

  it("refuses a gzip bomb without decompressing all of it", async () => {
    const bomb = zlib.gzipSync(Buffer.alloc(1 << 28, 0x20));
    const answer = await server.push(bomb, { headers: { "content-encoding": "gzip" } });
    assert.equal(answer.status, 413);
    await problem(answer);
    assert.equal((await server.get("/api/status")).status, 200);
  });
});

/** Returns the body of a refusal, which must be problem+json and reveal nothing internal. */
async function problem(answer) {
  assert.match(answer.headers.get("content-type"), /^application\/problem\+json/);
  const body = await answer.json();
  assert.equal(body.status, answer.status);
  for (const key of ["type", "title", "detail"]) assert.equal(typeof body[key], "string", key);
  assert.doesNotMatch(JSON.stringify(body), /\.rs:|panicked|wasm|stack/);
  return body;
}
