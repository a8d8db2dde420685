// Jobs: each job that a minute calls for is done once, or is dead with a visible reason.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { AUDIENCE, makeKey, playTeam, sign, TEAM } from "./access.mjs";
import { eventually, start } from "./harness.mjs";
import { iso, Snapshots } from "./snapshots.mjs";

/** The start of an hour. */
const HOUR = 1_767_225_600;
/** The queue waits 1 second for the second attempt, where a deployment waits 5 minutes. */
const VARS = { ACCESS_TEAM_DOMAIN: TEAM, ACCESS_AUD: AUDIENCE, JOB_RETRY_SECONDS: "1" };
const QUEUES = { maxBatchTimeout: 0, retryDelay: 0 };
/** Longer than the outbox waits for any of its messages. */
const LATER_SECONDS = 60;

let team;
let key;
before(async () => {
  key = await makeKey("team-1");
  team = await playTeam([key], (_, response) => response.end());
});
after(() => team.close());

const object = (time) => `minutes/${iso(time).slice(0, 10)}/${iso(time).slice(11, 19)}.msgpack`
  .replaceAll(/:/g, "");
const check = (hour) => JSON.stringify({ version: 1, job: "check", hour: iso(hour) });

/** Runs a test on a server with quick jobs. */
async function withServer(options, test) {
  const ways = { feed: "push", outbound: team.url, vars: VARS, queues: QUEUES, staged: true };
  const server = await start({ ...ways, ...options });
  const jobs = async () => (await server.json("/api/status")).jobs;
  const become = (waiting, dead) => eventually(async () => {
    const now = await jobs();
    return now.waiting === waiting && now.dead === dead && now;
  }, `${waiting} jobs wait and ${dead} are dead: ${server.log}`);
  const retryDead = async () => {
    const headers = { "cf-access-jwt-assertion": await sign(key) };
    const answer = await server.fetch("/api/admin/retry-dead", { method: "POST", headers });
    return [answer.status, await answer.json()];
  };
  /** Time goes by, and the object wakes: what is due by then is sent. */
  const later = async () => {
    await server.ahead(LATER_SECONDS);
    await server.evict("IngestObject");
    await server.dispatchScheduled();
  };
  try {
    await test({ server, jobs, become, retryDead, later });
  } finally {
    await server.stop();
  }
}

/** Pushes minutes of the hour from HOUR on; returns the next hour's snapshots, which call for its
 *  check. */
async function pushHour(server) {
  const snapshots = new Snapshots(101, 5, { time: HOUR });
  for (let minute = 0; minute < 3; minute += 1) await server.feed(snapshots.next());
  return new Snapshots(102, 5, { time: HOUR + 3_600 });
}

const parquet = (hour) => (
  `parquet/day=${iso(hour).slice(0, 10)}/hour=${iso(hour).slice(11, 13)}/states.parquet`);
/** The pack of an hour among keys; its name depends on its content. */
const packed = (keys, hour) => {
  const prefix = `hours/${iso(hour).slice(0, 10)}/${iso(hour).slice(11, 13)}-`;
  const found = keys.filter((key) => key.startsWith(prefix) && /-[0-9a-f]{16}\.pack$/.test(key));
  assert.equal(found.length, 1, `packs of ${iso(hour)}: ${keys}`);
  return found[0];
};

