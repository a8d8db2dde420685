// The regions that a zoomed-in map opens beside `world`, in a real browser against the real Worker.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually, start } from "../edge/harness.mjs";
import { launch, nextFrame, open, shoot, until } from "./chromium.mjs";
import { now, snapshot } from "./snapshot.mjs";

/** Over Munich, at 36,025 feet: `world` knows it to 100 feet and a region to 25. */
const CITY = {
  icao24: "3c6444", callsign: "DLH9LF", longitude: 11.6, latitude: 48.1, baro_altitude: 10_980.42,
};
const FAR = { icao24: "7c6b2d", callsign: "QFA1", longitude: -170, latitude: -40 };
const MUNICH = "#view=48.1,11.6,9";
const ABROAD = "#view=48.1,11.6,3";

/** Eastward at 230 m/s along 49 degrees north: over the border of two regions at this moment. */
const CROSSING = {
  icao24: "4ca1fa", callsign: "RYR77", latitude: 49, velocity: 230, true_track: 90,
};
const BORDER = 8;
const DEGREES_A_SECOND = 230 / 111_195 / Math.cos(49 * (Math.PI / 180));
/** West of the border, and east of it; both views see it. */
const WEST = "#view=49,7.6,9";
const EAST = "#view=49,8.4,9";

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

/** Pushes a snapshot with the current time. */
async function feed(...aircraft) {
  ({ time: pushed } = await server.feed(snapshot(Math.max(now(), pushed + 1), ...aircraft)));
  return pushed;
}

/** A page, and the regions to which it has a socket, as they come and go. */
async function openAt(hash, prepare = async () => {}) {
  const sockets = new Set();
  const route = async (page) => {
    page.on("websocket", (socket) => {
      const region = new URL(socket.url()).pathname.split("/").at(-1);
      assert.ok(!sockets.has(region), `a second socket to ${region}`);
      sockets.add(region);
      socket.on("close", () => sockets.delete(region));
    });
    await prepare(page);
  };
  return { ...await open(browser, `${server.url}/${hash}`, { route }), sockets };
}

const go = (page, hash) => page.evaluate((to) => { location.hash = to; }, hash);
const shows = (page, icao24, region) =>
  until(page, ([of, from]) => window.overflight.source(of) === from, [icao24, region]);
const source = (page, { icao24 }) => page.evaluate((of) => window.overflight.source(of), icao24);

/** From here on notes at each of the browser's frames how many aircraft there are and where one is;
 *  `watched` tells the fewest, the most, and the longest way from one frame to the next. */
async function watch(page, { icao24 }) {
  await page.evaluate((of) => {
    const seen = { fewest: Infinity, most: 0, gaps: 0, degrees: 0 };
    let last = null;
    const look = () => {
      const { count } = window.overflight;
      const place = window.overflight.drawn(of);
      if (place === null) seen.gaps += 1;
      if (place !== null && last !== null) {
        seen.degrees = Math.max(seen.degrees, Math.abs(place.longitude - last.longitude));
      }
      last = place;
      Object.assign(seen, {
        fewest: Math.min(seen.fewest, count), most: Math.max(seen.most, count),
      });
      requestAnimationFrame(look);
    };
    look();
    window.seen = seen;
  }, icao24);
}

const watched = (page) => page.evaluate(() => window.seen);

