// Access control: who may push and command, from which pages, and which files the archive serves.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { AUDIENCE, makeKey, playTeam, sign, TEAM } from "../access.mjs";
import { eventually, start, TOKEN, within } from "../harness.mjs";
import { iso, Snapshots } from "../snapshots.mjs";

const VARS = { ACCESS_TEAM_DOMAIN: TEAM, ACCESS_AUD: AUDIENCE };
const FOREIGN = "https://evil.example";
const WRITES = ["ingest", "admin/pause", "admin/resume", "admin/pull", "admin/retry-dead"];

/** Sends a command that every feed accepts; returns the status and the problem's detail. */
async function command(server, token, headers = {}) {
  const init = { method: "POST", headers: { "cf-access-jwt-assertion": token, ...headers } };
  const answer = await server.fetch("/api/admin/retry-dead", init);
  const { detail = null } = await answer.json();
  return { status: answer.status, detail };
}

/** Runs a test with a team, and a server that has not fetched its keys yet. */
async function cold(act) {
  const key = await makeKey("team-1");
  const team = await playTeam([key]);
  const server = await start({ feed: "push", outbound: team.url, vars: VARS, staged: true });
  try {
    await act({ key, team, server });
  } finally {
    // The team first: a server does not stop while a request of its own is unanswered.
    team.close();
    await server.stop();
  }
}

describe("the keys of Access on a cold isolate", () => {
  it("admit all callers that came while they were fetched, with one request", async () => {
    await cold(async ({ key, team, server }) => {
      let release;
      const asked = new Promise((resolve) => {
        team.fault = (response, certs) => {
          release = () => response.end(certs);
          resolve();
        };
      });
      const token = await sign(key);
      const first = command(server, token);
      await within(asked, "the keys are requested");
      const others = Array.from({ length: 5 }, () => command(server, token));
      // A later request is answered while the keys are missing.
      await server.json("/api/status");
      release();
      for (const { status, detail } of await Promise.all([first, ...others])) {
        assert.deepEqual([status, detail], [200, null]);
      }
      assert.equal(team.asked.length, 1);
    });
  });

  it("are requested again seconds after a failure, which does not reject the token", async () => {
    await cold(async ({ key, team, server }) => {
      const faults = [
        ["is an error", (response) => response.writeHead(500).end()],
        ["is a page", (response) => response.end("<html>")],
        ["breaks off", (response) => response.write("{", () => response.destroy())],
      ];
      for (const [what, fault] of faults) {
        team.fault = fault;
        const { status, detail } = await command(server, await sign(key));
        assert.equal(status, 503, what);
        assert.match(detail, /keys/, what);
        const asked = team.asked.length;
        assert.equal((await command(server, await sign(key))).status, 503, what);
        assert.equal(team.asked.length, asked, "the next one follows after a pause");
        await server.ahead(6);
      }
      team.fault = null;
      assert.equal((await command(server, await sign(key))).status, 200);
    });
  });

  it("are not read past 64 KiB", async () => {
    await cold(async ({ key, team, server }) => {
      team.fault = (response, certs) => response.end(certs + " ".repeat(1 << 20));
      assert.equal((await command(server, await sign(key))).status, 503);
      assert.match(server.log, /more than the limit of 65536 bytes/);
    });
  });

  it("are not waited for longer than 10 s", async () => {
    await cold(async ({ key, team, server }) => {
      // One head that does not come, and one body that does not end.
      for (const fault of [() => {}, (response) => response.write("{")]) {
        team.fault = fault;
        const refused = await server.hurried(command(server, await sign(key)));
        assert.equal(refused.status, 503);
        await server.ahead(6);
      }
      team.fault = null;
      assert.equal((await command(server, await sign(key))).status, 200);
    });
  });

  it("are requested once for any number of made-up key ids", async () => {
    await cold(async ({ key, team, server }) => {
      const named = async (kid) => command(server, await sign(key, { header: { kid } }));
      const kids = Array.from({ length: 20 }, (_, index) => `made up ${index}`);
      for (const { status } of await Promise.all(kids.map(named))) assert.equal(status, 403);
      assert.equal(team.asked.length, 1);
    });
  });
});