describe("a completed hour", () => {
  it("is exported as a Parquet file, by the Worker for the jobs", async () => {
    await withServer({}, async ({ server, become }) => {
      const next = await pushHour(server);
      await server.feed(next.next());
      await become(0, 0);
      const stored = (await server.objects()).filter(({ key }) => key.endsWith(".parquet"));
      assert.deepEqual(stored.map(({ key }) => key), [parquet(HOUR)]);
      assert.deepEqual(await server.metadata(parquet(HOUR)), { simulated: "false" });
      const bytes = Buffer.from(await server.takeObject(parquet(HOUR)));
      assert.equal(bytes.length, stored[0].size);
      const magic = [bytes.subarray(0, 4), bytes.subarray(-4)].map(String);
      assert.deepEqual(magic, ["PAR1", "PAR1"]);
    });
  });

  it("is packed and listed, and the pack is served", async () => {
    await withServer({}, async ({ server, become }) => {
      const next = await pushHour(server);
      await server.feed(next.next());
      await become(0, 0);
      const key = packed((await server.objects()).map((stored) => stored.key), HOUR);
      const name = key.split("/").at(-1);
      const day = iso(HOUR).slice(0, 10);
      const files = await server.json(`/api/archive/${day}`);
      assert.deepEqual(files.slice(-2).map((file) => file.name), [name, "00.parquet"]);
      for (const { name: listed, bytes, etag, content_type: type, simulated } of files) {
        const answer = await server.get(`/api/archive/${day}/${listed}`);
        const body = Buffer.from(await answer.arrayBuffer());
        assert.deepEqual([answer.status, body.length, simulated], [200, bytes, false], listed);
        assert.equal(answer.headers.get("content-type"), type);
        assert.equal(answer.headers.get("etag"), `"${etag}"`);
        if (listed === name) assert.equal(String(body.subarray(-8)), "ovflpack");
      }
    });
  });

  it("is deleted when it is older than the retention, with all its objects", async () => {
    const vars = { ...VARS, RETENTION_DAYS: "1" };
    await withServer({ vars }, async ({ server, become }) => {
      const next = await pushHour(server);
      await server.feed(next.next());
      await become(0, 0);
      const keys = async () => (await server.objects()).map(({ key }) => key);
      assert.ok((await keys()).includes(parquet(HOUR)));
      const later = new Snapshots(103, 5, { time: HOUR + 3_600 + 86_400 });
      await server.feed(later.next());
      await become(0, 0);
      await server.dispatchScheduled();
      const [kept, newest] = [HOUR + 3_600, HOUR + 3_600 + 86_400];
      const left = await keys();
      const files = [parquet(kept), packed(left, kept)];
      assert.deepEqual(left, [kept, newest].map(object).concat(files).sort());
      const { minutes } = await server.json("/api/status");
      assert.deepEqual([await server.json("/api/dates"), minutes], [[newest, kept].map(iso), 2]);
    });
  });

  it("is checked, and no job remains", async () => {
    await withServer({}, async ({ server, jobs, become }) => {
      const next = await pushHour(server);
      assert.deepEqual(await jobs(), { waiting: 0, dead: 0, last_dead: [] });
      await server.feed(next.next());
      await become(0, 0);
      await server.feed(next.next());
      assert.equal((await jobs()).waiting, 0, "the next minute calls for nothing");
    });
  });

  it("with a missing object leaves a dead job, which is done once the object is back", async () => {
    await withServer({}, async ({ server, jobs, become, retryDead, later }) => {
      const next = await pushHour(server);
      const lost = HOUR + 60;
      const bytes = await server.takeObject(object(lost));
      await server.feed(next.next());
      const attempts = () => server.log.match(/attempt \d/g) ?? [];
      // Log lines arrive by another channel than the status.
      const attempted = (count) => eventually(async () => (
        (await jobs()) && attempts().length >= count), `${count} attempts: ${server.log}`);
      await attempted(2);
      for (let attempt = 3; attempt <= 5; attempt += 1) {
        await later();
        await attempted(attempt);
      }
      const { last_dead: [dead] } = await become(0, 1);
      assert.equal(dead.job, `check ${iso(HOUR)}`);
      assert.equal(dead.error, `${iso(lost)}: its object is missing`);
      assert.match(dead.since, /^20\d\d-.*Z$/);
      assert.deepEqual(attempts(), [1, 2, 3, 4, 5].map((attempt) => `attempt ${attempt}`));
      const text = await (await server.get("/metrics")).text();
      assert.match(text, /^overflight_jobs_dead 1$/m);
      await server.feed(next.next());
      await server.giveObject(object(lost), bytes);
      assert.deepEqual(await retryDead(), [200, { retried: 1 }]);
      assert.deepEqual(await become(0, 0), { waiting: 0, dead: 0, last_dead: [] });
      assert.deepEqual(await retryDead(), [200, { retried: 0 }]);
    });
  });

  it("loses the objects that no minute names, and nothing else", async () => {
    await withServer({}, async ({ server, become }) => {
      const next = await pushHour(server);
      const keys = async () => (await server.objects()).map(({ key }) => key);
      const recorded = await keys();
      // More than one message's steps cover: the rest waits for another message.
      const orphans = Array.from({ length: 120 }, (_, index) => object(HOUR + 30 * index + 7));
      const [early, late] = [HOUR - 1, HOUR + 7_200].map(object);
      const others = [early, late, object(HOUR).replace("0000.msgpack", ".pack")];
      for (const key of [...orphans, ...others]) await server.giveObject(key, [1, 2, 3]);
      await server.feed(next.next());
      await become(0, 0);
      await server.dispatchScheduled();
      const left = await keys();
      const files = [parquet(HOUR), packed(left, HOUR)];
      const expected = [...recorded, object(HOUR + 3_600), ...files, ...others].sort();
      assert.deepEqual(left, expected);
    });
  });
});

