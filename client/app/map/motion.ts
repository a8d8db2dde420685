// Where an aircraft is drawn now: dead reckoning, and the smoothing of corrections.
//
// The vertex shader (shader.ts) evaluates the same formula on the same numbers, so what is picked
// is what is seen. Places are web mercator, 0..1 from west to east and from north to south.
//
// An aircraft is taken along the great circle that leaves its last position on its last track, to
// second order in the angle travelled: with track T and latitude p, an angle s moves it by
//   s (sin T, -cos T) / cos p  +  s^2/2 (sin 2T, -cos 2T) tan p / cos p
// (radians of mercator). At 250 m/s for 5 minutes the third order is a few metres at 60 degrees.

import { ROW, STRIDE } from "../data/rows.ts";

/** Metres; the sphere on which the server reckons too. */
export const EARTH_RADIUS = 6_371_008.8;

/** Seconds for which an aircraft in the air is moved on: its track is a guess by then. */
export const HORIZON_AIR = 300;
/** On the ground it turns at the next taxiway. */
export const HORIZON_GROUND = 15;
/** m/s. Faster reports are faults (1,684 m/s was seen): such an aircraft stays where it was. */
export const VELOCITY_MAX = 600;
/** m/s between two reports; above it the second is somewhere else, and nothing flew there. */
export const JUMP_VELOCITY = 400;
/** Metres that position noise may add to that. */
const JUMP_SLACK = 1_000;

/** Milliseconds over which a correction is blended in. */
export const BLEND_MS = 1_000;

/** Floats per aircraft, and where they stand. Two halves of x and y: one float is 2.4 m coarse. */
export const INSTANCE = 16;
export const AT = {
  xHigh: 0, yHigh: 1, xLow: 2, yLow: 3,
  /** Mercator units per second; radians; radians per second of bend; seconds after the base. */
  rate: 4, track: 5, bend: 6, time: 7,
  /** Metres or UNKNOWN_ALTITUDE; silhouette; a STATUS; seconds. */
  altitude: 8, shape: 9, status: 10, horizon: 11,
  /** What is added at the start of a blend (place, track), and 1 where it fades in. */
  offsetX: 12, offsetY: 13, offsetTrack: 14, birth: 15,
} as const;

export const UNKNOWN_ALTITUDE = -9_999;
export const STATUS = { air: 0, ground: 1, emergency: 2 } as const;
export const SHAPE = { jet: 0, light: 1, rotor: 2, dot: 3 } as const;

const EMERGENCY_SQUAWKS = new Set([0o7500, 0o7600, 0o7700]);

/** One picture, ready to be drawn. */
export interface Instances {
  /** Unix seconds that the times in `floats` count from: small numbers stay exact. */
  base: number;
  count: number;
  floats: Float32Array;
  icao24: Uint32Array;
}

export interface Drawn {
  /** Mercator. */
  x: number;
  y: number;
  /** Radians clockwise from north. */
  track: number;
}

export function mercatorX(longitude: number): number {
  return (longitude + 180) / 360;
}

export function mercatorY(latitude: number): number {
  return 0.5 - Math.asinh(Math.tan(latitude * (Math.PI / 180))) / (2 * Math.PI);
}

export function longitudeOf(x: number): number {
  const degrees = x * 360 - 180;
  return degrees - 360 * Math.floor((degrees + 180) / 360);
}

export function latitudeOf(y: number): number {
  return Math.atan(Math.sinh((0.5 - y) * 2 * Math.PI)) * (180 / Math.PI);
}

/** What is left of a blend, 1 at its start and 0 at its end. */
export function blendLeft(elapsedMs: number): number {
  const t = Math.min(Math.max(elapsedMs / BLEND_MS, 0), 1);
  return 1 - t * t * (3 - 2 * t);
}

/** Place and track as drawn at `now` (Unix seconds), with `left` of the blend to go. */
export function drawn(instances: Instances, index: number, now: number, left: number): Drawn {
  const f = instances.floats;
  const o = index * INSTANCE;
  const value = (at: number): number => f[o + at] ?? NaN;
  const age = now - instances.base - value(AT.time);
  const seconds = Math.min(Math.max(age, 0), value(AT.horizon));
  const track = value(AT.track);
  const along = value(AT.rate) * seconds;
  const bend = value(AT.bend) * seconds;
  return {
    x: value(AT.xHigh) + value(AT.xLow) + along * (Math.sin(track) + bend * Math.sin(2 * track))
      + value(AT.offsetX) * left,
    y: value(AT.yHigh) + value(AT.yLow) - along * (Math.cos(track) + bend * Math.cos(2 * track))
      + value(AT.offsetY) * left,
    track: track + value(AT.offsetTrack) * left,
  };
}

