// A past minute and the live state: one decoder answers for both, compared with a naive count.

import assert from "node:assert/strict";
import { after, before, mock, test } from "node:test";
import { Minute } from "../../target/encoder/encoder.js";
import { Decoder } from "../../target/decoder/decoder.js";
import { Snapshots, asSent, byAddress, expected, iso } from "../../tests/edge/snapshots.mjs";
import { ApiError } from "../app/data/api.ts";
import { PastPicture } from "../app/data/past-picture.ts";
import { Picture } from "../app/data/picture.ts";
import { ingest } from "./decoder.mjs";

const SEED = 20_261_122;
/** The region `world`, whose frames the map reads. */
const WORLD = 0;
const LIMIT = 8;

let snapshot;
let file;
let live;
let past;

before(async () => {
  snapshot = new Snapshots(SEED, 3_000, { columns: 18 }).next();
  file = ingest.archive(new TextEncoder().encode(JSON.stringify(snapshot)));
  const decoder = new Decoder();
  const rows = ingest.region_snapshot(WORLD);
  decoder.apply("world", new Minute(rows, rows).keyframe());
  live = new Picture(decoder);
  past = (await load({})).picture;
});
after(() => mock.restoreAll());

/** Loads the minute from this answer; returns its picture and the requested paths. */
async function load({ status = 200, type = "application/vnd.msgpack", body = file }) {
  const asked = [];
  mock.method(globalThis, "fetch", async (path) => {
    asked.push(path);
    return new Response(body, { status, headers: { "content-type": type } });
  });
  return { picture: await PastPicture.load(iso(snapshot.time)), asked };
}

const ids = (states) => states.map(({ icao24 }) => icao24);

test("a past minute is requested from the archive by its day and second", async () => {
  const { picture, asked } = await load({});
  const [day, time] = iso(snapshot.time).split(/[TZ]/);
  assert.deepEqual(asked, [`/api/archive/${day}/${time.replaceAll(":", "")}.msgpack`]);
  assert.deepEqual([picture.date, picture.time, picture.simulated],
    [iso(snapshot.time), snapshot.time, false]);
  picture.close();
});

test("a past minute is exact: each detail equals what the source sent", () => {
  const states = expected(snapshot);
  assert.equal(past.count, states.length);
  for (const state of states) assert.deepEqual(asSent(past.details(state.icao24)), state);
  assert.equal(past.details("ffffff"), null);
  assert.equal(past.details("no address"), null);
});

test("countries count the rows over them, live and past alike", () => {
  const countries = past.countries();
  const over = Object.groupBy(
    expected(snapshot).map(({ icao24 }) => past.details(icao24)),
    (state) => state.current_country ?? "",
  );
  for (const country of countries) {
    const there = (over[country.name] ?? []).sort(byAddress);
    assert.equal(country.count, there.length, country.name);
    assert.deepEqual(past.over(country), there, country.name);
  }
  assert.ok(countries.filter(({ count }) => count > 0).length > 20, `seed ${SEED}`);
  assert.deepEqual(live.countries(), countries);
  for (const one of countries) assert.deepEqual(ids(live.over(one)), ids(past.over(one)), one.name);
});

test("a search finds whole names, then callsigns, then addresses, live and past alike", () => {
  const states = expected(snapshot);
  const some = states.filter((_, i) => i % 50 === 0);
  const queries = some.flatMap(({ icao24, callsign }) => [
    icao24, icao24.slice(0, 2), callsign ?? "dl", (callsign ?? "n1").slice(0, 4).toLowerCase(),
  ]);
  for (const query of [...queries, " dlh1 ", "r  q", "1", "", "  ", "nobody", "%", "\u0130"]) {
    const found = ids(past.search(query, LIMIT));
    assert.deepEqual(found, search(states, query), `“${query}”, seed ${SEED}`);
    assert.deepEqual(ids(live.search(query, LIMIT)), found, `“${query}”, seed ${SEED}`);
  }
});

test("an answer that is not a minute is refused with the server's message or our own", async () => {
  const fails = async (answer, expected) => {
    await assert.rejects(load(answer), (error) => {
      assert.ok(error instanceof ApiError);
      assert.match(error.message, expected);
      return true;
    });
  };
  await fails({ body: file.subarray(0, file.length / 2) }, /^not an archived minute: /);
  await fails({ body: "" }, /^not an archived minute: /);
  await fails({ type: "text/html" }, /answered text\/html/);
  const body = JSON.stringify({ detail: "no such minute" });
  await fails({ status: 404, type: "application/problem+json", body }, /^no such minute$/);
});

/** Returns the best matches by rank, then by name. */
function search(states, query) {
  const wanted = query.trim().toUpperCase();
  if (wanted === "") return [];
  const rank = ({ icao24, callsign }) => {
    if (callsign === wanted || icao24.toUpperCase() === wanted) return 0;
    if (callsign?.startsWith(wanted)) return 1;
    return icao24.toUpperCase().startsWith(wanted) ? 2 : 3;
  };
  const name = ({ icao24, callsign }) => callsign ?? icao24;
  const ranked = states.filter((state) => rank(state) < 3).sort((a, b) => {
    return rank(a) - rank(b) || (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0);
  });
  return ids(ranked.slice(0, LIMIT));
}
