// Simulated traffic is marked everywhere: headers, bodies, frames, files.

import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { unpack } from "msgpackr";
import { eventually, start } from "./harness.mjs";
import { BYTES } from "./live.mjs";
import { asSent, expected, iso, Snapshots } from "./snapshots.mjs";

const HEADER = "overflight-simulated";

/** The requests whose answers contain traffic: a name, a path, a condition. */
function questions(date, file) {
  const [flights, counts] = [`/api/flights/${date}`, `/api/countries/${date}`];
  return [
    ["dates", "/api/dates"],
    ["flights", flights],
    ["latest flights", "/api/flights/latest"],
    ["flights filtered", `${flights}?country=FR`],
    ["flights not modified", flights, "if-none-match"],
    ["counts", counts],
    ["counts not modified", counts, "if-none-match"],
    ["flights over a country", "/api/countries/DE/flights?within=30m"],
    ["flights over a country not modified", "/api/countries/DE/flights", "if-none-match"],
    ["history", "/api/countries/DE/history?step=1h"],
    ["regions", "/api/regions"],
    ["status", "/api/status"],
    ["metrics", "/metrics"],
    ["days", "/api/archive"],
    ["files", `/api/archive/${date.slice(0, 10)}`],
    ["file", file],
    ["file not modified", file, "if-none-match"],
    ["part of a file", file, "range"],
  ];
}

/** Asserts that every answer says whether its traffic is simulated. */
async function check(server, simulated) {
  const [date] = await server.json("/api/dates");
  const day = date.slice(0, 10);
  const [{ name }] = await server.json(`/api/archive/${day}`);
  const file = `/api/archive/${day}/${name}`;
  for (const [what, target, condition] of questions(date, file)) {
    const headers = {};
    if (condition === "range") headers.range = "bytes=0-9";
    if (condition === "if-none-match") headers[condition] = "*";
    for (const method of ["GET", "HEAD"]) {
      const answer = await server.fetch(target, { method, headers });
      await answer.arrayBuffer();
      const expected = { range: 206, "if-none-match": 304 }[condition] ?? 200;
      if (method === "GET") assert.equal(answer.status, expected, what);
      assert.equal(answer.headers.get(HEADER), String(simulated), `${method} ${what}`);
      const exposed = answer.headers.get("access-control-expose-headers");
      assert.match(exposed, /Overflight-Simulated/, `${method} ${what}`);
    }
  }

  const flags = async (target) => (await server.json(target)).map((row) => row.simulated);
  assert.deepEqual(await flags("/api/archive"), [simulated]);
  assert.ok((await flags(`/api/archive/${day}`)).every((flag) => flag === simulated));
  assert.ok((await flags("/api/regions")).every((flag) => flag === simulated));
  assert.equal((await server.json("/api/status")).simulated, simulated);
  assert.ok((await (await server.get("/metrics")).text())
    .includes(`\noverflight_simulated ${Number(simulated)}\n`));
  const minute = unpack(Buffer.from(await (await server.get(file)).arrayBuffer()));
  assert.equal(minute.simulated, simulated);
  const metadata = await server.metadata(`minutes/${day}/${name}`);
  assert.deepEqual(metadata, { simulated: String(simulated) });

  for (const region of ["world", "eu-west"]) {
    assert.equal(JSON.parse(await server.live(region).next()).simulated, simulated);
    const bytes = await server.live(region, { protocol: BYTES }).next();
    const envelope = unpack(Buffer.from(bytes));
    assert.deepEqual([envelope.length, envelope[0], envelope[6]], [9, 3, simulated]);
  }
}

async function everywhere(server) {
  const has = ({ delivered }) => delivered !== null;
  const all = async () => (await server.json("/api/status")).regions.every(has);
  await eventually(all, "every region has its share");
}

describe("whether traffic is simulated", () => {
  it("is marked on every answer until the first real snapshot", async () => {
    const server = await start({ feed: "simulated", staged: true });
    try {
      await everywhere(server);
      await check(server, true);
      const real = new Snapshots(71, 300).next();
      await server.feed(real);
      const found = await server.json("/api/search?q=DLH");
      const dates = new Set(found.map(({ first }) => first));
      assert.deepEqual([...dates], [iso(real.time)], "nothing simulated is found any more");
      // The regions' state is cached for fifteen seconds.
      await server.ahead(16);
      await check(server, false);
    } finally {
      await server.stop();
    }
  });

  it("is marked for real traffic after an eviction", async () => {
    const server = await start({ feed: "push" });
    try {
      for (const target of ["/api/dates", "/api/archive", "/api/regions", "/api/status"]) {
        assert.equal((await server.get(target)).headers.get(HEADER), "false", target);
      }
      const snapshots = new Snapshots(72, 300);
      await server.feed(snapshots.next());
      await server.feed(snapshots.next());
      await server.evict("RegionObject");
      await server.evict("IngestObject");
      await check(server, false);
    } finally {
      await server.stop();
    }
  });
});

describe("storage of an earlier build, whose region snapshots had another form", () => {
  /** Changes the databases of a class back to before this version of their schema; `statements`
   *  undo what it and the later ones did. */
  function undo(persist, className, version, statements) {
    const folder = path.join(persist, "do", `overflight-${className}`);
    const files = fs.readdirSync(folder).filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name));
    for (const name of files) {
      const database = new DatabaseSync(path.join(folder, name));
      database.exec(statements);
      database.exec(`DELETE FROM schema WHERE version >= ${version}`);
      database.close();
    }
    return files.length;
  }

  it("continues in a new history, with every region's snapshot and its mark", async () => {
    const persist = fs.mkdtempSync(path.join(os.tmpdir(), "overflight-earlier-"));
    const server = await start({ feed: "push", persist });
    let later;
    try {
      const snapshot = new Snapshots(73, 300).next();
      await server.feed(snapshot);
      const { epoch } = await server.live("world").frame();
      await server.stop();

      // [epoch, resolution, time, simulated, aircraft, columns]: there was no separate header.
      const share = "UPDATE share SET bytes = x'96010101c20090'";
      assert.ok(undo(persist, "RegionObject", 4, share) > 1);
      const tables = ["sighting", "present", "hour", "pending_pack"]
        .map((table) => `DROP TABLE ${table}`).join("; ");
      assert.equal(undo(persist, "IngestObject", 5, tables), 1);
      later = await start({ feed: "push", persist });
      await later.dispatchScheduled();
      await everywhere(later);
      const live = later.live("world");
      assert.equal((await live.frame()).simulated, false);
      assert.ok(live.epoch > epoch, `${live.epoch} after ${epoch}`);
      assert.deepEqual(live.states().map(asSent), expected(snapshot));
      await check(later, false);
      await later.feed(new Snapshots(74, 20, { time: snapshot.time + 60 }).next());
      assert.equal((await live.frame()).base, live.sequence - 1, "which goes on");
    } finally {
      await server.stop();
      await later?.stop();
      fs.rmSync(persist, { recursive: true, force: true });
    }
  });
});