/** Rows to instances; the blend starts from where `previous` is drawn at `now`. */
export function build(
  rows: Float64Array,
  base: number,
  previous: { instances: Instances; left: number; now: number } | null,
): Instances {
  const count = rows.length / STRIDE;
  const instances: Instances = {
    base,
    count,
    floats: new Float32Array(count * INSTANCE),
    icao24: new Uint32Array(count),
  };
  let before = 0;
  for (let index = 0; index < count; index++) {
    const row = rows.subarray(index * STRIDE, (index + 1) * STRIDE);
    const icao24 = row[ROW.icao24] ?? 0;
    instances.icao24[index] = icao24;
    instances.floats.set(instanceOf(row, base), index * INSTANCE);
    if (previous === null) continue;
    // Both are sorted by address, so one walk finds each aircraft's earlier self.
    const old = previous.instances;
    while (before < old.count && (old.icao24[before] ?? 0) < icao24) before++;
    const known = before < old.count && old.icao24[before] === icao24;
    correct(instances, index, known ? before : null, previous);
  }
  return instances;
}

function instanceOf(row: Float64Array, base: number): number[] {
  const value = (at: number): number => row[at] ?? NaN;
  const latitude = Math.min(Math.max(value(ROW.latitude), -89.9), 89.9);
  const radians = latitude * (Math.PI / 180);
  const x = mercatorX(value(ROW.longitude));
  const y = mercatorY(latitude);
  const velocity = value(ROW.velocity);
  const trackKnown = !Number.isNaN(value(ROW.trueTrack));
  const moves = trackKnown && velocity > 0 && velocity <= VELOCITY_MAX;
  const angular = moves ? velocity / EARTH_RADIUS : 0;
  const onGround = value(ROW.onGround) === 1;
  const status = EMERGENCY_SQUAWKS.has(value(ROW.squawk)) ? STATUS.emergency
    : onGround ? STATUS.ground : STATUS.air;
  const altitude = value(ROW.altitude);
  return [
    Math.fround(x), Math.fround(y), x - Math.fround(x), y - Math.fround(y),
    angular / (2 * Math.PI * Math.cos(radians)),
    trackKnown ? value(ROW.trueTrack) * (Math.PI / 180) : 0,
    (angular * Math.tan(radians)) / 2,
    value(ROW.time) - base,
    Number.isNaN(altitude) ? UNKNOWN_ALTITUDE : altitude,
    trackKnown ? shapeOf(value(ROW.category)) : SHAPE.dot,
    status,
    onGround ? HORIZON_GROUND : HORIZON_AIR,
    0, 0, 0, 0,
  ];
}

/** OpenSky's categories: 2 light, 8 rotorcraft, 9 glider, 10 balloon, 11 parachutist,
 * 12 ultralight, 16 and up vehicles and obstacles. */
function shapeOf(category: number): number {
  if (category === 8) return SHAPE.rotor;
  if (category === 2 || category === 9 || category === 12) return SHAPE.light;
  if (category === 10 || category === 11 || category >= 16) return SHAPE.dot;
  return SHAPE.jet;
}

function correct(
  instances: Instances,
  index: number,
  oldIndex: number | null,
  previous: { instances: Instances; left: number; now: number },
): void {
  const f = instances.floats;
  const o = index * INSTANCE;
  if (oldIndex === null) {
    f[o + AT.birth] = 1;
    return;
  }
  if (isJump(instances, index, previous.instances, oldIndex)) return;
  const was = drawn(previous.instances, oldIndex, previous.now, previous.left);
  const is = drawn(instances, index, previous.now, 0);
  // Across the antimeridian the short way is the one that was flown.
  const dx = was.x - is.x;
  const turn = was.track - is.track;
  f[o + AT.offsetX] = dx - Math.round(dx);
  f[o + AT.offsetY] = was.y - is.y;
  f[o + AT.offsetTrack] = turn - 2 * Math.PI * Math.round(turn / (2 * Math.PI));
}

function isJump(a: Instances, ai: number, b: Instances, bi: number): boolean {
  const at = (of: Instances, index: number, what: number): number =>
    of.floats[index * INSTANCE + what] ?? NaN;
  const seconds = Math.abs(a.base + at(a, ai, AT.time) - b.base - at(b, bi, AT.time));
  const dx = at(a, ai, AT.xHigh) - at(b, bi, AT.xHigh);
  const dy = at(a, ai, AT.yHigh) - at(b, bi, AT.yHigh);
  const scale = Math.cos(latitudeOf(at(a, ai, AT.yHigh)) * (Math.PI / 180));
  const metres = Math.hypot(dx - Math.round(dx), dy) * scale * 2 * Math.PI * EARTH_RADIUS;
  return metres > JUMP_VELOCITY * seconds + JUMP_SLACK;
}
