// The REST API: filters, refusals that name what is wrong, headers, downloads.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { start } from "./harness.mjs";
import { iso, Snapshots } from "./snapshots.mjs";

describe("the api", () => {
  let server;
  let minutes;
  before(async () => {
    server = await start({ feed: "push" });
    const snapshots = new Snapshots(21, 300, { time: 1_767_225_480, columns: 18 });
    minutes = Array.from({ length: 5 }, () => snapshots.next());
    for (const snapshot of minutes) await server.feed(snapshot);
  });
  after(() => server.stop());

  async function refusal(path, status) {
    const answer = await server.get(path);
    assert.equal(answer.status, status, path);
    assert.match(answer.headers.get("content-type"), /^application\/problem\+json/, path);
    assert.equal(answer.headers.get("access-control-allow-origin"), "*", path);
    const body = await answer.json();
    assert.equal(body.status, status, path);
    return body.detail;
  }

  it("lists dates newest first, within from, to and limit", async () => {
    const all = minutes.map(({ time }) => iso(time)).reverse();
    assert.deepEqual(await server.json("/api/dates"), all);
    assert.deepEqual(await server.json("/api/dates?limit=2"), all.slice(0, 2));
    assert.deepEqual(await server.json(`/api/dates?from=${all[1]}`), all.slice(0, 2));
    assert.deepEqual(await server.json(`/api/dates?to=${all[3]}`), all.slice(3));
    assert.deepEqual(await server.json(`/api/dates?from=${all[3]}&to=${all[1]}&limit=2`), [
      all[1],
      all[2],
    ]);
  });

  it("filters flights by each condition and by all together", async () => {
    const all = await server.json("/api/flights/latest");
    const check = async (query, keep) => {
      const found = await server.json(`/api/flights/latest?${query}`);
      assert.deepEqual(found, all.filter(keep), query);
      return found;
    };
    const inBox = ({ longitude, latitude }) =>
      longitude !== null && longitude >= 0 && longitude <= 20 && latitude >= 40 && latitude <= 60;
    assert.ok((await check("bbox=0,40,20,60", inBox)).length > 0);
    const wraps = ({ longitude }) => longitude !== null && (longitude >= 100 || longitude <= -100);
    assert.ok((await check("bbox=100,-90,-100,90", wraps)).length > 0);
    const dlh = ({ callsign }) => callsign?.startsWith("DLH") ?? false;
    assert.ok((await check("callsign=DLH", dlh)).length > 0);
    await check("on_ground=true", ({ on_ground }) => on_ground);
    await check("on_ground=false", ({ on_ground }) => !on_ground);
    const two = [all[3].icao24, all[7].icao24];
    const listed = ({ icao24 }) => two.includes(icao24);
    assert.equal((await check(`icao24=${two[0]}&icao24=${two[1]}`, listed)).length, 2);
    const countries = await server.json("/api/countries/latest");
    const { iso_a2, name } = countries.find(({ iso_a2, count }) => iso_a2 && count > 0);
    const over = ({ current_country }) => current_country === name;
    await check(`country=${iso_a2}`, over);
    const both = (state) => dlh(state) && inBox(state) && !state.on_ground;
    await check("callsign=DLH&bbox=0,40,20,60&on_ground=false", both);
  });

  it("refuses invalid requests with 400, naming the bad value", async () => {
    const cases = {
      "/api/flights/latest?bbx=1": "bbx",
      "/api/flights/latest?bbox=1,2,3": "1,2,3",
      "/api/flights/latest?bbox=0,91,1,92": "91",
      "/api/flights/latest?country=FRANCE": "FRANCE",
      "/api/flights/latest?icao24=nohex": "nohex",
      "/api/flights/latest?on_ground=maybe": "maybe",
      "/api/flights/yesterday": "yesterday",
      "/api/flights/2026-02-30T00:00:00Z": "2026-02-30",
      "/api/countries/2026-13-01T00:00:00Z": "2026-13",
      "/api/dates?limit=0": "limit",
      "/api/dates?limit=44641": "44641",
      "/api/dates?from=now": "now",
      "/api/regions?x=1": "x",
      "/api/archive/20260101": "20260101",
      "/api/live/world?epoch=1": "sequence",
    };
    for (const [path, named] of Object.entries(cases)) {
      const detail = await refusal(path, 400);
      assert.ok(detail.includes(named), `${path}: ${detail}`);
    }
  });

  it("answers 404 for a date that does not exist, with the nearest ones", async () => {
    const between = iso(minutes[1].time + 7);
    for (const path of ["flights", "countries"]) {
      const detail = await refusal(`/api/${path}/${between}`, 404);
      assert.ok(detail.includes(iso(minutes[1].time)), detail);
      assert.ok(detail.includes(iso(minutes[2].time)), detail);
    }
    const names = await refusal("/api/live/mars", 404);
    for (const name of ["mars", "world", "eu-west", "asia-east"]) assert.ok(names.includes(name));
    await refusal("/api/nothing", 404);
    await refusal("/api/archive/1999-01-01", 404);
    await refusal("/api/archive/2026-01-01/nothing.msgpack", 404);
  });

  it("describes itself to people at /docs, also where there is nothing", async () => {
    const docs = await (await server.get("/docs")).text();
    const { paths } = await server.json("/api/openapi.json");
    for (const path of Object.keys(paths)) assert.ok(docs.includes(`<code>${path}</code>`), path);
    const nothing = await server.get("/nowhere");
    assert.equal(nothing.status, 404);
    assert.match(await nothing.text(), /href="\/docs"/);
    for (const path of ["/api", "/api/nothing"]) assert.match(await refusal(path, 404), /\/docs/);
    for (const path of ["/robots.txt", "/favicon.ico"]) {
      assert.equal((await server.get(path)).status, 200, path);
    }
  });

  it("returns external text as text", async () => {
    const answer = await server.get("/api/flights/%3Cscript%3E");
    assert.equal(answer.status, 400);
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    assert.match(answer.headers.get("content-type"), /json/);
  });

  it("answers HEAD like GET without a body, and OPTIONS with the allowed methods", async () => {
    const paths = ["/api/dates", "/api/flights/latest", "/api/countries", "/api/status"];
    for (const path of [...paths, "/api/regions", "/api/archive"]) {
      const get = await server.get(path);
      const head = await server.fetch(path, { method: "HEAD" });
      assert.equal(head.status, 200, path);
      assert.equal(head.headers.get("content-type"), get.headers.get("content-type"), path);
      assert.equal(get.headers.get("access-control-allow-origin"), "*", path);
      assert.equal(await head.text(), "", path);
      await get.arrayBuffer();
      const options = await server.fetch(path, { method: "OPTIONS" });
      assert.ok([200, 204].includes(options.status), path);
      const allowed = options.headers.get("allow") ?? "";
      assert.match(allowed + options.headers.get("access-control-allow-methods"), /GET/, path);
    }
  });

  it("refuses other methods with 405 and lists the allowed ones", async () => {
    const wrong = [["POST", "/api/dates"], ["QUERY", "/api/dates"], ["GET", "/api/ingest"]];
    for (const [method, path] of wrong) {
      const answer = await server.fetch(path, { method });
      assert.equal(answer.status, 405, path);
      assert.match(answer.headers.get("allow"), method === "GET" ? /POST/ : /GET/, path);
      await answer.arrayBuffer();
    }
  });

  it("gives a past minute a strong ETag and marks it as immutable", async () => {
    const path = `/api/flights/${iso(minutes[0].time)}`;
    const first = await server.get(path);
    const etag = first.headers.get("etag");
    assert.match(etag, /^"[^"]+"$/);
    assert.match(first.headers.get("cache-control"), /immutable/);
    assert.ok((await first.json()).length > 0);
    const again = await server.get(path, { "if-none-match": etag });
    assert.deepEqual([again.status, await again.text()], [304, ""]);
    const listed = await server.get(path, { "if-none-match": `"other", ${etag}` });
    assert.deepEqual([listed.status, await listed.text()], [304, ""]);
    const other = await server.get(path, { "if-none-match": '"other"' });
    assert.equal(other.status, 200);
    assert.deepEqual(await other.json(), await server.json(path));
    const filtered = await server.get(`${path}?on_ground=true`);
    assert.notEqual(filtered.headers.get("etag"), etag, "other bytes have another tag");
    await filtered.arrayBuffer();
    const latest = await server.get("/api/flights/latest");
    assert.doesNotMatch(latest.headers.get("cache-control") ?? "", /immutable/);
    await latest.arrayBuffer();
  });

  it("lists the archive and serves its files, whole, in ranges, and not modified", async () => {
    const days = await server.json("/api/archive");
    assert.deepEqual(days.map(({ day, minutes }) => [day, minutes]), [
      ["2026-01-01", 3],
      ["2025-12-31", 2],
    ]);
    const [file] = await server.json("/api/archive/2026-01-01");
    const path = `/api/archive/2026-01-01/${file.name}`;
    const whole = await server.get(path);
    const bytes = Buffer.from(await whole.arrayBuffer());
    assert.deepEqual([whole.status, bytes.length], [200, file.bytes]);
    assert.equal(whole.headers.get("content-type"), file.content_type);
    assert.equal(whole.headers.get("accept-ranges"), "bytes");
    const etag = whole.headers.get("etag");
    assert.match(etag, /^"[^"]+"$/);
    const size = bytes.length;
    const ranges = {
      "bytes=0-99": [0, 100],
      "bytes=100-": [100, size],
      "bytes=-10": [size - 10, size],
      [`bytes=${size - 1}-${size + 50}`]: [size - 1, size],
    };
    for (const [range, [from, to]] of Object.entries(ranges)) {
      const part = await server.get(path, { range });
      assert.equal(part.status, 206, range);
      const expected = `bytes ${from}-${to - 1}/${size}`;
      assert.equal(part.headers.get("content-range"), expected, range);
      assert.deepEqual(Buffer.from(await part.arrayBuffer()), bytes.subarray(from, to), range);
    }
    const beyond = await server.get(path, { range: `bytes=${size}-` });
    assert.equal(beyond.status, 416);
    assert.equal(beyond.headers.get("content-range"), `bytes */${size}`);
    await beyond.arrayBuffer();
    const known = await server.get(path, { "if-none-match": etag });
    assert.deepEqual([known.status, await known.text()], [304, ""]);
  });

  it("shows status and regions", async () => {
    const status = await server.json("/api/status");
    assert.deepEqual([status.feed, status.simulated, status.state], ["push", false, "ok"]);
    assert.deepEqual([status.minutes, status.latest], [5, iso(minutes.at(-1).time)]);
    assert.equal(status.aircraft, minutes.at(-1).states.length);
    const regions = await server.json("/api/regions");
    assert.equal(regions.length, 25);
    const world = regions.find(({ name }) => name === "world");
    assert.equal(world.aircraft, minutes.at(-1).states.length);
    assert.equal(world.time, status.latest);
    assert.equal(world.sequence, 0, "without clients nothing is coded");
    const placed = minutes.at(-1).states.filter((row) => row[5] !== null && row[6] !== null);
    const shares = regions.filter(({ name }) => name !== "world");
    assert.equal(shares.reduce((sum, { aircraft }) => sum + aircraft, 0), placed.length);
  });

  it("serves the map beside the API", async () => {
    const page = await server.get("/");
    assert.equal(page.status, 200);
    assert.match(page.headers.get("content-type"), /text\/html/);
    assert.match(await page.text(), /<html/i);
  });
});