test("a link to a city opens its region, and zooming out closes it", async () => {
  await feed(CITY, FAR);
  const { page, errors, sockets } = await openAt(`${MUNICH}&icao24=${CITY.icao24}`);
  await shows(page, CITY.icao24, "eu-central");
  assert.deepEqual([...sockets].sort(), ["eu-central", "world"]);
  assert.equal(await source(page, FAR), "world");
  await page.locator("#details-figures", { hasText: "36,025 ft" }).waitFor();
  await until(page, () => window.overflight.idle);
  await nextFrame(page);
  const { longitude, latitude } = await page.evaluate(
    (of) => window.overflight.drawn(of), CITY.icao24,
  );
  // Half a cell of 50 m, which is 0.000225 degrees north and 0.00034 east at 48 degrees.
  assert.ok(Math.abs(latitude - CITY.latitude) <= 0.000_23, `${latitude}`);
  assert.ok(Math.abs(longitude - CITY.longitude) <= 0.000_35, `${longitude}`);
  await shoot(page, "city");
  await watch(page, CITY);
  await go(page, ABROAD);
  await shows(page, CITY.icao24, "world");
  await eventually(() => !sockets.has("eu-central"), "its socket is closed");
  assert.deepEqual([...sockets], ["world"]);
  await go(page, MUNICH);
  await shows(page, CITY.icao24, "eu-central");
  const { fewest, most, gaps } = await watched(page);
  assert.deepEqual([fewest, most, gaps], [2, 2, 0]);
  assert.deepEqual([...sockets].sort(), ["eu-central", "world"]);
  assert.deepEqual(errors, []);
  await page.context().close();
});

test("an aircraft that crosses a border, the map panning with it, is one aircraft", async () => {
  const crossed = Math.max(now(), pushed + 1) + 6;
  const at = (time) => (
    { ...CROSSING, longitude: BORDER + (time - crossed) * DEGREES_A_SECOND }
  );
  const step = async () => {
    const time = Math.max(now(), pushed + 1);
    return feed(at(time), FAR);
  };
  await step();
  const { page, errors } = await openAt(WEST);
  await shows(page, CROSSING.icao24, "eu-west");
  await until(page, () => window.overflight.regions.length === 2);
  await watch(page, CROSSING);
  let time = 0;
  for (let round = 0; time <= crossed + 2; round++) {
    await go(page, round % 2 === 0 ? EAST : WEST);
    time = await step();
  }
  await shows(page, CROSSING.icao24, "eu-central");
  const { fewest, most, gaps, degrees } = await watched(page);
  assert.deepEqual([fewest, most, gaps], [2, 2, 0]);
  // 0.05 degrees are 3.6 km, 16 s of flight; a software-drawn frame may take a second.
  assert.ok(degrees < 0.05, `${degrees} degrees from one frame to the next`);
  assert.deepEqual(errors, []);
  await page.context().close();
});

test("where a region cannot be had, the map shows what world has and says nothing", async () => {
  await feed(CITY, FAR);
  const refused = [];
  const { page, errors } = await openAt(MUNICH, (page) => {
    return page.routeWebSocket(/eu-central/, (socket) => {
      refused.push(socket.url());
      return socket.close({ code: 4009 });
    });
  });
  await until(page, () => window.overflight.regions.includes("eu-central"));
  await page.locator('#pill[data-tone="live"]').waitFor();
  await shows(page, CITY.icao24, "world");
  const time = await feed(CITY, FAR);
  await until(page, (shown) => window.overflight.time >= shown, time);
  assert.ok(refused.length > 0);
  assert.deepEqual([await source(page, CITY), await source(page, FAR)], ["world", "world"]);
  assert.equal(await page.locator("#pill").getAttribute("data-tone"), "live");
  assert.deepEqual(errors, []);
  await page.context().close();
});

test("a past minute opens no region, and live again does", async () => {
  await feed(CITY);
  await feed(CITY, FAR);
  const [, date] = await server.json("/api/dates");
  const { page, sockets } = await openAt(`${MUNICH}&date=${date}`);
  await page.locator('#pill[data-tone="past"]').waitFor();
  await until(page, () => window.overflight.count === 1);
  assert.deepEqual([await source(page, CITY), [...sockets]], [null, ["world"]]);
  await page.getByRole("button", { name: "Back to live" }).click();
  await shows(page, CITY.icao24, "eu-central");
  assert.deepEqual([...sockets].sort(), ["eu-central", "world"]);
  await page.context().close();
});