describe("a message that names no job", () => {
  it("is dead with its reason, and the messages beside it are done", async () => {
    await withServer({}, async ({ server, become, retryDead }) => {
      const next = await pushHour(server);
      await server.feed(next.next());
      const version = { version: 7, job: "check" };
      const job = '{"version":1,"job":"<b>"}';
      // Also one for a job that is done already, twice, and one without a row.
      const known = [check(HOUR), check(HOUR), check(HOUR + 3_600)];
      await server.remind("nonsense", check(HOUR), version, job, ...known);
      const { last_dead: dead } = await become(0, 3);
      assert.ok(dead.every((one) => one.job === "unreadable"), JSON.stringify(dead));
      const errors = dead.map(({ error }) => error).sort();
      const expected = [/^not a job's message: expected/, /^the message's version is 7/, /"<b>"/];
      errors.forEach((error, index) => assert.match(error, expected[index]));
      assert.deepEqual(await retryDead(), [200, { retried: 3 }]);
      await become(0, 3);
      await server.feed(next.next());
    });
  });

  it("that never reaches the ledger is dead as well, like any other", async () => {
    const queues = { ...QUEUES, maxRetries: 1 };
    const vars = { ...VARS, STAGED_EARS: "deaf" };
    await withServer({ vars, queues }, async ({ server, become, retryDead }) => {
      const next = await pushHour(server);
      await server.feed(next.next());
      await server.remind("nonsense");
      const { last_dead: dead } = await become(0, 2);
      const errors = dead.map(({ error }) => error).sort();
      assert.match(errors[0], /^not a job's message/);
      assert.match(errors[1], /^the queue gave up its message; it never reached the ledger$/);
      await server.restart({ vars: VARS });
      assert.deepEqual(await retryDead(), [200, { retried: 2 }]);
      await become(0, 1);
    });
  });
});

describe("a queue", () => {
  for (const how of ["fails", "hangs"]) {
    it(`that ${how} holds up no snapshot, and the job waits until it is accepted`, async () => {
      const vars = { ...VARS, STAGED_QUEUE: how };
      await withServer({ vars }, async ({ server, jobs, become, later }) => {
        const next = await pushHour(server);
        await server.feed(next.next());
        const found = async () => (await jobs()) && /queue: (no answer|.*staged)/.test(server.log);
        await server.hurried(eventually(found, "the queue is found out"));
        await server.feed(next.next());
        assert.deepEqual(await jobs(), { waiting: 1, dead: 0, last_dead: [] });
        await server.restart({ vars: VARS });
        await later();
        await become(0, 0);
      });
    });
  }

  it("that loses its messages gets them again", async () => {
    const queues = { ...QUEUES, maxBatchTimeout: 60 };
    await withServer({ queues }, async ({ server, jobs, become, later }) => {
      const next = await pushHour(server);
      await server.feed(next.next());
      assert.deepEqual(await jobs(), { waiting: 1, dead: 0, last_dead: [] });
      await server.kill();
      await server.restart({ queues: QUEUES });
      await later();
      await become(0, 0);
    });
  });
});
