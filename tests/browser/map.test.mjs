// The map in a real browser, against the real Worker.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually, fixedPort, start } from "../edge/harness.mjs";
import { PHONE, launch, nextFrame, open, pixels, shoot, until } from "./chromium.mjs";
import { now, snapshot } from "./snapshot.mjs";

/** Over Germany, flying east; nothing else is near. */
const FLIGHT = {
  icao24: "3c6444", callsign: "DLH9LF", longitude: 10.5, latitude: 51, velocity: 230,
  true_track: 90, baro_altitude: 11_277.6, vertical_rate: 0, squawk: "1000",
};
const EMERGENCY = {
  icao24: "4ca1fa", callsign: "RYR77", longitude: 13, latitude: 53, squawk: "7700",
  baro_altitude: 3_000,
};
const ELSEWHERE = { icao24: "7c6b2d", callsign: "QFA1", longitude: -170, latitude: -40 };
/** Too far off for the fine outlines, which take software as long to draw as all the rest. */
const GERMANY = "#view=51,10.5,4.4";

let server;
let browser;
/** The time of the last pushed snapshot; the next one must be later. */
let pushed = 0;

before(async () => {
  [server, browser] = await Promise.all([start({ feed: "push" }), launch()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Pushes a snapshot with the current time, and waits until the page, if any, shows it. */
async function feed(page, ...aircraft) {
  const { time } = await server.feed(snapshot(Math.max(now(), pushed + 1), ...aircraft));
  pushed = time;
  if (page) await until(page, (shown) => window.overflight.time >= shown, time);
  return time;
}

const drawn = (page, icao24) => page.evaluate((of) => window.overflight.drawn(of), icao24);
const text = (page, selector) => page.locator(selector).innerText();

/** Bluer than any ground and much brighter: an aircraft at cruise. */
const isCruise = ([r, g, b]) => b > 180 && g > 110 && b > r + 30;
const isEmergency = ([r, g, b]) => r > 180 && g < 120 && b < 140;

// First, before anything is pushed.
test("without a snapshot the page says that it waits", async () => {
  const { page, errors } = await open(browser, `${server.url}/`);
  await page.getByText("No aircraft yet: waiting for the first snapshot").waitFor();
  assert.match(await text(page, "#pill"), /Waiting for data/);
  await shoot(page, "empty");
  assert.deepEqual(errors, []);
  await page.context().close();
});

test("aircraft are drawn where the API says, on globe and plane", async () => {
  await feed(null, FLIGHT, EMERGENCY, ELSEWHERE);
  for (const [name, extra] of [["globe", ""], ["flat", "&flat"]]) {
    const { page, errors } = await open(browser, `${server.url}/${GERMANY}${extra}`);
    await until(page, () => window.overflight.count === 3);
    const [state] = await server.json("/api/flights/latest?icao24=3c6444");
    const place = await drawn(page, FLIGHT.icao24);
    // 230 m/s eastward at 51 degrees north are 0.0033 degrees a second.
    const seconds = (place.longitude - state.longitude) / 0.0033;
    const age = now() - state.time_position;
    assert.ok(Math.abs(seconds - age) < 4, `${name}: moved ${seconds} s on, is ${age} s old`);
    assert.ok(Math.abs(place.latitude - state.latitude) < 0.02, `${name}: ${place.latitude}`);
    await nextFrame(page);
    await shoot(page, `drawn-${name}`);
    const here = await pixels(page, (await drawn(page, FLIGHT.icao24)).pixel, 10);
    assert.ok(here.filter(isCruise).length >= 10, `${name}: no aircraft where it should be`);
    const red = await pixels(page, (await drawn(page, EMERGENCY.icao24)).pixel, 10);
    assert.ok(red.filter(isEmergency).length >= 10, `${name}: no emergency where it should be`);
    const sea = await pixels(page, [500, 600], 10);
    assert.equal(sea.filter(isCruise).length, 0, `${name}: an aircraft where there is none`);
    assert.deepEqual(errors, []);
    await page.context().close();
  }
});

test("the far side of the globe is hidden", async () => {
  await feed(null, FLIGHT, EMERGENCY, ELSEWHERE);
  const { page } = await open(browser, `${server.url}/#view=40,10,1.5`);
  await until(page, () => window.overflight.count === 3);
  assert.ok((await drawn(page, FLIGHT.icao24)).pixel);
  assert.equal((await drawn(page, ELSEWHERE.icao24)).pixel, null);
  await page.context().close();
});

test("aircraft move between frames, and a correction is applied", async () => {
  await feed(null, FLIGHT, EMERGENCY);
  const { page, errors } = await open(browser, `${server.url}/#view=51,10.5,10`);
  await until(page, () => window.overflight.count >= 2);
  const first = await drawn(page, FLIGHT.icao24);
  const from = [FLIGHT.icao24, first.pixel[0]];
  await until(page, ([of, x]) => window.overflight.drawn(of).pixel[0] > x + 3, from);
  const corrected = { ...FLIGHT, longitude: first.longitude + 0.02, latitude: 51.01 };
  await feed(page, corrected, EMERGENCY);
  await until(
    page, (of) => Math.abs(window.overflight.drawn(of).latitude - 51.01) < 0.000_5, FLIGHT.icao24,
  );
  assert.deepEqual(errors, []);
  await page.context().close();
});

test("a click opens the details, updates keep them, Escape closes them", async () => {
  await feed(null, FLIGHT, EMERGENCY);
  const { page, errors } = await open(browser, `${server.url}/${GERMANY}`);
  await until(page, () => window.overflight.count >= 2);
  await page.mouse.click(...(await drawn(page, FLIGHT.icao24)).pixel);
  await page.locator("#details").waitFor({ state: "visible" });
  assert.equal(await text(page, "#details-name"), "DLH9LF");
  assert.match(await text(page, "#details-identity"), /3c6444 · Germany/);
  assert.equal(await text(page, "#details-over"), "Over Germany");
  const figures = await text(page, "#details-figures");
  for (const figure of ["37,000 ft", "11,278 m", "447 kt", "828 km/h", "090°"]) {
    assert.ok(figures.includes(figure), `${figure} is not in ${figures}`);
  }
  assert.match(page.url(), /icao24=3c6444/);
  await shoot(page, "selected");
  await feed(page, { ...FLIGHT, baro_altitude: 10_668 }, EMERGENCY);
  await page.getByText("35,000 ft").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("#details").waitFor({ state: "hidden" });
  assert.doesNotMatch(page.url(), /icao24/);
  assert.deepEqual(errors, []);
  await page.context().close();
});

test("a search flies to the aircraft and names its emergency", async () => {
  await feed(null, FLIGHT, EMERGENCY);
  const { page, errors } = await open(browser, `${server.url}/`);
  await until(page, () => window.overflight.count >= 2);
  await page.keyboard.press("/");
  await page.keyboard.type("ryr");
  await page.getByRole("option", { name: "RYR77" }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByText("7700 · General emergency").waitFor();
  await until(page, () => window.overflight.idle);
  const [x, y] = (await drawn(page, EMERGENCY.icao24)).pixel;
  assert.ok(x > 0 && x < 1_000 && y > 0 && y < 700, `flown to, but drawn at ${x}, ${y}`);
  assert.deepEqual(errors, []);
  await page.context().close();
});

test("a past minute is loaded, linked to, and left again", async () => {
  const time = await feed(null, FLIGHT);
  const date = `${new Date(time * 1_000).toISOString().slice(0, 19)}Z`;
  const stored = async () => (await server.json("/api/dates")).includes(date);
  await eventually(stored, `${date} is stored`);
  await feed(null, FLIGHT, EMERGENCY);
  const { page, errors } = await open(browser, `${server.url}/${GERMANY}`);
  await until(page, () => window.overflight.count === 2);
  await page.locator("#dates").focus();
  await page.locator(`#dates option[value="${date}"]`).waitFor({ state: "attached" });
  await page.locator("#dates").selectOption(date);
  await until(page, () => window.overflight.count === 1);
  assert.match(await text(page, "#pill"), /Past minute/);
  // It stands still at that minute's position, as received.
  const place = await drawn(page, FLIGHT.icao24);
  assert.ok(Math.abs(place.longitude - FLIGHT.longitude) < 1e-5, `${place.longitude}`);
  await shoot(page, "past");
  const linked = await open(browser, page.url());
  await until(linked.page, () => window.overflight.count === 1);
  assert.equal(await linked.page.locator("#dates").inputValue(), date);
  await linked.page.context().close();
  await page.getByRole("button", { name: "Back to live" }).click();
  await until(page, () => window.overflight.count === 2);
  assert.deepEqual(errors, []);
  await page.context().close();
});

test("the map recovers from a lost WebGL context", async () => {
  await feed(null, FLIGHT, EMERGENCY);
  const { page } = await open(browser, `${server.url}/${GERMANY}`);
  await until(page, () => window.overflight.count === 2);
  await page.evaluate(async () => {
    const canvas = document.querySelector("canvas");
    const lose = canvas.getContext("webgl2").getExtension("WEBGL_lose_context");
    const lost = new Promise((resolve) => canvas.addEventListener("webglcontextlost", resolve));
    lose.loseContext();
    await lost;
    // It can be restored once the event has reached all listeners.
    await new Promise(requestAnimationFrame);
    lose.restoreContext();
  });
  await until(page, () => window.overflight.idle);
  await nextFrame(page);
  const here = await pixels(page, (await drawn(page, FLIGHT.icao24)).pixel, 10);
  assert.ok(here.filter(isCruise).length >= 10, "no aircraft where it was");
  await page.context().close();
});

test("the source stays named while its traffic is on show, whatever the status says", async () => {
  await feed(null, FLIGHT);
  const { page } = await open(browser, `${server.url}/${GERMANY}`);
  const source = page.locator("#source", { hasText: "The OpenSky Network" });
  await source.waitFor();
  await page.route("**/api/status", (route) => route.abort());
  const failed = page.waitForEvent("requestfailed");
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  await failed;
  // The page has heard of it when its own next request has failed.
  await page.evaluate(() => fetch("/api/status").catch(() => {}));
  assert.ok(await source.isVisible());
  await page.context().close();
});

test("on a phone everything fits the width and is large enough to touch", async () => {
  await feed(null, FLIGHT);
  const options = { viewport: PHONE, hasTouch: true, isMobile: true };
  const { page, errors } = await open(browser, `${server.url}/#icao24=3c6444`, options);
  await page.locator("#details").waitFor({ state: "visible" });
  await until(page, () => window.overflight.idle);
  await shoot(page, "phone");
  const measured = await page.evaluate(() => ({
    overflow: document.documentElement.scrollWidth - innerWidth,
    outside: [...document.querySelectorAll("button, input, select, h1, .pill, .details")]
      .map((element) => [element.id || element.className, element.getBoundingClientRect()])
      .filter(([, box]) => box.width > 0 && (box.left < 0 || box.right > innerWidth + 0.5))
      .map(([name]) => name),
    small: [...document.querySelectorAll("button, input, select")]
      .map((element) => [element.id, element.getBoundingClientRect()])
      .filter(([, box]) => box.width > 0 && (box.width < 44 || box.height < 44))
      .map(([name, box]) => `${name} ${box.width}x${box.height}`),
  }));
  assert.deepEqual(measured, { overflow: 0, outside: [], small: [] });
  assert.deepEqual(errors, []);
  await page.context().close();
});

test("the page reconnects by itself after the server was down", async () => {
  const own = await start({ feed: "push", port: await fixedPort() });
  try {
    await own.feed(snapshot(now(), FLIGHT));
    const { page } = await open(browser, `${own.url}/${GERMANY}`);
    await until(page, () => window.overflight.count === 1);
    await own.kill();
    await until(page, () => document.querySelector("#pill").dataset.tone === "warning");
    await own.restart();
    const { time } = await own.feed(snapshot(now() + 1, FLIGHT, EMERGENCY));
    await until(page, (shown) => window.overflight.time >= shown, time);
    assert.equal(await page.evaluate(() => window.overflight.count), 2);
    await page.context().close();
  } finally {
    await own.stop();
  }
});

test("a page that is older than the server says so", async () => {
  const description = await server.json("/api/openapi.json");
  const spoken = ["overflight.v9", "overflight.json"];
  description.paths["/api/live/{region}"].get["x-subprotocols"] = spoken;
  const route = async (page) => {
    await page.route("**/api/openapi.json", (route) => route.fulfill({ json: description }));
    // The server refuses what it has never spoken, as it would what it speaks no more.
    await page.addInitScript(() => {
      window.WebSocket = class extends WebSocket {
        constructor(url) {
          super(url, "overflight.v0");
        }
      };
    });
  };
  const { page } = await open(browser, `${server.url}/`, { route });
  const alarm = page.locator('#pill[data-tone="alarm"]');
  await alarm.getByText("Reload for the new version").waitFor();
  await page.context().close();
});
