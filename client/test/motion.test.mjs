// The dead reckoning that the shader uses too, against great circles; blending and jumps.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AT, INSTANCE, SHAPE, STATUS, blendLeft, drawn, latitudeOf, longitudeOf,
} from "../app/map/motion.ts";
import { Stage, mercatorX, mercatorY } from "./decoder.mjs";
import { random } from "./random.mjs";

const BASE = 1_800_000_000;
/** Metres; the same sphere as the server's. */
const EARTH_RADIUS = 6_371_008.8;
/** Seconds for which an aircraft in the air is dead-reckoned. */
const HORIZON_AIR = 300;
const RADIANS = Math.PI / 180;

function state(change = {}) {
  return {
    icao24: "3c6444", callsign: "DLH1", origin_country: "Germany", time_position: BASE,
    last_contact: BASE, longitude: 10, latitude: 50, baro_altitude: 10_000, on_ground: false,
    velocity: 240, true_track: 60, vertical_rate: 0, geo_altitude: null, squawk: "1000",
    spi: false, position_source: 0, category: null, current_country: null, ...change,
  };
}

const instances = (...states) => new Stage().show(states, BASE);

/** Shows states after others, at `now`, with `left` of the last blend left. */
function after(before, states, { now = BASE + 60, left = 0 } = {}) {
  const stage = new Stage();
  const old = stage.show(before, BASE);
  return { old, next: stage.show(states, now, { now, left }) };
}

/** Returns the point at a distance (metres) on the great circle from a point along its track. */
function greatCircle({ longitude, latitude, true_track }, metres) {
  const [p, t, s] = [latitude * RADIANS, true_track * RADIANS, metres / EARTH_RADIUS];
  const sin = Math.sin(p) * Math.cos(s) + Math.cos(p) * Math.sin(s) * Math.cos(t);
  const turn = Math.atan2(
    Math.sin(t) * Math.sin(s) * Math.cos(p), Math.cos(s) - Math.sin(p) * sin,
  );
  return { longitude: longitude + turn / RADIANS, latitude: Math.asin(sin) / RADIANS };
}

function metresBetween(a, b) {
  const [dx, dy] = [(a.longitude - b.longitude) * RADIANS, (a.latitude - b.latitude) * RADIANS];
  const h = Math.sin(dy / 2) ** 2
    + Math.cos(a.latitude * RADIANS) * Math.cos(b.latitude * RADIANS) * Math.sin(dx / 2) ** 2;
  return 2 * EARTH_RADIUS * Math.asin(Math.sqrt(h));
}

const place = ({ x, y }) => ({ longitude: longitudeOf(x), latitude: latitudeOf(y) });

test("an aircraft is drawn on the great circle of its track", () => {
  const seed = 20_261_121;
  const next = random(seed);
  let worst = 0;
  for (let i = 0; i < 2_000; i++) {
    const from = state({
      longitude: next() * 360 - 180, latitude: next() * 130 - 65, true_track: next() * 360,
      velocity: next() * 300,
    });
    const seconds = next() * HORIZON_AIR;
    const is = place(drawn(instances(from), 0, BASE + seconds, 0));
    worst = Math.max(worst, metresBetween(is, greatCircle(from, from.velocity * seconds)));
  }
  assert.ok(worst < 150, `${worst.toFixed(0)} m off the great circle, seed ${seed}`);
});

test("a position keeps more than a float's precision", () => {
  const from = state({ longitude: 11.786_111, latitude: 48.353_889, velocity: 0 });
  const metres = metresBetween(place(drawn(instances(from), 0, BASE, 0)), from);
  assert.ok(metres < 0.05, `${metres} m`);
});

test("an aircraft is not moved beyond the horizon, nor before its time", () => {
  const air = instances(state());
  const at = (seconds) => drawn(air, 0, BASE + seconds, 0).x;
  assert.equal(at(HORIZON_AIR), at(HORIZON_AIR + 10_000));
  assert.equal(at(-5), at(0));
  const ground = instances(state({ on_ground: true, velocity: 10 }));
  assert.equal(drawn(ground, 0, BASE + 15, 0).x, drawn(ground, 0, BASE + 200, 0).x);
});

test("an aircraft that cannot be dead-reckoned stays at its reported position", () => {
  for (const change of [
    { velocity: null }, { true_track: null }, { velocity: 1_684 }, { velocity: -1 },
  ]) {
    const is = place(drawn(instances(state(change)), 0, BASE + 60, 0));
    assert.ok(metresBetween(is, state()) < 0.1, JSON.stringify(change));
  }
});

test("a correction starts where the aircraft was drawn and ends where it is", () => {
  const now = BASE + 60;
  // It flew slower and turned meanwhile.
  const next = state({ ...greatCircle(state(), 13_000), time_position: now, true_track: 80 });
  const { old, next: blended } = after([state({ velocity: 250 })], [next]);
  const before = drawn(old, 0, now, 0);
  const start = drawn(blended, 0, now, 1);
  assert.ok(metresBetween(place(before), place(start)) < 1);
  assert.ok(Math.abs(before.track - start.track) < 1e-6);
  assert.ok(metresBetween(place(drawn(blended, 0, now, 0)), next) < 1);
  assert.deepEqual([blendLeft(0), blendLeft(1_000), blendLeft(5_000)], [1, 0, 0]);
});

