// For every fault of a source: the status has a state and a reason, nothing stored is lost, and the
// next good answer is stored and delivered as usual.

import assert from "node:assert/strict";
import * as fs from "node:fs";
import { after, before, describe, it } from "node:test";
import { FAULTS, SECRETS, table } from "./faults.mjs";
import { eventually, start } from "./harness.mjs";
import { iso } from "./snapshots.mjs";
import { Source } from "./source.mjs";

const DOCUMENT = new URL("../../docs/faults.md", import.meta.url);
const BEGIN = "<!-- tests/edge/faults.mjs: BLESS=1 node --test tests/edge/faults.test.mjs -->\n";
const END = "<!-- end -->\n";

/** The shortest time between two pulls: only the staged clock gets that far. */
const INTERVAL_SECONDS = 3_600;
const DAYS_SECONDS = 3 * 86_400;

/** How far the staged clock may have moved when the status is read: while a timeout is awaited, by
 *  about forty seconds in one. It is less than the waits differ. */
const SLACK_SECONDS = 900;

/** The most that a source can send before it is cut off: our 16 MiB, and what is in buffers. */
const SENT_BYTES_MAX = 40 << 20;

/** Starts a server and the source that it polls. */
async function play(feed, seed, vars = {}) {
  const source = await new Source(feed, seed).listen();
  const server = await start({
    feed: feed === "account" ? "opensky" : feed,
    direct: true,
    staged: true,
    vars: { FEED_INTERVAL_SECONDS: `${INTERVAL_SECONDS}`, ...source.vars, ...vars },
  });
  return { source, server };
}

/** Polls the source on the staged clock and returns the status. With `late` the timeout comes at
 *  once. */
async function ask(server, { late = false } = {}) {
  await server.ahead(DAYS_SECONDS);
  const asked = server.dispatchScheduled();
  await (late ? server.hurried(asked) : asked);
  return server.json("/api/status");
}

/** Returns everything that is stored, by the API. */
async function stored(server) {
  const paths = ["/api/dates", "/api/archive", "/api/flights/latest", "/api/countries/latest"];
  const [dates, archive, flights, countries] = await Promise.all(
    paths.map((path) => server.json(path)));
  const { latest, minutes, aircraft, regions } = await server.json("/api/status");
  return { dates, archive, flights, countries, latest, minutes, aircraft, regions };
}

/** Asserts that the text is as expected; an ellipsis stands for any text. */
function assertSays(text, expected) {
  if (expected === null) return assert.equal(text, null);
  const parts = expected.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return assert.match(text ?? "", new RegExp(`^${parts.join(".*")}$`, "s"));
}

function assertPolledAgain({ time, next_pull_at: next, state, retry_at: retry }, again) {
  const due = again === "interval" ? INTERVAL_SECONDS : again;
  const wait = next - time;
  assert.ok(wait > due - SLACK_SECONDS && wait <= due, `polled again after ${wait} s, not ${due}`);
  assert.equal(retry, state === "rate_limited" ? next : null);
}

/** Asserts that a good answer is reported, stored and delivered. */
async function assertWell(server, source, live) {
  const status = await ask(server);
  const date = iso(source.snapshot.time);
  assert.deepEqual([status.state, status.detail, status.latest], ["ok", null, date]);
  const flights = await server.json("/api/flights/latest");
  const addresses = source.snapshot.states.map(([icao24]) => icao24).sort();
  assert.deepEqual(flights.map(({ icao24 }) => icao24).sort(), addresses);
  assert.deepEqual((await server.json("/api/dates?limit=1")), [date]);
  await live.until(source.snapshot.time);
  assert.equal(live.keyframes, 1, "later frames are deltas");
}

for (const [seed, feed] of ["opensky", "readsb", "account"].entries()) {
  describe(`a source polled as ${feed}`, () => {
    let server;
    let source;
    let live;
    before(async () => {
      ({ server, source } = await play(feed, 71 + seed));
      await ask(server);
      live = server.live("world");
      await live.until(source.snapshot.time);
    });
    after(async () => {
      await server.stop();
      await source.close();
    });

    for (const fault of FAULTS.filter(({ feeds }) => feeds.includes(feed))) {
      it(`is ${fault.state}: ${fault.fault}`, async () => {
        const had = await stored(server);
        await source.play(fault);
        const status = await ask(server, fault);
        assert.equal(status.state, fault.state, status.detail);
        assertSays(status.detail, fault.says);
        assertPolledAgain(status, fault.again);
        const shown = JSON.stringify(status) + server.log;
        for (const secret of SECRETS) assert.ok(!shown.includes(secret), secret);
        if (fault.bounded) assert.ok(source.sent <= SENT_BYTES_MAX, `${source.sent} bytes`);
        const has = await stored(server);
        if (fault.stores) {
          assert.deepEqual(has.dates, [iso(source.snapshot.time), ...had.dates]);
          await live.until(source.snapshot.time);
        } else {
          assert.deepEqual(has, had, "stored data is unchanged");
        }
        await source.play(null);
        await assertWell(server, source, live);
      });
    }
  });
}

describe("a slow source", () => {
  it("does not hold up pushes, and is polled by one pull at a time", async () => {
    // It is due again before its timeout is over.
    const vars = { FEED_INTERVAL_SECONDS: "200", FEED_TIMEOUT_SECONDS: "300" };
    const { source, server } = await play("readsb", 75, vars);
    try {
      let answer;
      const asked = new Promise((resolve) => {
        source.play({
          snapshot: (response) => {
            answer = () => response.end(source.body());
            resolve();
          },
        });
      });
      const first = server.dispatchScheduled();
      await asked;
      const { time, states } = source.snapshot;
      await server.feed({ time: time - 1, states });
      const meanwhile = await server.json("/api/status");
      assert.deepEqual([meanwhile.state, meanwhile.latest], ["ok", iso(time - 1)]);
      await server.ahead(250);
      await server.dispatchScheduled();
      const due = await server.json("/api/status");
      assert.ok(due.next_pull_at < due.time, `${due.next_pull_at} is due at ${due.time}`);
      assert.equal(source.asked.length, 1, "it has not answered yet and is not polled again");
      answer();
      await first;
      await eventually(async () => (await server.json("/api/status")).latest === iso(time), "it");
      assert.deepEqual(await server.json("/api/dates"), [iso(time), iso(time - 1)]);
      assert.equal(source.asked.length, 1);
    } finally {
      await server.stop();
      await source.close();
    }
  });
});

describe("docs/faults.md", () => {
  it("lists the faults as tested", () => {
    const text = fs.readFileSync(DOCUMENT, "utf8");
    const [head, rest] = text.split(BEGIN);
    const tail = rest.split(END)[1];
    const due = head + BEGIN + table() + "\n" + END + tail;
    if (process.env.BLESS) fs.writeFileSync(DOCUMENT, due);
    assert.equal(process.env.BLESS ? due : text, due);
  });
});
