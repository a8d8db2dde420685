// One aircraft over time in every format, each read by a library for it; and the search.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { check as checkGeojson } from "@placemarkio/check-geojson";
import { gpx, kml } from "@tmcw/togeojson";
import { DOMParser } from "@xmldom/xmldom";
import { cells } from "./csv.mjs";
import { start } from "./harness.mjs";
import { faulty, iso } from "./snapshots.mjs";

const START = 1_767_225_480;
const ONE = "3c6444";
const PATH = `/api/aircraft/${ONE}/track`;

/** Returns a minute with one aircraft at a longitude, or without a position, and another one. */
function minute(time, longitude, callsign = "DLH9LF") {
  const row = faulty(3, time - 5, ONE);
  [row[1], row[4], row[5], row[6]] = [callsign, time - 5, longitude, longitude && 50];
  if (longitude === null) row[3] = null;
  const other = faulty(1, "R  Q  N", "a00001");
  return { time, states: longitude === undefined ? [other] : [row, other] };
}

describe("an aircraft's track", () => {
  let server;
  // East over the antimeridian, then nothing for a quarter of an hour, then without a position.
  const places = [[0, 179], [60, 179.5], [120, -179.5], [180, undefined], [1_080, -178]];
  places.push([1_140, null]);
  before(async () => {
    server = await start({ feed: "push" });
    for (const [seconds, longitude] of places) {
      await server.take(minute(START + seconds, longitude));
    }
  });
  after(() => server.stop());

  const text = async (path, type) => {
    const answer = await server.get(path);
    const body = await answer.text();
    assert.equal(answer.status, 200, body);
    if (type) assert.equal(answer.headers.get("content-type"), type);
    assert.equal(answer.headers.get("overflight-simulated"), "false");
    return body;
  };
  const range = `from=${iso(START)}&to=${iso(START + 1_140)}`;

  it("lists its states, oldest first, as JSON and as CSV", async () => {
    const rows = JSON.parse(await text(PATH, "application/json; charset=utf-8"));
    const seen = places.filter(([, longitude]) => longitude !== undefined);
    assert.deepEqual(rows.map(({ load_date }) => load_date), seen.map(([at]) => iso(START + at)));
    assert.deepEqual(rows.map(({ longitude }) => longitude), seen.map(([, east]) => east));
    for (const path of [`${PATH}.csv`, `${PATH}?format=csv`]) {
      const [names, ...lines] = cells(await text(path));
      assert.deepEqual(names, Object.keys(rows[0]));
      assert.deepEqual(lines.map((line) => line.at(-1)), rows.map(({ load_date }) => load_date));
    }
  });

  it("is a line with times, broken at the gap and at the antimeridian", async () => {
    const body = await text(`${PATH}.geojson?${range}`, "application/geo+json");
    const { geometry, properties } = checkGeojson(body);
    assert.equal(geometry.type, "MultiLineString");
    const east = geometry.coordinates.map((line) => line.map(([longitude]) => longitude));
    assert.deepEqual(east, [[179, 179.5, 180], [-180, -179.5], [-178, -178]]);
    assert.deepEqual(properties.coordTimes.map((times) => times.length), [3, 2, 2]);
    assert.equal(properties.coordTimes[1][1], iso(START + 115));
    assert.deepEqual([properties.callsign, properties.simulated], ["DLH9LF", false]);
  });

  it("is GPX and KML, which togeojson reads", async () => {
    const read = { gpx, kml };
    const types = { gpx: "application/gpx+xml", kml: "application/vnd.google-earth.kml+xml" };
    for (const [name, parse] of Object.entries(read)) {
      const body = await text(`${PATH}.${name}`, types[name]);
      const { features } = parse(new DOMParser().parseFromString(body, "text/xml"));
      assert.equal(features.length, 1, body);
      const [{ geometry, properties }] = features;
      assert.deepEqual(longitudes(geometry).slice(0, 3), [179, 179.5, -179.5], name);
      assert.equal(properties.name, "DLH9LF", name);
    }
  });

  it("is a trace of readsb", async () => {
    const trace = JSON.parse(await text(`${PATH}.trace`));
    assert.deepEqual([trace.icao, trace.timestamp], [ONE, START - 5]);
    assert.deepEqual(trace.trace.map(([seconds]) => seconds), [0, 60, 120, 1_080]);
    for (const point of trace.trace) assert.equal(point.length, 14);
    assert.equal(trace.trace[0][8].flight, "DLH9LF  ");
  });

  it("has a tag for each format, is immutable in the past, and may be empty", async () => {
    const tags = new Set();
    for (const format of ["json", "csv", "geojson", "trace", "gpx", "kml"]) {
      const answer = await server.get(`${PATH}.${format}?${range}`);
      tags.add(answer.headers.get("etag"));
      assert.match(answer.headers.get("cache-control"), /immutable/);
      await answer.arrayBuffer();
    }
    assert.equal(tags.size, 6);
    const [etag] = tags;
    const known = await server.get(`${PATH}?${range}`, { "if-none-match": etag });
    assert.deepEqual([known.status, await known.text()], [304, ""]);
    const open = await server.get(PATH);
    assert.doesNotMatch(open.headers.get("cache-control"), /immutable/);
    await open.arrayBuffer();
    assert.deepEqual(await server.json("/api/aircraft/ffffff/track"), []);
    assert.equal((await server.get(`${PATH}?to=2001-01-01T00:00:00Z`)).status, 404);
    assert.equal((await server.get(`${PATH}.xml`)).status, 400);
  });
});