test("a correction in the middle of another starts where the aircraft was drawn", () => {
  const seed = 20_261_123;
  const next = random(seed);
  const stage = new Stage();
  const near = (from) => state({
    ...greatCircle({ ...from, true_track: next() * 360 }, next() * 900),
    true_track: next() * 360, velocity: next() * 250,
  });
  const from = Array.from({ length: 200 }, (_, i) => state({
    icao24: (i + 1).toString(16).padStart(6, "0"),
    longitude: next() * 359 - 180, latitude: next() * 140 - 70,
  }));
  const again = () => from.map((one) => ({ ...near(one), icao24: one.icao24 }));
  stage.show(from, BASE);
  const first = stage.show(again(), BASE, { now: BASE + 3, left: 0 });
  const now = BASE + 3.4;
  const second = stage.show(again(), BASE, { now, left: 0.4 });
  for (let i = 0; i < from.length; i++) {
    const [was, is] = [drawn(first, i, now, 0.4), drawn(second, i, now, 1)];
    const metres = metresBetween(place(was), place(is));
    assert.ok(metres < 1, `${metres} m, aircraft ${i}, seed ${seed}`);
    assert.ok(Math.abs(Math.sin((was.track - is.track) / 2)) < 1e-5, `track, seed ${seed}`);
  }
});

test("a blend crosses the antimeridian the short way", () => {
  const next = state({ longitude: -179.99, latitude: 0, time_position: BASE + 60 });
  const blended = after([state({ longitude: 179.99, latitude: 0, velocity: 0 })], [next]).next;
  assert.ok(Math.abs(blended.floats[AT.offsetX]) < 0.001);
  assert.notEqual(blended.floats[AT.offsetX], 0);
});

test("an impossible jump is not animated, and a rounded position is not a jump", () => {
  const offset = (longitude) => {
    const next = state({ longitude, time_position: BASE });
    const { floats } = after([state()], [next], { now: BASE }).next;
    return [...floats.slice(AT.offsetX, AT.birth + 1)];
  };
  assert.deepEqual(offset(-70), [0, 0, 0, 0]);
  // 2,040 m, the most that `world` and a region may disagree by.
  assert.notEqual(offset(10 + 2_040 / 111_195 / Math.cos(50 * RADIANS))[0], 0);
});

test("newcomers fade in and the others are matched by address", () => {
  const of = (...addresses) => addresses.map((icao24) => state({ icao24 }));
  const births = ({ count, floats }) =>
    Array.from({ length: count }, (_, index) => floats[index * INSTANCE + AT.birth]);
  const { old, next } = after(of("000001", "3c6444", "a00000"), of("3c6444", "777777", "a00000"));
  assert.deepEqual(births(old), [0, 0, 0], "without a blend all are there at once");
  assert.deepEqual(births(next), [0, 1, 0]);
  assert.deepEqual([...next.icao24], [0x3c6444, 0x777777, 0xa00000]);
  assert.deepEqual(births(after([], of("000001")).next), [0], "nor do the first ones fade in");
});

test("a newcomer goes on fading in when the next picture comes", () => {
  const stage = new Stage();
  const both = [state(), state({ icao24: "a00000" })];
  stage.show([both[0]], BASE);
  const birth = (left) => {
    return stage.show(both, BASE, { now: BASE + 1, left }).floats[INSTANCE + AT.birth];
  };
  // The missing opacity is added in full at a blend's start and not at all at its end.
  assert.deepEqual([birth(0), birth(0.5), birth(0.5), birth(0)], [1, 0.5, 0.25, 0]);
});

test("shape and status follow category, ground and squawk", () => {
  const look = (change) => {
    const { floats } = instances(state(change));
    return [floats[AT.shape], floats[AT.status]];
  };
  assert.deepEqual(look({}), [SHAPE.jet, STATUS.air]);
  assert.deepEqual(look({ category: 8 }), [SHAPE.rotor, STATUS.air]);
  assert.deepEqual(look({ on_ground: true }), [SHAPE.jet, STATUS.ground]);
  assert.deepEqual(look({ squawk: "7700" }), [SHAPE.jet, STATUS.emergency]);
  assert.deepEqual(look({ true_track: null }), [SHAPE.dot, STATUS.air]);
});

test("exact zeros are coordinates, and a state without a position has no row", () => {
  const zero = state({ longitude: 0, latitude: 0, velocity: 0 });
  const nowhere = state({ icao24: "000001", longitude: null, latitude: null });
  const built = instances(zero, nowhere);
  assert.equal(built.count, 1);
  const { x, y } = drawn(built, 0, BASE, 0);
  assert.deepEqual([x, y], [mercatorX(0), mercatorY(0)]);
});
