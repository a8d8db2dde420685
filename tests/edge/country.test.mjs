// One country: the aircraft over it, those that soon will be, and its counts over time.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { eventually, start } from "./harness.mjs";
import { iso, Snapshots } from "./snapshots.mjs";

const SECONDS = { "1m": 60, "1h": 3_600, "1d": 86_400 };

/** A row in OpenSky's format: an airliner at 250 m/s on a track, received `age` seconds ago. */
function flight(icao24, time, { at, track = 90, velocity = 250, ground = false, age = 0 }) {
  const row = [icao24, null, null, time - age, time - age, ...at, 10_000, ground, velocity, track];
  return [...row, 0, null, 10_000, null, false, 0];
}

describe("a country's flights", () => {
  const time = 1_767_225_600;
  let server;
  before(async () => {
    server = await start({ feed: "push" });
    // Off Les Sables-d'Olonne the coast of France is about 150 km east of 4° west.
    const states = [
      flight("000001", time, { at: [2.5, 47] }),
      flight("000002", time, { at: [2.6, 47.1], ground: true, velocity: 0 }),
      flight("000003", time, { at: [-4, 46.5] }),
      flight("000004", time, { at: [-4, 46.5], age: 60 }),
      flight("000005", time, { at: [-4, 46.5], track: 270 }),
      flight("000006", time, { at: [-4, 46.5], velocity: null }),
      flight("000007", time, { at: [-4, 46.5], ground: true }),
      flight("000008", time, { at: [-40, 46.5] }),
    ];
    await server.feed({ time, states });
  });
  after(() => server.stop());

  it("are those over it now, including those on the ground", async () => {
    const flights = await server.json("/api/countries/FR/flights");
    const latest = await server.json("/api/flights/latest?country=FR");
    assert.deepEqual(flights, latest.map((state) => ({ ...state, enters_in: 0 })));
    assert.equal(flights.length, 2);
    assert.deepEqual(await server.json("/api/countries/fr/flights"), flights);
    assert.deepEqual(await server.json("/api/countries/DE/flights"), []);
  });

  it("include with `within` those predicted to enter, the earliest first", async () => {
    const now = await server.json("/api/countries/FR/flights");
    const soon = await server.json("/api/countries/FR/flights?within=20m");
    assert.deepEqual(soon.slice(0, 2), now);
    assert.deepEqual(soon.slice(2).map(({ icao24 }) => icao24), ["000004", "000003"]);
    const [older, newer] = soon.slice(2);
    assert.equal(newer.enters_in - older.enters_in, 60, "it has flown for a minute already");
    assert.ok(newer.enters_in > 300 && newer.enters_in < 1_200, `${newer.enters_in} s`);
    assert.deepEqual([newer.current_country, newer.load_date], [null, iso(time)]);
    const until = async (text) => server.json(`/api/countries/FR/flights?within=${text}`);
    assert.equal((await until(`${newer.enters_in}s`)).length, 4);
    assert.equal((await until(`${newer.enters_in - 1}s`)).length, 3);
    assert.deepEqual(await until("1s"), now);
    assert.equal((await until("1h")).length, (await until("60m")).length);
  });

  it("are cached for some seconds, and not sent again if not modified", async () => {
    const path = "/api/countries/FR/flights";
    const first = await server.get(path);
    const etag = first.headers.get("etag");
    assert.match(first.headers.get("cache-control"), /max-age=5/);
    assert.equal(first.headers.get("access-control-allow-origin"), "*");
    await first.arrayBuffer();
    const again = await server.get(path, { "if-none-match": etag });
    assert.deepEqual([again.status, await again.text()], [304, ""]);
    for (const other of [`${path}?within=1m`, "/api/countries/DE/flights", "/api/flights/latest"]) {
      const answer = await server.get(other, { "if-none-match": etag });
      assert.equal(answer.status, 200, other);
      await answer.arrayBuffer();
    }
  });

  it("and history refuse invalid requests, naming the bad value", async () => {
    const cases = {
      "QQ/flights": [404, "QQ"],
      "QQ/history": [404, "QQ"],
      "FRA/flights": [400, "FRA"],
      "FR/flights?within=61m": [400, "61m"],
      "FR/flights?within=soon": [400, "soon"],
      "FR/flights?step=1h": [400, "step"],
      "FR/history?step=2h": [400, "2h"],
      "FR/history?from=now": [400, "now"],
      "FR/weather": [404, "weather"],
    };
    for (const [path, [status, named]] of Object.entries(cases)) {
      const answer = await server.get(`/api/countries/${path}`);
      assert.equal(answer.status, status, path);
      assert.match(answer.headers.get("content-type"), /^application\/problem\+json/, path);
      assert.ok((await answer.json()).detail.includes(named), path);
    }
  });
});