describe("the search", () => {
  it("finds callsigns and addresses of all days, and writes only what changes", async () => {
    const server = await start({ feed: "push" });
    try {
      const find = (term) => server.json(`/api/search?q=${encodeURIComponent(term)}`);
      assert.deepEqual(await find("DLH"), []);
      const at = (place) => START + 60 * place;
      // 23:58 and 23:59, then three minutes of the next day, each with another aircraft present.
      await server.take(minute(at(0), 8));
      await server.take(minute(at(1), 8.1));
      await server.take(minute(at(2), 8.2));
      await server.evict("IngestObject");
      await server.take(minute(at(3), undefined));
      await server.take(minute(at(4), 8.3, "DLH400"));
      const today = (callsign, first, last) => {
        return { icao24: ONE, callsign, first: iso(at(first)), last: iso(at(last)) };
      };
      const all = [today("DLH400", 4, 4), today("DLH9LF", 2, 2), today("DLH9LF", 0, 1)];
      assert.deepEqual(await find("dlh"), all);
      assert.deepEqual(await find(ONE.slice(0, 3)), all);
      assert.deepEqual(await find("DLH40"), all.slice(0, 1));
      const other = { icao24: "a00001", callsign: "R  Q  N" };
      assert.deepEqual(await find("R  Q"), [
        { ...other, first: iso(at(2)), last: iso(at(4)) },
        { ...other, first: iso(at(0)), last: iso(at(1)) },
      ]);
      assert.deepEqual(await find("XYZ"), []);
      // It comes back on the same day: the same row.
      await server.take(minute(at(5), 8.4, "DLH9LF"));
      assert.deepEqual((await find("DLH9LF"))[0], today("DLH9LF", 2, 5));
      for (const term of ["", "ninechars", "ü"]) {
        assert.equal((await server.get(`/api/search?q=${encodeURIComponent(term)}`)).status, 400);
      }
      const head = await server.get("/api/search?q=DLH");
      assert.equal(head.headers.get("overflight-simulated"), "false");
      await head.arrayBuffer();
    } finally {
      await server.stop();
    }
  });

  it("has fifty answers at most", async () => {
    const server = await start({ feed: "push" });
    try {
      const states = Array.from({ length: 80 }, (_, place) => {
        return faulty(1, `TST${place}`, (0xabc000 + place).toString(16));
      });
      await server.take({ time: START, states });
      for (const term of ["TST", "abc"]) {
        assert.equal((await server.json(`/api/search?q=${term}`)).length, 50, term);
      }
    } finally {
      await server.stop();
    }
  });
});

/** Returns the longitudes of all positions of a geometry, in order. */
function longitudes({ geometries, coordinates }) {
  if (geometries) return geometries.flatMap(longitudes);
  const first = (value) => (typeof value[0] === "number" ? [value[0]] : value.flatMap(first));
  return first(coordinates);
}
