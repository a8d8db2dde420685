// A replay with repeated power cuts, and the checks of what must be stored afterwards.

import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { random } from "../../client/test/random.mjs";
import { eventually } from "./harness.mjs";
import { asSent, byAddress, expected, iso, Snapshots } from "./snapshots.mjs";

/** Pushes snapshots and cuts the power at random moments of a push and its deliveries. */
export async function replayWithPowerCuts(t, server, { seed, cuts }) {
  const chance = random(seed);
  const snapshots = new Snapshots(seed, 300, { columns: 18 });
  const first = snapshots.next();
  await server.feed(first);
  // The time that a push and its deliveries take here: cuts fall within it, and after it.
  const acknowledged = [first, snapshots.next()];
  const again = performance.now();
  await server.feed(acknowledged[1]);
  const millis = performance.now() - again;
  const fell = { "in a push": 0, "in deliveries": 0, "at rest": 0 };
  for (let cut = 0; cut < cuts; cut += 1) {
    for (let minutes = Math.floor(chance() * 3); minutes > 0; minutes -= 1) {
      const snapshot = snapshots.next();
      await server.take(snapshot);
      acknowledged.push(snapshot);
    }
    const snapshot = snapshots.next();
    const pushed = server.take(snapshot).then(
      () => true,
      () => false,
    );
    await delay(chance() * 1.5 * millis);
    await server.kill();
    const answered = await pushed;
    await server.restart();
    const status = await server.json("/api/status");
    const behind = status.regions.some(({ delivered }) => delivered !== status.latest);
    fell[!answered ? "in a push" : behind ? "in deliveries" : "at rest"] += 1;
    const dates = await server.json("/api/dates?limit=1000");
    if (answered) acknowledged.push(snapshot);
    for (const { time } of acknowledged) assert.ok(dates.includes(iso(time)), iso(time));
    // A sender that got no answer sends again; the minute counts once.
    if (!answered) {
      await server.take(snapshot);
      acknowledged.push(snapshot);
    }
    const world = await server.live("world").until(snapshot.time);
    assert.deepEqual(world.states().map(asSent), expected(snapshot));
    world.close();
  }
  t.diagnostic(`seed ${seed}: ${cuts} cuts in ${acknowledged.length} minutes, of them`);
  for (const [when, count] of Object.entries(fell)) t.diagnostic(`${count} ${when}`);
  const times = acknowledged.map(({ time }) => iso(time)).reverse();
  assert.deepEqual(await server.json("/api/dates?limit=1000"), times);
  for (const snapshot of acknowledged) {
    const flights = await server.json(`/api/flights/${iso(snapshot.time)}`);
    assert.deepEqual(flights.map(asSent).sort(byAddress), expected(snapshot), iso(snapshot.time));
  }
  await assertCountedOnce(server, acknowledged);
  await assertNothingElseIsStored(server);
  await assertRegionsHold(server, acknowledged.at(-1));
}

/** Asserts that the day's tally counts each minute once. */
async function assertCountedOnce(server, snapshots) {
  const counts = [];
  for (const { time } of snapshots) {
    const countries = await server.json(`/api/countries/${iso(time)}`);
    counts.push(countries.find(({ iso_a2 }) => iso_a2 === "US").count);
  }
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const day = { time: "2026-01-01T00:00:00Z", min: Math.min(...counts), mean };
  const history = await server.json("/api/countries/US/history?step=1d");
  assert.deepEqual(history, [{ ...day, max: Math.max(...counts) }]);
}

/** Asserts that R2 has exactly the objects of the ledger's rows once the garbage is collected. */
async function assertNothingElseIsStored(server) {
  const listed = [];
  for (const { day } of (await server.json("/api/archive")).reverse()) {
    for (const { name, bytes, etag } of await server.json(`/api/archive/${day}`)) {
      listed.push({ key: `minutes/${day}/${name}`, size: bytes, etag });
    }
  }
  await server.dispatchScheduled();
  const isCollected = async () => (await server.objects()).length <= listed.length;
  await eventually(isCollected, "the garbage is collected");
  assert.deepEqual(await server.objects(), listed);
}

/** Asserts that every region has its region snapshot, by its sockets and by the API. */
async function assertRegionsHold(server, snapshot) {
  const shares = [];
  for (const { name } of await server.json("/api/regions")) {
    const live = await server.live(name).until(snapshot.time);
    const states = live.states().map(asSent);
    live.close();
    const { time, aircraft } = await server.region(name);
    assert.deepEqual([time, aircraft], [snapshot.time, states.length], name);
    if (name === "world") assert.deepEqual(states, expected(snapshot));
    else shares.push(...states);
  }
  const placed = expected(snapshot).filter(({ longitude }) => longitude !== null);
  assert.deepEqual(shares.sort(byAddress), placed);
}