describe("a country's history", () => {
  let server;
  const times = [];
  before(async () => {
    server = await start({ feed: "push" });
    // From an evening into the next day: irregular minutes, sometimes two in one.
    let time = 1_767_216_000;
    for (let seed = 1; seed <= 30; seed += 1) {
      time += seed % 5 === 0 ? 20 : 60 * (seed % 37) + 7;
      const snapshot = new Snapshots(seed, 10 + seed * 3, { time }).next();
      await server.feed(snapshot);
      if (seed % 7 === 0) assert.equal((await server.feed(snapshot)).duplicate, true);
      if (seed % 11 === 0) await server.evict("IngestObject");
      times.push(time);
    }
  });
  after(() => server.stop());

  /** Computes the history again from every minute's counts. */
  async function recomputed(step) {
    const steps = new Map();
    for (const time of times) {
      const start = time - (time % SECONDS[step]);
      const counts = await server.json(`/api/countries/${iso(time)}`);
      steps.set(start, [...(steps.get(start) ?? []), counts]);
    }
    return (code) =>
      [...steps].map(([start, snapshots]) => {
        const counted = (snapshot) => snapshot.find(({ iso_a2 }) => iso_a2 === code).count;
        const counts = snapshots.map(counted);
        const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
        return { time: iso(start), min: Math.min(...counts), mean, max: Math.max(...counts) };
      });
  }

  for (const step of Object.keys(SECONDS)) {
    it(`by ${step} equals a count over all minutes`, async () => {
      const expected = await recomputed(step);
      let aircraft = 0;
      for (const code of ["US", "FR", "DE", "CN", "TV"]) {
        const history = await server.json(`/api/countries/${code}/history?step=${step}`);
        assert.deepEqual(history, expected(code), code);
        aircraft += Math.max(...history.map(({ max }) => max));
      }
      assert.ok(aircraft > 10, `${aircraft} aircraft at most: too few to prove anything`);
    });
  }

  it("is by the minute by default, and has the steps from `from` to `to`", async () => {
    const path = "/api/countries/US/history";
    const all = await server.json(path);
    assert.deepEqual(all, await server.json(`${path}?step=1m`));
    const [from, to] = [iso(times[10] + 1), iso(times[20])];
    const some = await server.json(`${path}?from=${from}&to=${to}`);
    const starts = (time) => iso(time - (time % 60));
    const between = all.filter(({ time }) => time >= starts(times[10] + 1) && time <= to);
    assert.deepEqual(some, between);
    assert.ok(some.length > 3);
    assert.deepEqual(await server.json(`${path}?from=${to}&to=${from}`), []);
    const days = await server.json(`${path}?step=1d&to=${iso(times[0])}`);
    assert.deepEqual(days.map(({ time }) => time), ["2025-12-31T00:00:00Z"]);
  });
});

it("hours are kept for 400 days, days for ten years, minutes while they are stored", async () => {
  const server = await start({ feed: "push" });
  try {
    const first = 1_200_000_000;
    const path = `/api/countries/US/history?to=${iso(first + 60)}`;
    const counted = async (step) => (await server.json(`${path}&step=${step}`)).length;
    for (const [days, expected] of [[0, [1, 1, 1]], [401, [1, 0, 1]], [3_661, [1, 0, 0]]]) {
      const time = first + days * 86_400;
      await server.feed({ time, states: [flight("000001", time, { at: [-98.5, 39] })] });
      const counts = [await counted("1m"), await counted("1h"), await counted("1d")];
      assert.deepEqual(counts, expected, `${days} days later`);
    }
  } finally {
    await server.stop();
  }
});

it("the end of the simulation deletes its history", async () => {
  const server = await start({ feed: "simulated" });
  try {
    assert.deepEqual(await server.json("/api/countries/US/history"), []);
    const invented = () => server.json("/api/countries/US/history?step=1h");
    await eventually(async () => (await invented()).length > 0, "a simulated minute");
    const time = 1_767_225_600;
    await server.feed({ time, states: [flight("000001", time, { at: [-98.5, 39] })] });
    for (const step of Object.keys(SECONDS)) {
      const history = await server.json(`/api/countries/US/history?step=${step}`);
      assert.deepEqual(history, [{ time: iso(time), min: 1, mean: 1, max: 1 }], step);
    }
  } finally {
    await server.stop();
  }
});
