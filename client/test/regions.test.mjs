// Which regions a zoomed-in map opens, how long they stay, and when their frames are shown.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Minute } from "../../target/encoder/encoder.js";
import { FineRegions, LINGER } from "../app/data/fine-regions.ts";
import { LivePicture, SETTLE, WORLD } from "../app/data/live-picture.ts";
import { CLOSE_ZOOM, OPEN_ZOOM, REGIONS_MAX, chooseRegions } from "../app/data/regions.ts";
import { ingest, response } from "./decoder.mjs";
import { random } from "./random.mjs";

const regions = new LivePicture(() => {}).regions;
const MUNICH = { longitude: 11.6, latitude: 48.1 };
const PARIS = { longitude: 2.3, latitude: 48.9 };

function view(change = {}) {
  return { ...MUNICH, zoom: 9, width: 1_280, height: 800, bearing: 0, pitch: 0, ...change };
}

const chosen = (change, open = []) => chooseRegions(regions, view(change), new Set(open));
const sorted = (names) => [...names].sort();

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

test("the decoder knows the regions, and they cover the globe", () => {
  assert.equal(regions.length, 24);
  const area = regions.reduce((sum, { bbox: [w, s, e, n] }) => sum + (e - w) * (n - s), 0);
  assert.equal(area, 360 * 180);
});

test("regions open from one zoom on and close below a lower one", () => {
  const open = ["eu-central"];
  assert.deepEqual(chosen({ zoom: OPEN_ZOOM - 0.01 }), []);
  assert.ok(chosen({ zoom: OPEN_ZOOM }).includes("eu-central"));
  assert.ok(chosen({ zoom: CLOSE_ZOOM }, open).includes("eu-central"));
  assert.deepEqual(chosen({ zoom: CLOSE_ZOOM - 0.01 }, open), []);
});

test("a view chooses the regions in it, the one at its centre first", () => {
  assert.deepEqual(chosen(), ["eu-central"]);
  assert.deepEqual(chosen(PARIS), ["eu-west"]);
  assert.deepEqual(chosen({ longitude: 8.1, latitude: 49 }), ["eu-central", "eu-west"]);
  assert.deepEqual(chosen({ longitude: 7.9, latitude: 49 }), ["eu-west", "eu-central"]);
  // 640 pixels east of the middle are 0.88 degrees at zoom 9, and 400 north 0.37.
  assert.deepEqual(chosen({ longitude: 8.87 }), ["eu-central", "eu-west"]);
  assert.deepEqual(chosen({ longitude: 8.9 }), ["eu-central"]);
  assert.deepEqual(chosen({ longitude: 8.6, bearing: 90 }), ["eu-central"]);
  assert.deepEqual(chosen({ longitude: 8.6, bearing: 90, pitch: 60 }),
    ["eu-central", "eu-west", "eu-south"]);
});

test("regions on both sides of the antimeridian are in view from either", () => {
  const both = ["asia-east", "na-northwest"];
  for (const longitude of [179.9, -179.9, 180, -180, 539.9]) {
    assert.deepEqual(sorted(chosen({ longitude, latitude: 55 })), both, `${longitude}`);
  }
  assert.deepEqual(chosen({ longitude: 178, latitude: 55 }), ["asia-east"]);
});

test("regions are chosen close to a pole too", () => {
  assert.deepEqual(chosen({ longitude: 7.5, latitude: 85 }), ["eu-northwest", "eu-central"]);
  assert.deepEqual(chosen({ longitude: 0, latitude: 90 }), ["eu-northwest"]);
  assert.deepEqual(chosen({ longitude: 20.1, latitude: -85 }), ["eu-southeast", "eu-south"]);
});

test("a choice never exceeds the maximum and has the region at the centre first", () => {
  const seed = 20_261_124;
  const next = random(seed);
  for (let i = 0; i < 5_000; i++) {
    const at = {
      longitude: next() * 360 - 180, latitude: next() * 178 - 89, zoom: 7 + next() * 7,
      width: 300 + next() * 3_600, height: 300 + next() * 1_800, bearing: next() * 360,
      pitch: next() * 60,
    };
    const names = chosen(at);
    const middle = regions.find(({ bbox: [w, s, e, n] }) => at.longitude >= w
      && at.longitude < e && at.latitude >= s && at.latitude < n);
    assert.equal(names[0], middle.name, `${JSON.stringify(at)}, seed ${seed}`);
    assert.ok(names.length <= REGIONS_MAX, `${names}, seed ${seed}`);
    assert.equal(new Set(names).size, names.length);
  }
});

