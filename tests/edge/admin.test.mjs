// Commands: only callers admitted by Cloudflare Access may send them, and they take effect.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { AUDIENCE, makeKey, playTeam, sign, TEAM } from "./access.mjs";
import { eventually, start } from "./harness.mjs";
import { iso, Snapshots } from "./snapshots.mjs";

const HEADER = "cf-access-jwt-assertion";
const OF_FEEDS = ["pause", "resume", "pull"];
const COMMANDS = [...OF_FEEDS, "retry-dead"];
const VARS = { ACCESS_TEAM_DOMAIN: TEAM, ACCESS_AUD: AUDIENCE };

/** Sends a command; `token: null` sends no token. */
async function command(server, name, token = null, headers = {}) {
  const shown = token === null ? {} : { [HEADER]: token };
  const init = { method: "POST", headers: { ...headers, ...shown } };
  const answer = await server.fetch(`/api/admin/${name}`, init);
  return { status: answer.status, headers: answer.headers, body: await answer.json() };
}

describe("the admin without a team", () => {
  for (const vars of [{}, { ACCESS_AUD: AUDIENCE }, { ACCESS_TEAM_DOMAIN: TEAM }]) {
    it(`refuses every command (${Object.keys(vars).join() || "nothing is set"})`, async () => {
      const server = await start({ feed: "push", vars });
      try {
        const token = await sign(await makeKey("a"));
        for (const name of COMMANDS) {
          for (const shown of [null, "", "a.b.c", token]) {
            const { status, body } = await command(server, name, shown);
            assert.equal(status, 403, name);
            assert.match(body.detail, /ACCESS_TEAM_DOMAIN and ACCESS_AUD/);
          }
        }
      } finally {
        await server.stop();
      }
    });
  }

  it("names the wrong variable", async () => {
    const vars = { ...VARS, ACCESS_TEAM_DOMAIN: `https://${TEAM}` };
    const server = await start({ feed: "push", vars });
    try {
      const { status, body } = await command(server, "pause");
      assert.equal(status, 503);
      assert.match(body.detail, /ACCESS_TEAM_DOMAIN is "https/);
    } finally {
      await server.stop();
    }
  });
});

describe("the admin", () => {
  const snapshots = new Snapshots(91, 40);
  let feed;
  let team;
  let key;
  let server;
  let pulls = 0;
  before(async () => {
    key = await makeKey("team-1");
    feed = (_, response) => response.end(JSON.stringify(snapshots.next()));
    team = await playTeam([key], (request, response) => {
      pulls += 1;
      feed(request, response);
    });
    const vars = { ...VARS, FEED_INTERVAL_SECONDS: "86400" };
    server = await start({ feed: "opensky", outbound: team.url, vars });
    await server.dispatchScheduled();
    await eventually(() => pulls === 1, "the first pull");
  });
  after(async () => {
    await server.stop();
    team.close();
  });

  const as = async (changes) => sign(key, changes);

  it("refuses anything but a token of the team, with the reason", async () => {
    const now = Math.floor(Date.now() / 1_000);
    const stranger = await makeKey("team-1");
    const good = await as();
    const cases = [
      [null, /expected the header/],
      ["nonsense", /three parts/],
      [await as({ header: { alg: "none" } }), /alg is "none"/],
      [await as({ header: { alg: "HS256" } }), /alg is "HS256"/],
      [`${good.slice(0, good.lastIndexOf("."))}.`, /signature is wrong/],
      [await sign(stranger), /signature is wrong/],
      [await as({ header: { kid: "x" } }), /kid is "x"/],
      [await as({ claims: { iss: "https://other.example" } }), /iss is "https:..other/],
      [await as({ claims: { aud: ["another"] } }), /aud is another/],
      [await as({ claims: { exp: now - 61 } }), /expired/],
      [await as({ claims: { nbf: now + 600 } }), /begins at/],
    ];
    for (const name of COMMANDS) {
      for (const [token, reason] of cases) {
        const { status, headers, body } = await command(server, name, token);
        assert.equal(status, 403, `${reason}`);
        assert.match(headers.get("content-type"), /^application\/problem\+json/);
        assert.match(body.detail, reason);
      }
    }
    assert.equal((await server.json("/api/status")).state, "ok");
    assert.equal(pulls, 1);
  });

  it("requests the team's keys once for any number of made-up key ids", async () => {
    for (let name = 0; name < 5; name += 1) {
      const { status } = await command(server, "pause", await as({ header: { kid: `${name}` } }));
      assert.equal(status, 403);
    }
    assert.equal(team.asked.length, 1);
    assert.equal(team.asked[0], `https://${TEAM}/cdn-cgi/access/certs`);
  });

  it("refuses pages of other origins, although a browser sends the cookie of Access", async () => {
    const headers = { origin: "https://evil.example" };
    const { status, body } = await command(server, "pause", await as(), headers);
    assert.equal(status, 403);
    assert.match(body.detail, /evil/);
    const own = { origin: server.url };
    assert.equal((await command(server, "resume", await as(), own)).status, 200);
  });

  it("pauses a feed across restarts, accepts pushes meanwhile, and resumes it", async () => {
    const { status, body } = await command(server, "pause", await as());
    assert.deepEqual([status, body.state], [200, "paused"]);
    assert.equal((await command(server, "pull", await as())).status, 409);
    await server.evict("IngestObject");
    assert.equal((await server.json("/api/status")).state, "paused");
    await server.restart();
    await server.dispatchScheduled();
    const snapshot = snapshots.next();
    await server.feed(snapshot);
    const status2 = await server.json("/api/status");
    assert.deepEqual([status2.state, status2.latest], ["paused", iso(snapshot.time)]);
    assert.equal(pulls, 1, "a paused feed is not pulled");
    const resumed = await command(server, "resume", await as());
    assert.deepEqual([resumed.status, resumed.body.state], [200, "ok"]);
  });

  it("pulls at once on command, and answers with the outcome", async () => {
    const asked = pulls;
    const { status, body } = await command(server, "pull", await as());
    assert.deepEqual([status, body.state, pulls], [200, "ok", asked + 1]);
    assert.deepEqual(await server.json("/api/dates?limit=1"), [body.latest]);
    const line = server.log.split("\n").find((line) => line.includes('"source":"opensky"'));
    const logged = JSON.parse(line.slice(line.indexOf("{")));
    assert.deepEqual([logged.event, logged.rows, logged.rejected], ["sky", 40, 0]);
    assert.equal(typeof logged.ms, "number");
  });

  it("does not pull a source that asked us to wait, and says for how long", async () => {
    feed = (_, response) => {
      response.writeHead(429, { "x-rate-limit-retry-after-seconds": "100000" });
      response.end();
    };
    const first = await command(server, "pull", await as());
    assert.deepEqual([first.status, first.body.state], [200, "rate_limited"]);
    const asked = pulls;
    const second = await command(server, "pull", await as());
    assert.equal(second.status, 429);
    // Capped: with the next day or interval, here a day, there are new credits.
    const wait = Number(second.headers.get("retry-after"));
    assert.ok(wait > 86_300 && wait <= 86_400, `${wait}: a day, although it asked for more`);
    assert.equal(pulls, asked);
  });
});

describe("the admin of a pushed feed", () => {
  it("has nothing to pause", async () => {
    const key = await makeKey("team-1");
    const team = await playTeam([key], (_, response) => response.end());
    const server = await start({ feed: "push", outbound: team.url, vars: VARS });
    try {
      for (const name of OF_FEEDS) {
        const { status, body } = await command(server, name, await sign(key));
        assert.equal(status, 409, name);
        assert.match(body.detail, /"push"/);
      }
    } finally {
      await server.stop();
      team.close();
    }
  });
});
