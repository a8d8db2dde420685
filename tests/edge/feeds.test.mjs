// The feeds that are not pushed: the simulator, and OpenSky and readsb, played by a server here.

import assert from "node:assert/strict";
import { once } from "node:events";
import * as http from "node:http";
import { describe, it } from "node:test";
import { eventually, start } from "./harness.mjs";
import { asSent, expected, iso, Snapshots } from "./snapshots.mjs";

/** Plays opensky-network.org: `answer(request, response)` is called for each pull. */
async function playOpenSky(answer) {
  const requests = [];
  const server = http.createServer((request, response) => {
    requests.push(request.headers["x-original-url"]);
    answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}`;
  return { requests, url, close: () => server.close() };
}

async function withOpenSky(answer, test, vars = {}) {
  const opensky = await playOpenSky(answer);
  const server = await start({ feed: "opensky", outbound: opensky.url, vars });
  try {
    await test(server, opensky);
  } finally {
    await server.stop();
    opensky.close();
  }
}

function snapshot(response, body) {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(body));
}

describe("the simulated feed", () => {
  it("runs by itself, is marked as simulated, and ends with the first real minute", async () => {
    const server = await start({ feed: "simulated" });
    try {
      const status = await server.json("/api/status");
      assert.equal(status.feed, "simulated");
      const live = server.live("world");
      await eventually(async () => (await server.json("/api/status")).minutes > 0, "a minute");
      while (live.picture.size === 0) await live.frame();
      const simulated = await server.json("/api/status");
      assert.deepEqual([simulated.simulated, simulated.state], [true, "ok"]);
      assert.ok(simulated.aircraft > 1_000, `${simulated.aircraft} aircraft`);
      const { epoch } = live;

      // At any age: simulated minutes and real ones are never mixed.
      const real = new Snapshots(61, 50).next();
      assert.equal((await server.feed(real)).accepted, 50);
      assert.deepEqual(await server.json("/api/dates"), [iso(real.time)]);
      await live.until(real.time);
      assert.notEqual(live.epoch, epoch, "a new history starts");
      assert.deepEqual(live.states().map(asSent), expected(real));
      await server.dispatchScheduled();
      const after = await server.json("/api/status");
      assert.deepEqual([after.simulated, after.minutes, after.latest], [false, 1, iso(real.time)]);
      assert.deepEqual((await server.json("/api/archive")).length, 1);
      await server.restart();
      await server.dispatchScheduled();
      assert.deepEqual(await server.json("/api/dates"), [iso(real.time)]);
    } finally {
      await server.stop();
    }
  });
});

describe("the OpenSky feed", () => {
  it("is pulled when the cron fires, and served", async () => {
    const body = new Snapshots(62, 80).next();
    await withOpenSky((_, response) => snapshot(response, body), async (server, opensky) => {
      await server.dispatchScheduled();
      await eventually(async () => (await server.json("/api/dates")).length === 1, "a pull");
      const flights = await server.json("/api/flights/latest");
      assert.equal(flights.length, 80);
      assert.match(opensky.requests[0], /^https:\/\/opensky-network\.org\/api\/states\/all/);
      const status = await server.json("/api/status");
      assert.deepEqual([status.feed, status.state, status.latest], [
        "opensky",
        "ok",
        iso(body.time),
      ]);
      await server.dispatchScheduled();
      await server.dispatchScheduled();
      assert.equal(opensky.requests.length, 1, "the watchdog does not pull before it is due");
    });
  });

  it("waits as long as OpenSky asks, and shows until when", async () => {
    const answer = (_, response) => {
      response.writeHead(429, { "x-rate-limit-retry-after-seconds": "5000" });
      response.end("Too many requests");
    };
    await withOpenSky(answer, async (server, opensky) => {
      const before = Math.floor(Date.now() / 1_000);
      await server.dispatchScheduled();
      const status = await eventually(async () => {
        const status = await server.json("/api/status");
        return status.state === "rate_limited" && status;
      }, "the rate limit");
      const asked = status.retry_at - 5_000;
      const after = Math.ceil(Date.now() / 1_000);
      assert.ok(before <= asked && asked <= after, `${before} <= ${asked} <= ${after}`);
      await server.dispatchScheduled();
      await server.restart();
      await server.dispatchScheduled();
      assert.equal(opensky.requests.length, 1, "a restart does not shorten it");
    });
  });

  for (const [state, status, body] of [
    ["unauthorised", 401, "no"],
    ["unreachable", 503, "<html>try later</html>"],
    ["unreachable", 200, "<html>not a snapshot</html>"],
    ["unreachable", 200, '{"time":1767225600,"states":[['],
  ]) {
    it(`is ${state} when OpenSky answers ${status} ${body}`, async () => {
      const answer = (_, response) => response.writeHead(status).end(body);
      await withOpenSky(answer, async (server) => {
        await server.dispatchScheduled();
        const shown = await eventually(async () => {
          const shown = await server.json("/api/status");
          return shown.state === state && shown;
        }, state);
        assert.ok(shown.detail.length > 5, shown.detail);
        assert.deepEqual(await server.json("/api/dates"), []);
      });
    });
  }
});

describe("OpenSky with an account", () => {
  const vars = { OPENSKY_CLIENT_ID: "me", OPENSKY_CLIENT_SECRET: "a secret of ours" };

  /** Issues tokens 1, 2, …; answers requests whose token `accepts` accepts. */
  const account = (accepts, body, seen) => (request, response) => {
    if (request.headers["x-original-url"].includes("/openid-connect/token")) {
      seen.tokens += 1;
      return snapshot(response, { access_token: `token-${seen.tokens}`, expires_in: 1_800 });
    }
    seen.asked.push(request.headers.authorization);
    if (!accepts(request.headers.authorization)) return response.writeHead(401).end("no");
    response.setHeader("x-rate-limit-remaining", "3996");
    return snapshot(response, body);
  };

  it("logs in, replaces a refused token once, and shows the remaining credits", async () => {
    const seen = { tokens: 0, asked: [] };
    const accepts = (authorization) => authorization === "Bearer token-2";
    await withOpenSky(account(accepts, new Snapshots(63, 40).next(), seen), async (server) => {
      await server.dispatchScheduled();
      await eventually(async () => (await server.json("/api/dates")).length === 1, "a pull");
      assert.deepEqual(seen, { tokens: 2, asked: ["Bearer token-1", "Bearer token-2"] });
      const status = await server.json("/api/status");
      assert.deepEqual([status.state, status.credits, status.retry_at], ["ok", 3_996, null]);
      assert.ok(status.next_pull_at >= status.time, `${status.next_pull_at}`);
    }, vars);
  });

  it("is unauthorised when a new token is refused too, and reveals no secret", async () => {
    const seen = { tokens: 0, asked: [] };
    await withOpenSky(account(() => false, null, seen), async (server) => {
      await server.dispatchScheduled();
      await eventually(async () => {
        const { state } = await server.json("/api/status");
        return state === "unauthorised";
      }, "the refusal");
      assert.equal(seen.tokens, 2);
      const shown = JSON.stringify(await server.json("/api/status")) + server.log;
      for (const secret of ["a secret of ours", "token-1", "token-2"]) {
        assert.ok(!shown.includes(secret), shown);
      }
    }, vars);
  });
});

describe("the readsb feed", () => {
  it("is pulled from FEED_URL and converted from feet and knots", async () => {
    const now = Math.floor(Date.now() / 1_000);
    const aircraft = [
      { hex: "3c6444", flight: "DLH9LF  ", lat: 50, lon: 8.5, alt_baro: 32_000, gs: 450, seen: 1,
        seen_pos: 2 },
      { hex: "~2b1a3c", lat: 50, lon: 8, seen: 1 },
    ];
    const readsb = await playOpenSky((_, response) => snapshot(response, { now, aircraft }));
    const vars = { FEED_URL: "https://receiver.example/data/aircraft.json" };
    const server = await start({ feed: "readsb", outbound: readsb.url, vars });
    try {
      await server.dispatchScheduled();
      await eventually(async () => (await server.json("/api/dates")).length === 1, "a pull");
      const [state, ...others] = await server.json("/api/flights/latest");
      assert.deepEqual(others, []);
      assert.deepEqual(
        [state.callsign, state.baro_altitude, state.velocity, state.time_position],
        ["DLH9LF", 9_753.6, 231.5, now - 2],
      );
      const status = await server.json("/api/status");
      assert.deepEqual([status.feed, status.credits, status.attribution], ["readsb", null, null]);
      assert.equal(readsb.requests[0], vars.FEED_URL);
    } finally {
      await server.stop();
      readsb.close();
    }
  });
});
