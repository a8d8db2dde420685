// The page's address: what a link opens, what Back returns to, and the messages when it cannot.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually, start } from "../edge/harness.mjs";
import { PHONE, launch, open, shoot, until } from "./chromium.mjs";
import { now, snapshot } from "./snapshot.mjs";

const FLIGHT = {
  icao24: "3c6444", callsign: "DLH9LF", longitude: 10.5, latitude: 51, velocity: 230,
  true_track: 90, baro_altitude: 11_277.6, vertical_rate: 0,
};
const GERMANY = "#view=51.000,10.500,5.50";

let server;
let browser;
/** The stored minute, as the API names it. */
let date;

before(async () => {
  [server, browser] = await Promise.all([start({ feed: "push" }), launch()]);
  await server.feed(snapshot(now(), FLIGHT));
  [date] = await eventually(async () => {
    const dates = await server.json("/api/dates");
    return dates.length > 0 && dates;
  }, "a stored minute");
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const hash = (page) => page.evaluate(() => location.hash);
const banner = (page) => page.locator("#problem-text");

test("Back returns to what was shown before, and the title names what is shown", async () => {
  const { page, errors } = await open(browser, `${server.url}/${GERMANY}&flat`);
  await until(page, () => window.overflight.count === 1);
  assert.equal(await page.title(), "Overflight");
  await page.keyboard.press("/");
  await page.keyboard.type("dlh");
  await page.getByRole("option", { name: "DLH9LF" }).waitFor();
  await page.keyboard.press("Enter");
  await page.locator("#details").waitFor({ state: "visible" });
  await page.waitForFunction(() => document.title === "DLH9LF · Overflight");
  await page.locator("#earlier").click();
  await until(page, () => document.querySelector("#pill").dataset.tone === "past");
  assert.match(await page.title(), /^DLH9LF · .* UTC · Overflight$/);
  await page.goBack();
  await until(page, () => document.querySelector("#pill").dataset.tone === "live");
  assert.equal(await page.locator("#details").isVisible(), true);
  await page.goBack();
  await page.locator("#details").waitFor({ state: "hidden" });
  assert.equal(await page.title(), "Overflight");
  // A link without `flat` unflattens.
  assert.match(await hash(page), /flat/);
  await page.evaluate((link) => { location.hash = link; }, GERMANY);
  await page.locator('#projection[data-shows="globe"]').waitFor();
  assert.deepEqual(errors, []);
  await page.context().close();
});

test("Escape gives the focus back to where the details were opened from", async () => {
  const { page } = await open(browser, `${server.url}/${GERMANY}`);
  await until(page, () => window.overflight.count === 1);
  await page.keyboard.press("/");
  await page.keyboard.type("dlh");
  await page.getByRole("option", { name: "DLH9LF" }).waitFor();
  await page.keyboard.press("Enter");
  await page.locator("#details").waitFor({ state: "visible" });
  await page.keyboard.press("Escape");
  await page.locator("#details").waitFor({ state: "hidden" });
  assert.equal(await page.evaluate(() => document.activeElement.id), "search");
  await page.context().close();
});

test("a link to a minute that is not stored shows the nearest one, says so and stays", async () => {
  const link = "#date=2025-01-01T00:00:00Z";
  const { page } = await open(browser, `${server.url}/${link}`, { viewport: PHONE });
  await banner(page).getByText("No minute is stored at").waitFor();
  assert.match(await banner(page).innerText(), /Wed, 1 Jan 2025, 00:00 UTC: this is the nearest/);
  assert.equal(await page.locator("#dates").inputValue(), date);
  assert.match(await hash(page), /date=2025-01-01T00:00:00Z/);
  // A phone shows the day, and can step.
  assert.match(await page.locator("#pill-age").innerText(), /20\d\d, .* UTC/);
  await page.locator("#later").waitFor({ state: "visible" });
  await shoot(page, "phone-past");
  const closed = await page.evaluate(() => {
    const { width, height } = document.querySelector("#problem-close").getBoundingClientRect();
    return [width, height];
  });
  assert.ok(closed.every((size) => size >= 44), `the button to close it is ${closed}`);
  await page.locator("#problem-close").click();
  await page.locator("#problem").waitFor({ state: "hidden" });
  await page.locator("#later").click();
  await until(page, () => document.querySelector("#pill").dataset.tone === "live");
  assert.doesNotMatch(await hash(page), /date/);
  await page.context().close();
});

test("a failure goes away once what failed succeeds", async () => {
  const { page } = await open(browser, `${server.url}/${GERMANY}`);
  await until(page, () => window.overflight.count === 1);
  await page.route("**/api/dates", (route) => route.abort());
  await page.locator("#dates").hover();
  await banner(page).getByText("Past minutes cannot be listed").waitFor();
  await page.unroute("**/api/dates");
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  await page.locator("#problem").waitFor({ state: "hidden" });
  await page.context().close();
});

test("a country opened without its data gets it when the connection returns", async () => {
  const { page } = await open(browser, `${server.url}/${GERMANY}`);
  await until(page, () => window.overflight.count === 1);
  await page.route("**/api/countries/**", (route) => route.abort());
  await page.evaluate(() => { location.hash = "#country=DE"; });
  await page.getByText("The last 24 hours cannot be shown").waitFor();
  await page.unroute("**/api/countries/**");
  await page.evaluate(() => {
    Object.defineProperty(navigator, "onLine", { get: () => false, configurable: true });
    window.dispatchEvent(new Event("offline"));
    Object.defineProperty(navigator, "onLine", { get: () => true, configurable: true });
    window.dispatchEvent(new Event("online"));
  });
  await page.locator("#history-chart").waitFor({ state: "visible" });
  await page.context().close();
});

test("on a phone no part covers another: upright and on its side", async () => {
  for (const viewport of [PHONE, { width: 844, height: 390 }]) {
    const options = { viewport, hasTouch: true, isMobile: true };
    const { page } = await open(browser, `${server.url}/#icao24=3c6444`, options);
    await page.locator("#details").waitFor({ state: "visible" });
    await shoot(page, `phone-details-${viewport.width}`);
    const covered = await page.evaluate(() => [...document.querySelectorAll(
      ".controls button, #details-figures dd:first-of-type, #details-close, #follow, #simulated",
    )].filter((element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      if (width === 0) return false;
      const seen = document.elementFromPoint(left + width / 2, top + height / 2);
      return seen === null || !(element.contains(seen) || seen.contains(element));
    }).map(({ id, textContent }) => id || textContent));
    assert.deepEqual(covered, []);
    await page.context().close();
  }
});