describe("a refused command", () => {
  it("is one line of JSON in the log, with the reason and without the token", async () => {
    await cold(async ({ key, server }) => {
      const stranger = await makeKey("team-1");
      const tokens = [await sign(stranger), await sign(key, { header: { kid: 'x"\n{"y' } })];
      for (const token of tokens) assert.equal((await command(server, token)).status, 403);
      const page = await command(server, await sign(key), { origin: FOREIGN + "x".repeat(4_000) });
      assert.equal(page.status, 403);
      assert.equal((await command(server, await sign(key))).status, 200);
      const lines = () => server.log.split("\n").filter((line) => line.includes('"event":"admin"'));
      const logged = async () => (await server.json("/api/status")) && lines().length === 4;
      await eventually(logged, "four lines");
      const read = (line) => JSON.parse(line.slice(line.indexOf("{")));
      const [wrong, unknown, foreign, accepted] = lines().map(read);
      for (const line of [wrong, unknown, foreign]) {
        assert.deepEqual([line.command, line.who, line.status], ["retry-dead", null, 403]);
        assert.equal(typeof line.caller, "string");
        assert.ok(line.refused.length < 300, line.refused);
      }
      assert.match(wrong.refused, /signature is wrong/);
      assert.match(unknown.refused, /kid is/);
      assert.match(foreign.refused, /evil/);
      assert.deepEqual([accepted.who, accepted.refused], ["ada@example.org", null]);
      for (const token of tokens) assert.ok(!server.log.includes(token.split(".")[2]));
    });
  });
});

describe("a page of another origin", () => {
  const snapshots = new Snapshots(17, 20);
  let server;
  before(async () => {
    server = await start({ feed: "push", vars: VARS });
  });
  after(() => server.stop());

  const granted = (answer) =>
    [...answer.headers.keys()].filter((name) => name.startsWith("access-control-allow"));

  it("gets no write allowed by a preflight", async () => {
    for (const path of WRITES) {
      const wanted = { "access-control-request-method": "POST" };
      wanted["access-control-request-headers"] = "authorization";
      const headers = { origin: FOREIGN, ...wanted };
      const answer = await server.fetch(`/api/${path}`, { method: "OPTIONS", headers });
      assert.equal(answer.status, 204, path);
      assert.equal(answer.headers.get("allow"), "POST, OPTIONS", path);
      assert.deepEqual(granted(answer), [], path);
    }
    const read = await server.fetch("/api/dates", { method: "OPTIONS" });
    assert.equal(read.headers.get("access-control-allow-origin"), "*");
  });

  it("cannot push, even with the token, or read the answer", async () => {
    const snapshot = snapshots.next();
    for (const origin of [FOREIGN, "null", "http://localhost:1", server.url.replace(/\d$/, "")]) {
      const answer = await server.push(snapshot, { headers: { origin } });
      assert.equal(answer.status, 403, origin);
      assert.deepEqual(granted(answer), [], origin);
      await answer.arrayBuffer();
    }
    for (const path of WRITES) {
      const answer = await server.fetch(`/api/${path}`, { method: "POST" });
      assert.deepEqual(granted(answer), [], path);
      await answer.arrayBuffer();
    }
    assert.deepEqual(await server.json("/api/dates"), []);
    const own = await server.push(snapshot, { headers: { origin: server.url } });
    assert.equal(own.status, 200, "the service's own page may");
    assert.equal((await server.take(snapshots.next())).accepted, 20, "a program names no page");
  });
});

