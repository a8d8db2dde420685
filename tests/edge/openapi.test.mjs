// Compares the server with /api/openapi.json: each answer has the described status, type and body,
// and each described answer occurs.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as zlib from "node:zlib";
import Ajv from "ajv/dist/2020.js";
import { AUDIENCE, makeKey, playTeam, sign, TEAM } from "./access.mjs";
import { start } from "./harness.mjs";
import { iso, Snapshots } from "./snapshots.mjs";

// 500 is our own fault; live.test.mjs and others test 101, a socket. 503 needs another
// configuration, and guards.test.mjs tests 429.
const NOT_HERE = ["101", "429", "500", "503"];

describe("the server and its description", () => {
  let server;
  let document;
  let ajv;
  let team;
  let key;
  let minutes;
  const seen = new Set();

  before(async () => {
    key = await makeKey("team-1");
    minutes = [];
    const snapshots = new Snapshots(95, 60, { time: 1_767_225_540, columns: 18 });
    team = await playTeam([key], (_, response) => {
      minutes.push(snapshots.next());
      response.end(JSON.stringify(minutes.at(-1)));
    });
    const vars = { ACCESS_TEAM_DOMAIN: TEAM, ACCESS_AUD: AUDIENCE, FEED_INTERVAL_SECONDS: "86400" };
    server = await start({ feed: "opensky", outbound: team.url, vars });
    document = await server.json("/api/openapi.json");
    // Formats are not asserted, and `strict` does not know OpenAPI's keywords around a schema.
    ajv = new Ajv({ strict: false, allErrors: true }).addSchema(document, "openapi");
  });
  after(async () => {
    await server.stop();
    team.close();
  });

  const resolve = (value) =>
    value?.$ref ? value.$ref.slice(2).split("/").reduce((at, name) => at[name], document) : value;

  /** Returns the template of a URL's operation: literal segments win over parameters. */
  function template(path) {
    const wanted = path.split("?")[0].split("/");
    const fits = (name, index) => name === wanted[index] || name.startsWith("{");
    const found = Object.keys(document.paths).filter((template) => {
      const names = template.split("/");
      return names.length === wanted.length && names.every(fits);
    });
    return found.sort((a, b) => a.split("{").length - b.split("{").length)[0];
  }

  /** Sends a request, and compares the answer with its description. */
  async function check(method, path, status, init = {}) {
    const answer = await server.fetch(path, { method, ...init });
    const text = await answer.text();
    assert.equal(answer.status, status, `${method} ${path}: ${text.slice(0, 300)}`);
    const at = [template(path), method.toLowerCase(), "responses", String(status)];
    const described = resolve(document.paths[at[0]]?.[at[1]]?.responses[at[3]]);
    assert.ok(described, `${method} ${path}: ${status} is not described`);
    seen.add(`${at[1]} ${at[0]} ${status}`);
    for (const name of Object.keys(described.headers ?? {})) {
      assert.ok(answer.headers.get(name), `${method} ${path}: ${status} without ${name}`);
    }
    const type = answer.headers.get("content-type")?.split(";")[0];
    const content = described.content?.[type];
    if (!described.content) return text;
    assert.ok(content, `${method} ${path}: ${status} is ${type}`);
    if (!/json$/.test(type)) return text;
    const validate = ajv.compile(located(content.schema));
    const body = JSON.parse(text);
    assert.ok(validate(body), `${path}: ${JSON.stringify(validate.errors?.slice(0, 3))}`);
    return body;
  }

  /** Returns the schema with its references pointing into the document. */
  function located(schema) {
    return JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi#/'));
  }

  async function token(changes) {
    return { headers: { "cf-access-jwt-assertion": await sign(key, changes) } };
  }

  it("agree on all reads", async () => {
    await check("POST", "/api/admin/pull", 200, await token());
    for (const path of ["/api/dates", "/api/countries", "/api/regions", "/api/status"]) {
      await check("GET", path, 200);
      await check("GET", `${path}?unheard_of=1`, 400);
    }
    for (const path of ["/metrics", "/api/openapi.json", "/api/archive"]) {
      await check("GET", path, 200);
      await check("GET", `${path}?unheard_of=1`, 400);
    }
    const date = iso(minutes[0].time);
    for (const kind of ["flights", "countries"]) {
      for (const when of ["latest", date]) {
        const body = await check("GET", `/api/${kind}/${when}`, 200);
        assert.ok(body.length > 0);
      }
      const { headers } = await server.get(`/api/${kind}/${date}`);
      const known = { headers: { "if-none-match": headers.get("etag") } };
      await check("GET", `/api/${kind}/${date}`, 304, known);
      await check("GET", `/api/${kind}/yesterday`, 400);
      await check("GET", `/api/${kind}/2000-01-01T00:00:00Z`, 404);
    }
    const filters = "bbox=0,40,20,60&country=DE&callsign=D&icao24=abcdef&on_ground=false";
    await check("GET", `/api/flights/latest?${filters}`, 200);
    for (const suffix of ["json", "csv", "geojson", "msgpack", "frame"]) {
      await check("GET", `/api/flights/latest.${suffix}`, 200);
    }
  });

  it("agree on a country", async () => {
    const path = "/api/countries/DE/flights";
    await check("GET", `${path}?within=60m`, 200);
    const { headers } = await server.get(path);
    await check("GET", path, 304, { headers: { "if-none-match": headers.get("etag") } });
    for (const step of ["1m", "1h", "1d"]) {
      await check("GET", `/api/countries/DE/history?step=${step}`, 200);
    }
    for (const kind of ["flights", "history"]) {
      await check("GET", `/api/countries/DEU/${kind}`, 400);
      await check("GET", `/api/countries/QQ/${kind}`, 404);
    }
  });

  it("agree on what reads several minutes", async () => {
    const { icao24 } = (await check("GET", "/api/flights/latest", 200))[0];
    const track = `/api/aircraft/${icao24}/track`;
    for (const path of ["/api/archive/frames", track]) {
      await check("GET", path, 200);
      const { headers } = await server.get(path);
      await check("GET", path, 304, { headers: { "if-none-match": headers.get("etag") } });
      await check("GET", `${path}?from=now`, 400);
      await check("GET", `${path}?to=2000-01-01T00:00:00Z`, 404);
    }
    for (const format of ["json", "csv", "geojson", "trace", "gpx", "kml"]) {
      await check("GET", `${track}.${format}`, 200);
    }
    assert.ok((await check("GET", `/api/search?q=${icao24}`, 200)).length > 0);
    await check("GET", "/api/search?q=", 400);
  });

  it("agree on the archive", async () => {
    const day = iso(minutes[0].time).slice(0, 10);
    const [{ name, etag }] = await check("GET", `/api/archive/${day}`, 200);
    await check("GET", "/api/archive/1999-01-01", 404);
    await check("GET", "/api/archive/19990101", 400);
    const file = `/api/archive/${day}/${name}`;
    await check("GET", file, 200);
    await check("GET", file, 206, { headers: { range: "bytes=0-9" } });
    await check("GET", file, 416, { headers: { range: "bytes=99999999-" } });
    await check("GET", file, 304, { headers: { "if-none-match": `"${etag}"` } });
    await check("GET", `/api/archive/${day}/x`, 404);
    await check("GET", `/api/archive/x/${name}`, 400);
  });

  it("agree on refused sockets", async () => {
    await check("GET", "/api/live/world", 426);
    await check("GET", "/api/live/mars", 404);
    await check("GET", "/api/live/world?epoch=1", 400);
    // Node's fetch cannot set Upgrade; guards.test.mjs tests which origins may open a socket.
    seen.add("get /api/live/{region} 403");
  });

  it("agree on pushes", async () => {
    const push = (body, status, headers = {}) => {
      const authorization = { authorization: "Bearer a token for tests" };
      const init = { body, headers: { ...authorization, ...headers } };
      return check("POST", "/api/ingest", status, init);
    };
    const snapshot = new Snapshots(96, 20, { time: 1_767_230_000 }).next();
    snapshot.states.push(["bad"]);
    const body = JSON.stringify(snapshot);
    assert.equal((await push(body, 200)).rejected_count, 1);
    await push("{", 400);
    await push(body, 401, { authorization: "Bearer wrong" });
    await push(body, 403, { origin: "https://evil.example" });
    await push(JSON.stringify({ ...snapshot, time: snapshot.time - 1 }), 409);
    const large = zlib.gzipSync(Buffer.alloc(17 << 20, " "));
    await push(large, 413, { "content-encoding": "gzip" });
    await push(body, 415, { "content-encoding": "br" });
  });

  it("agree on commands", async () => {
    for (const name of ["pause", "resume", "pull"]) {
      await check("POST", `/api/admin/${name}`, 403);
      await check("POST", `/api/admin/${name}?x=1`, 400);
    }
    const paused = await check("POST", "/api/admin/pause", 200, await token());
    assert.equal(paused.state, "paused");
    await check("POST", "/api/admin/pull", 409, await token());
    await check("POST", "/api/admin/resume", 200, await token());
    await check("POST", "/api/admin/retry-dead", 403);
    await check("POST", "/api/admin/retry-dead?x=1", 400);
    await check("POST", "/api/admin/retry-dead", 200, await token());
    // A pushed feed has nothing to pause: admin.test.mjs.
    seen.add("post /api/admin/pause 409").add("post /api/admin/resume 409");
  });

  it("leave no described answer untested", () => {
    const untried = [];
    for (const [path, item] of Object.entries(document.paths)) {
      for (const [method, { responses }] of Object.entries(item)) {
        for (const status of Object.keys(responses)) {
          const answer = `${method} ${path} ${status}`;
          if (!NOT_HERE.includes(status) && !seen.has(answer)) untried.push(answer);
        }
      }
    }
    assert.deepEqual(untried, []);
  });
});

describe("the metrics", () => {
  it("agree with the status and the regions", async () => {
    const server = await start({ feed: "push" });
    try {
      await server.feed(new Snapshots(97, 30).next());
      const live = server.live("world");
      await live.frame();
      const answer = await server.get("/metrics");
      assert.match(answer.headers.get("content-type"), /^text\/plain; version=0\.0\.4/);
      const text = await answer.text();
      const lines = ["overflight_aircraft 30", "overflight_minutes 1", "overflight_simulated 0"];
      lines.push("overflight_jobs_waiting 0", "overflight_jobs_dead 0");
      lines.push('overflight_feed_state{feed="push",state="ok"} 1');
      lines.push('overflight_region_sequence{region="world"} 1');
      lines.push('overflight_region_subscribers{region="world"} 1');
      for (const line of lines) assert.ok(text.split("\n").includes(line), `${line}\n${text}`);
      const rows = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
      const form = /^[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? -?\d+$/;
      for (const row of rows) assert.match(row, form);
      const age = Number(text.match(/^overflight_age_seconds (\d+)$/m)[1]);
      assert.ok(Math.abs(age - (await server.json("/api/status")).age) < 30);
    } finally {
      await server.stop();
    }
  });
});
