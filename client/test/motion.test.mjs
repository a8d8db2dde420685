// The dead reckoning that the shader uses too, against great circles; blending and jumps.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AT, EARTH_RADIUS, HORIZON_AIR, INSTANCE, SHAPE, STATUS, blendLeft, build, drawn, latitudeOf,
  longitudeOf, mercatorX, mercatorY,
} from "../app/map/motion.ts";
import { random } from "./random.mjs";
import { rowsOf } from "./rows.mjs";

const BASE = 1_800_000_000;
const RADIANS = Math.PI / 180;

function state(change = {}) {
  return {
    icao24: "3c6444", callsign: "DLH1", origin_country: "Germany", time_position: BASE,
    last_contact: BASE, longitude: 10, latitude: 50, baro_altitude: 10_000, on_ground: false,
    velocity: 240, true_track: 60, vertical_rate: 0, geo_altitude: null, squawk: "1000",
    spi: false, position_source: 0, category: null, current_country: null, ...change,
  };
}

const instances = (...states) => build(rowsOf(states), BASE, null);

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
  const old = instances(state({ velocity: 250 }));
  const now = BASE + 60;
  // It flew slower and turned meanwhile.
  const next = state({ ...greatCircle(state(), 13_000), time_position: now, true_track: 80 });
  const blended = build(rowsOf([next]), now, { instances: old, left: 0, now });
  const before = drawn(old, 0, now, 0);
  const start = drawn(blended, 0, now, 1);
  assert.ok(metresBetween(place(before), place(start)) < 1);
  assert.ok(Math.abs(before.track - start.track) < 1e-6);
  assert.ok(metresBetween(place(drawn(blended, 0, now, 0)), next) < 1);
  assert.deepEqual([blendLeft(0), blendLeft(1_000), blendLeft(5_000)], [1, 0, 0]);
});

test("a blend crosses the antimeridian the short way", () => {
  const old = instances(state({ longitude: 179.99, latitude: 0, velocity: 0 }));
  const now = BASE + 60;
  const next = state({ longitude: -179.99, latitude: 0, time_position: now });
  const blended = build(rowsOf([next]), now, { instances: old, left: 0, now });
  assert.ok(Math.abs(blended.floats[AT.offsetX]) < 0.001);
});

test("an impossible jump is not animated", () => {
  const old = instances(state());
  const now = BASE + 60;
  const next = state({ longitude: -70, time_position: now });
  const jumped = build(rowsOf([next]), now, { instances: old, left: 0, now });
  assert.deepEqual([...jumped.floats.slice(AT.offsetX, AT.birth + 1)], [0, 0, 0, 0]);
});

test("newcomers fade in and the others are matched by address", () => {
  const first = ["000001", "3c6444", "a00000"].map((icao24) => state({ icao24 }));
  const old = instances(...first);
  const later = ["3c6444", "777777", "a00000"].map((icao24) => state({ icao24 }));
  const next = build(rowsOf(later), BASE, { instances: old, left: 0, now: BASE });
  const births = [0, 1, 2].map((index) => next.floats[index * INSTANCE + AT.birth]);
  assert.deepEqual(births, [0, 1, 0]);
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
