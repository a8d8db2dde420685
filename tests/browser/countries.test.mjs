// The countries on the map, in a real browser against the real Worker. The test answers the map's
// requests about one country, so that answers can be hostile, empty or wrong.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../edge/harness.mjs";
import { PHONE, launch, nextFrame, open, pixels, shoot, until } from "./chromium.mjs";
import { now, snapshot } from "./snapshot.mjs";

const flight = (icao24, callsign, longitude, latitude) =>
  ({ icao24, callsign, longitude, latitude });
/** Germany has ten, the second class; France two, the first; one is over the Atlantic. */
const GERMAN = Array.from({ length: 10 }, (_, i) =>
  flight(`3c640${i}`, `DLH${i}`, 9 + i * 0.2, 50 + i * 0.1));
const FRENCH = [flight("39a001", "AFR1", 2, 47), flight("39a002", "AFR2", 2.5, 46)];
const ATLANTIC = flight("4ca001", "EIN1", -30, 45);
const HOSTILE = "<img src=x onerror=window.hurt=1>";
/** Seconds until they enter Germany, the later one first; the last is over it already. */
const COMING = [[FRENCH[1], 1_500], [FRENCH[0], 300], [GERMAN[0], 0]];
const VIEW = "view=49,6,4";

let server;
let browser;
let time;

