// The mark of simulated traffic: it follows the shown snapshot, not the server's status.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually, start } from "../edge/harness.mjs";
import { PHONE, launch, open, shoot, until } from "./chromium.mjs";
import { now, snapshot } from "./snapshot.mjs";

const WIDE = { width: 1_440, height: 900 };
const FLIGHT = { icao24: "3c6444", callsign: "DLH9LF", longitude: 10.5, latitude: 51 };

let browser;
let simulated;
let real;

before(async () => {
  const starting = [start({ feed: "simulated" }), start({ feed: "push" }), launch()];
  [simulated, real, browser] = await Promise.all(starting);
  const stored = async () => (await simulated.json("/api/dates")).length > 0;
  await eventually(stored, "a simulated minute");
});
after(async () => {
  await browser?.close();
  await Promise.all([simulated?.stop(), real?.stop()]);
});

const mark = (page) => page.locator("#simulated");

/** Shows the newest stored minute as a past one. */
async function showPast(page, server) {
  const [date] = await server.json("/api/dates");
  // Focus makes the page fetch the list again: the minute may be newer than the page.
  await page.locator("#dates").focus();
  await page.locator(`#dates option[value="${date}"]`).waitFor({ state: "attached" });
  await page.locator("#dates").selectOption(date);
  await page.locator('#pill[data-tone="past"]', { hasText: "Past minute" }).waitFor();
}

/** Returns whether the mark is inside the page, and which parts of the page overlap it. */
function measure(page) {
  return page.evaluate(() => {
    const box = document.getElementById("simulated").getBoundingClientRect();
    const covers = (other) => {
      const { left, right, top, bottom } = other.getBoundingClientRect();
      return left < box.right && right > box.left && top < box.bottom && bottom > box.top;
    };
    const parts = [...document.querySelectorAll(".bar, .legend, .controls, .attribution")];
    return {
      inside: box.width > 0 && box.left >= 0 && box.right <= innerWidth && box.top >= 0,
      covered: parts.filter(covers).map(({ className }) => className),
    };
  });
}

for (const [name, viewport] of [["wide", WIDE], ["phone", PHONE]]) {
  test(`the mark stays in the past and offline, ${name}`, async () => {
    // The status never arrives: the frames are enough.
    const route = (page) => page.route("**/api/status", (route) => route.abort());
    const { page } = await open(browser, `${simulated.url}/`, { viewport, route });
    const shows = async (what) => {
      assert.ok(await mark(page).isVisible(), `no mark ${what}`);
      assert.deepEqual(await measure(page), { inside: true, covered: [] }, what);
      await shoot(page, `simulated-${name}-${what}`);
    };
    await until(page, () => window.overflight.count > 1_000);
    await shows("live");
    await page.context().setOffline(true);
    await page.locator("#pill-label", { hasText: "Offline" }).waitFor();
    await shows("offline");
    await page.context().setOffline(false);
    await page.locator('#pill[data-tone="live"]').waitFor();
    await showPast(page, simulated);
    await shows("past");
    await page.context().setOffline(true);
    await shows("past-offline");
    await page.context().close();
  });
}

test("real traffic has no mark, even if the status says simulated", async () => {
  await real.feed(snapshot(now() - 60, FLIGHT));
  await real.feed(snapshot(now(), FLIGHT));
  const status = { ...await real.json("/api/status"), simulated: true };
  const route = (page) => page.route("**/api/status", (route) => route.fulfill({ json: status }));
  const { page, errors } = await open(browser, `${real.url}/`, { route });
  await until(page, () => window.overflight.count === 1);
  assert.equal(await mark(page).isVisible(), false, "live");
  await showPast(page, real);
  assert.equal(await mark(page).isVisible(), false, "past");
  assert.deepEqual(errors, []);
  await page.context().close();
});

// Last, because it ends the simulation.
test("a shown simulated minute keeps its mark after the first real snapshot", async () => {
  const { page } = await open(browser, `${simulated.url}/`);
  await until(page, () => window.overflight.count > 1_000);
  await showPast(page, simulated);
  await simulated.feed(snapshot(now(), FLIGHT));
  assert.ok(await mark(page).isVisible(), "the past minute is still simulated");
  await page.getByRole("button", { name: "Back to live" }).click();
  await until(page, () => window.overflight.count === 1);
  assert.equal(await mark(page).isVisible(), false, "live is real");
  await page.context().close();
});