/** Returns open regions with connections that only record their calls. */
function setUp() {
  const log = [];
  const fine = new FineRegions({
    regions,
    connect: (region) => {
      const note = (what) => () => log.push(`${what} ${region}`);
      return { start: note("start"), pause: note("pause") };
    },
    closed: (region) => log.push(`closed ${region}`),
  });
  return { fine, log };
}

test("a region that leaves the view lingers, and panning back keeps it", () => {
  const { fine, log } = setUp();
  fine.start();
  fine.look(view());
  fine.look(view(PARIS));
  mock.timers.tick(LINGER - 1);
  assert.deepEqual(fine.open, ["eu-central", "eu-west"]);
  fine.look(view());
  mock.timers.tick(LINGER - 1);
  assert.deepEqual(log, ["start eu-central", "start eu-west"]);
  mock.timers.tick(1);
  assert.deepEqual(fine.open, ["eu-central"]);
  assert.deepEqual(log.slice(2), ["pause eu-west", "closed eu-west"]);
  mock.timers.tick(10 * LINGER);
  assert.deepEqual(fine.open, ["eu-central"], "what is seen stays");
});

test("zoomed out, and in a past minute, all regions are closed", () => {
  for (const away of [view({ zoom: 3 }), null]) {
    const { fine } = setUp();
    fine.start();
    fine.look(view());
    fine.look(away);
    fine.look(away);
    mock.timers.tick(LINGER);
    assert.deepEqual(fine.open, []);
  }
});

test("panning never opens more regions than the maximum", () => {
  const { fine, log } = setUp();
  fine.start();
  for (let longitude = -130; longitude < 140; longitude += 2) {
    fine.look(view({ longitude, latitude: 40, zoom: OPEN_ZOOM }));
    assert.ok(fine.open.length <= REGIONS_MAX, `${fine.open}`);
    for (const name of chosen({ longitude, latitude: 40, zoom: OPEN_ZOOM })) {
      assert.ok(fine.open.includes(name), `${name} at ${longitude}`);
    }
  }
  mock.timers.tick(LINGER);
  const opened = log.filter((line) => line.startsWith("start")).length;
  const closed = log.filter((line) => line.startsWith("closed")).length;
  assert.equal(opened - closed, fine.open.length);
});

test("a pause closes all sockets and opens none, and a start reopens them", () => {
  const { fine, log } = setUp();
  fine.look(view());
  assert.deepEqual(log, [], "nothing starts before the page does");
  fine.start();
  fine.pause();
  fine.look(view(PARIS));
  assert.deepEqual(log, ["start eu-central", "pause eu-central"]);
  fine.start();
  assert.deepEqual(log.slice(2), ["start eu-central", "start eu-west"]);
});

/** The frames of one snapshot by region: `world` and another, each with its index. */
const PLACES = { [WORLD]: 0, "eu-central": 17 };

function frames(time) {
  const state = { icao24: "3c6444", ...MUNICH, time_position: time, last_contact: time };
  ingest.archive(response([state], time));
  const frame = (region) => {
    const snapshot = ingest.region_snapshot(PLACES[region]);
    return new Minute(snapshot, snapshot).keyframe();
  };
  return Object.fromEntries(Object.keys(PLACES).map((region) => [region, frame(region)]));
}

test("frames of one snapshot are shown together, or after a deadline", () => {
  let changes = 0;
  const live = new LivePicture(() => { changes += 1; });
  const take = (region, of) => live.receiver(region).take(of[region]);
  const [first, second, third] = [0, 60, 120].map((after) => frames(1_800_000_000 + after));
  assert.deepEqual(Object.keys(take(WORLD, first)), ["ack", "digest"]);
  take("eu-central", first);
  assert.equal(changes, 2, "each settles at once");
  assert.equal(live.source("3c6444"), "eu-central");
  take(WORLD, second);
  assert.equal(changes, 2);
  take("eu-central", second);
  assert.equal(changes, 3);
  take("eu-central", third);
  mock.timers.tick(SETTLE - 1);
  assert.equal(changes, 3);
  mock.timers.tick(1);
  assert.equal(changes, 4);
  take(WORLD, third);
  mock.timers.tick(10 * SETTLE);
  assert.equal(changes, 5, "once, and not again");
  live.close("eu-central");
  assert.deepEqual([changes, live.count, live.source("3c6444")], [6, 1, WORLD]);
});