before(async () => {
  [server, browser] = await Promise.all([start({ feed: "push" }), launch()]);
  await server.feed(snapshot(now() - 60, ...GERMAN.slice(0, 1)));
  ({ time } = await server.feed(snapshot(now(), ...GERMAN, ...FRENCH, ATLANTIC)));
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Opens a page whose requests about a country get these answers: a body, or a status number. */
async function openAt(hash, { flights = 404, history = 404, at = time, options } = {}) {
  const asked = [];
  const answers = async (route) => {
    const url = new URL(route.request().url());
    asked.push(url);
    const answer = url.pathname.endsWith("/history") ? history : flights;
    if (typeof answer !== "number") return route.fulfill({ json: answer });
    const json = { status: answer, detail: `${HOSTILE} is broken` };
    return route.fulfill({ status: answer, json, contentType: "application/problem+json" });
  };
  const route = (page) => page.route(/\/api\/countries\/\w+\/(flights|history)/, answers);
  const opened = await open(browser, `${server.url}/#${hash}`, { ...options, route });
  await until(opened.page, (shown) => window.overflight.time >= shown, at);
  return { ...opened, asked };
}

const text = (page, selector) => page.locator(selector).innerText();
const focused = (page) => page.evaluate(() => document.activeElement.id);
const states = () => COMING.map(([{ icao24, callsign }, enters_in]) => ({
  icao24, callsign, on_ground: false, baro_altitude: 10_668, enters_in,
}));
const hours = (count) => Array.from({ length: count }, (_, i) => ({
  time: new Date((time - (count - i) * 3_600) * 1_000).toISOString(),
  min: 5 + i, mean: 10.5 + i, max: 20 + i,
}));
/** Returns the shading at a pixel; the map's own handle does not expose colours. */
async function shade(page, at) {
  await nextFrame(page);
  const [[r, g, b]] = await pixels(page, at, 1);
  return [r, g, b];
}

test("countries are ranked by count, shaded, named under the pointer, and closed", async () => {
  const { page, errors } = await openAt(VIEW);
  const [spain, france] = await page.evaluate(() => [
    window.overflight.pixel(-5.5, 41.8), window.overflight.pixel(3.5, 47.5),
  ]);
  const plain = await shade(page, france);
  assert.deepEqual(await shade(page, spain), plain);
  await page.getByRole("button", { name: "Countries by traffic" }).click();
  await until(page, () => window.overflight.idle);
  const rows = page.locator("#countries-list button");
  assert.deepEqual(await rows.evaluateAll((all) => all.map((row) => row.ariaLabel)), [
    "1. Germany, 10 aircraft", "2. France, 2 aircraft",
  ]);
  assert.match(await text(page, "#countries-note"), /12 aircraft over 2 countries/);
  assert.equal(await text(page, "#traffic-legend"), "1\n10\n30\n100\n300\n1,000+");
  const traffic = await shade(page, france);
  assert.notDeepEqual(traffic, plain, "France is not shaded");
  assert.deepEqual(await shade(page, spain), plain, "Spain is shaded without traffic");
  // Its bar in the list has the same colour as on the map.
  const bar = await rows.nth(1).locator(".country-bar").evaluate(
    (element) => getComputedStyle(element).backgroundColor.match(/\d+/g).map(Number),
  );
  assert.deepEqual(traffic, bar);
  await page.mouse.move(...france);
  await page.getByText("2 aircraft", { exact: true }).waitFor();
  assert.match(page.url(), /&countries/);
  await page.keyboard.press("Escape");
  await page.locator("#countries").waitFor({ state: "hidden" });
  assert.equal(await focused(page), "countries-toggle");
  assert.doesNotMatch(page.url(), /countries/);
  assert.deepEqual(errors, []);
  await page.context().close();
});

test("a click on a country shows its flights, its day, and arriving flights", async () => {
  const { page, errors, asked } = await openAt(`${VIEW}&countries`, {
    flights: states(), history: hours(24),
  });
  await page.mouse.click(...await page.evaluate(() => window.overflight.pixel(12, 52.3)));
  await page.getByRole("heading", { name: "Germany" }).waitFor();
  assert.match(page.url(), /country=DE/);
  await page.locator("#country-coming", { hasText: "2 coming" }).waitFor();
  assert.match(await text(page, "#country-over"), /10\s+over it/);
  assert.equal(await page.locator("#country-flights button").count(), 10);
  const chart = page.getByRole("img", { name: "between 5 and 43" });
  await chart.locator("canvas").waitFor();
  await chart.hover({ position: { x: 150, y: 40 } });
  await page.locator("#history-reading", { hasText: /\d\d:\d\d · \d+ \(\d+–\d+\)/ }).waitFor();
  const history = asked.find(({ pathname }) => pathname === "/api/countries/DE/history");
  const [from, to] = ["from", "to"].map((name) => Date.parse(history.searchParams.get(name)));
  assert.deepEqual([to - from, to / 1_000, history.searchParams.get("step")],
    [86_400_000, time, "1h"]);
  await page.locator("#country-coming").click();
  assert.match(await text(page, "#country-flights"), /^AFR1\s+35,000 ft\s+in 5 min\s+AFR2/);
  await shoot(page, "country");
  await page.locator("#country-flights button").first().click();
  await page.locator("#details").waitFor({ state: "visible" });
  assert.equal(await page.evaluate(() => window.overflight.selected), FRENCH[0].icao24);
  assert.deepEqual(errors, []);
  await page.context().close();
});

test("everything works by keyboard, and each step back restores the focus", async () => {
  const { page, errors } = await openAt(VIEW, { flights: [], history: [] });
  await page.locator("#countries-toggle").press("Enter");
  await page.getByRole("button", { name: "2. France" }).press("Enter");
  await page.getByRole("heading", { name: "France" }).waitFor();
  assert.equal(await focused(page), "countries-title");
  await page.getByText("No minutes are stored for these 24 hours").waitFor();
  await page.locator("#country-coming").press("Space");
  await page.getByText("No flight is predicted to enter within 30 minutes").waitFor();
  await page.keyboard.press("Escape");
  assert.match(await page.evaluate(() => document.activeElement.ariaLabel), /2\. France/);
  await page.keyboard.press("Escape");
  assert.equal(await focused(page), "countries-toggle");
  assert.deepEqual(errors, []);
  await page.context().close();
});

test("hostile strings stay text, and a failure is shown and can be retried", async () => {
  const hostile = [{ ...states()[1], callsign: HOSTILE }];
  const { page } = await openAt(`${VIEW}&country=DE`, { flights: hostile, history: 500 });
  await page.getByText(`The last 24 hours cannot be shown: ${HOSTILE} is broken`).waitFor();
  await page.locator("#country-coming").click();
  await page.getByText(HOSTILE, { exact: true }).waitFor();
  assert.equal(await page.locator("#countries img").count(), 0);
  assert.equal(await page.evaluate(() => window.hurt), undefined);
  await page.route("**/history*", (route) => route.fulfill({ json: hours(3) }));
  await page.locator("#history-retry").click();
  await page.getByRole("img", { name: "between 5 and 22" }).waitFor();
  await page.context().close();
});

test("a past minute has its own counts; answers that the server lacks are named", async () => {
  const [, past] = await server.json("/api/dates");
  const { page } = await openAt(`${VIEW}&date=${past}&country=DE`, { at: 0 });
  await page.locator("#countries-note", { hasText: "1 aircraft · rank 1 of 1" }).waitFor();
  assert.equal(await page.locator("#country-coming").isVisible(), false);
  await page.getByText("This server keeps no history of countries").waitFor();
  await page.getByRole("button", { name: "Back to live" }).click();
  await page.locator("#countries-note", { hasText: "10 aircraft · rank 1 of 2" }).waitFor();
  assert.equal(await page.locator("#country-flights button").count(), 10);
  await page.locator("#country-coming").click();
  await page.getByText("This server does not predict arriving flights").waitFor();
  await page.context().close();
});

test("on a phone the countries are a sheet that does not cover the map's buttons", async () => {
  const options = { viewport: PHONE, hasTouch: true, isMobile: true };
  const { page, errors } = await openAt("country=DE", {
    flights: states(), history: hours(24), options,
  });
  await page.locator("#history-chart canvas").waitFor();
  await until(page, () => window.overflight.idle);
  await shoot(page, "phone-country");
  const measured = await page.evaluate(() => {
    const box = (selector) => document.querySelector(selector).getBoundingClientRect();
    const shown = [...document.querySelectorAll("#countries button, .controls button")]
      .map((button) => [button.id, button.getBoundingClientRect()])
      .filter(([, { width }]) => width > 0);
    return {
      overflow: document.documentElement.scrollWidth - innerWidth,
      covered: box(".controls").bottom > box("#countries").top,
      beneath: box("#history-chart canvas").right > box("#countries").right,
      small: shown.filter(([, { width, height }]) => width < 43 || height < 43).map(([id]) => id),
    };
  });
  assert.deepEqual(measured, { overflow: 0, covered: false, beneath: false, small: [] });
  await page.locator("#country-flights button").first().tap();
  await page.locator("#countries").waitFor({ state: "hidden" });
  await page.locator("#details-close").tap();
  await page.locator("#countries").waitFor({ state: "visible" });
  assert.deepEqual(errors, []);
  await page.context().close();
});