describe("the archive's files", () => {
  const snapshots = new Snapshots(18, 20);
  let server;
  let name;
  before(async () => {
    server = await start({ feed: "push" });
    await server.feed(snapshots.next());
    [{ name }] = await server.json("/api/archive/2026-01-01");
  });
  after(() => server.stop());

  it("are minutes of their day; no other name reaches R2", async () => {
    assert.equal((await server.get(`/api/archive/2026-01-01/${name}`)).status, 200);
    const names = ["x".repeat(1_200), "x", "..%2f", `${name}x`, `x${name}`, `${name}%00`];
    names.push(`%2e%2e%2f2026-01-01%2f${name}`, "240000.msgpack", "00000.msgpack", "000000.pack");
    names.push(`${name}%20`, "+00000.msgpack", "0000.msgpack");
    for (const other of names) {
      const answer = await server.get(`/api/archive/2026-01-01/${other}`);
      assert.equal(answer.status, 404, other.slice(0, 40));
      assert.ok((await answer.text()).length < 400, other.slice(0, 40));
    }
    assert.doesNotMatch(server.log, /internal error/);
  });

  it("are only those that the ledger records, whatever else is in R2", async () => {
    const [{ key }] = await server.objects();
    assert.equal(key, `minutes/2026-01-01/${name}`);
    for (const orphan of ["235959.msgpack", "000001.msgpack"]) {
      await server.giveObject(`minutes/2026-01-01/${orphan}`, [1, 2, 3]);
      const answer = await server.get(`/api/archive/2026-01-01/${orphan}`);
      assert.equal(answer.status, 404, orphan);
      assert.match((await answer.json()).detail, /2026-01-01/);
    }
  });

  it("are the recorded bytes; replaced bytes are not served", async () => {
    const snapshot = snapshots.next();
    const { date } = await server.feed(snapshot);
    assert.equal(date, iso(snapshot.time));
    const listed = await server.json("/api/archive/2026-01-01");
    const file = listed.at(-1).name;
    await server.giveObject(`minutes/2026-01-01/${file}`, [1, 2, 3]);
    const answer = await server.get(`/api/archive/2026-01-01/${file}`);
    assert.equal(answer.status, 500);
    assert.ok((await answer.text()).includes("logged"));
  });
});

describe("the tokens for pushes", () => {
  const NEXT = "the token that comes next";

  it("may overlap while one replaces the other", async () => {
    const snapshots = new Snapshots(19, 20);
    const server = await start({ feed: "push", vars: { INGEST_TOKEN_NEXT: NEXT } });
    try {
      for (const token of [TOKEN, NEXT]) {
        assert.equal((await server.push(snapshots.next(), { token })).status, 200, token);
      }
      const wrong = [`${TOKEN}${NEXT}`, `${TOKEN},${NEXT}`, NEXT.slice(1), `${NEXT}x`, "", "dev"];
      for (const token of wrong) {
        assert.equal((await server.push(snapshots.next(), { token })).status, 401, token);
      }
      await server.restart({ vars: { INGEST_TOKEN: "", INGEST_TOKEN_NEXT: NEXT } });
      assert.equal((await server.push(snapshots.next(), { token: TOKEN })).status, 401);
      assert.equal((await server.push(snapshots.next(), { token: NEXT })).status, 200);
      await server.restart({ vars: { INGEST_TOKEN: "" } });
      assert.equal((await server.push(snapshots.next(), { token: "" })).status, 401);
    } finally {
      await server.stop();
    }
  });

  it("are refused if they are short, with the name but not the value", async () => {
    const short = "fifteen letters";
    for (const name of ["INGEST_TOKEN", "INGEST_TOKEN_NEXT"]) {
      const server = await start({ feed: "push", vars: { [name]: short } });
      try {
        const answer = await server.push(new Snapshots(20, 5).next(), { token: short });
        assert.equal(answer.status, 503, name);
        const { detail } = await answer.json();
        assert.match(detail, new RegExp(`${name} .*16`));
        assert.ok(!detail.includes(short));
      } finally {
        await server.stop();
      }
    }
  });
});
