// A region that fails: nothing waits for it, and it catches up when it works again.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventually, start } from "./harness.mjs";
import { asSent, byAddress, Snapshots } from "./snapshots.mjs";

const NAME = "eu-west";

/** Runs a test on a server where the region NAME fails in the given way. */
async function whereItFails(way, test) {
  const server = await start({
    feed: "push",
    staged: true,
    vars: { STAGED_REGION: `${NAME} ${way}` },
  });
  try {
    await test(server);
  } finally {
    await server.stop();
  }
}

/** Returns the minute that each region has, by name. */
async function delivered(server) {
  const { regions } = await server.json("/api/status");
  return Object.fromEntries(regions.map(({ name, delivered }) => [name, delivered]));
}

/** Pushes a snapshot and waits until every other region has it. */
async function othersTake(server, snapshot) {
  const { date } = await server.take(snapshot);
  await eventually(async () => {
    const { [NAME]: own, ...others } = await delivered(server);
    assert.equal(own, null);
    return Object.values(others).every((time) => time === date);
  }, `the others have the minute of ${date}`);
  return date;
}

const attempts = async (server) => (await server.json("/api/stage/region")).attempts;

describe("a region that fails", () => {
  for (const way of ["retryable", "overloaded", "hangs"]) {
    it(`holds up neither the others nor the next minute (${way})`, () =>
      whereItFails(way, async (server) => {
        const snapshots = new Snapshots(71, 100);
        await othersTake(server, snapshots.next());
        await othersTake(server, snapshots.next());
        assert.ok((await attempts(server)) > 0);
      }));
  }

  it("is retried by the alarm, and gets only the newest minute", () =>
    whereItFails("retryable", async (server) => {
      const snapshots = new Snapshots(72, 200);
      await othersTake(server, snapshots.next());
      const date = await othersTake(server, snapshots.next());
      await eventually(async () => (await attempts(server)) > 1, "a second attempt");
      await server.json("/api/stage/region?heal");
      await eventually(async () => (await delivered(server))[NAME] === date, "it has caught up");
      const live = server.live(NAME);
      const { sequence } = await live.frame();
      assert.equal(sequence, 1, "missed minutes are not delivered");
      const inside = await server.json("/api/flights/latest?bbox=-66,46,7.999,50.999");
      assert.deepEqual(live.states().map(asSent), inside.map(asSent).sort(byAddress));
    }));

  it("is retried later if it is overloaded, even when new minutes arrive", () =>
    whereItFails("overloaded", async (server) => {
      const snapshots = new Snapshots(73, 100);
      await othersTake(server, snapshots.next());
      await eventually(async () => (await attempts(server)) === 1, "the first attempt");
      // On a busy machine the rest might take as long as the pause that is tested.
      await server.stopClock();
      // A region that is not overloaded would be retried by then.
      await server.ahead(3);
      await server.dispatchScheduled();
      await othersTake(server, snapshots.next());
      assert.equal(await attempts(server), 1);
      await server.ahead(20);
      await server.dispatchScheduled();
      await eventually(async () => (await attempts(server)) === 2, "the second attempt");
    }));
});
