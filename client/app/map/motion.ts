// Where an aircraft is drawn now: dead reckoning, and the smoothing of corrections.
//
// The vertex shader (shader.ts) evaluates the same formula on the same numbers, so picking matches
// drawing. The decoder writes the numbers (client/src/instance.rs), and uses the formula to
// begin a blend where an aircraft was drawn. Places are web mercator, 0..1 from west to east and
// from north to south.
//
// An aircraft is moved along the great circle that leaves its last position on its last track, to
// second order in the angle travelled: with track T and latitude p, an angle s moves it by
//   s (sin T, -cos T) / cos p  +  s^2/2 (sin 2T, -cos 2T) tan p / cos p
// (radians of mercator). At 250 m/s for 5 minutes the third order is a few metres at 60 degrees.

/** Milliseconds over which a correction is blended in. */
export const BLEND_MS = 1_000;

/** Floats per aircraft, and their places. x and y have two halves: one float has steps of 2.4 m. */
export const INSTANCE = 16;
export const AT = {
  xHigh: 0, yHigh: 1, xLow: 2, yLow: 3,
  /** Mercator units per second; radians; radians per second of bend; seconds after the base. */
  rate: 4, track: 5, bend: 6, time: 7,
  /** Metres or UNKNOWN_ALTITUDE; silhouette; a STATUS; seconds. */
  altitude: 8, shape: 9, status: 10, horizon: 11,
  /** The offsets at the start of a blend (place, track), and the missing opacity. */
  offsetX: 12, offsetY: 13, offsetTrack: 14, birth: 15,
} as const;

export const UNKNOWN_ALTITUDE = -9_999;
export const STATUS = { air: 0, ground: 1, emergency: 2 } as const;
export const SHAPE = { jet: 0, light: 1, rotor: 2, dot: 3 } as const;

/** One picture, ready to be drawn. */
export interface Instances {
  /** Unix seconds from which the times in `floats` count: small numbers stay exact. */
  base: number;
  count: number;
  /** `INSTANCE` floats for each aircraft. */
  floats: Float32Array;
  /** The address of each, ascending. */
  icao24: Uint32Array;
}

export interface Drawn {
  /** Mercator. */
  x: number;
  y: number;
  /** Radians clockwise from north. */
  track: number;
}

export function longitudeOf(x: number): number {
  const degrees = x * 360 - 180;
  return degrees - 360 * Math.floor((degrees + 180) / 360);
}

export function latitudeOf(y: number): number {
  return Math.atan(Math.sinh((0.5 - y) * 2 * Math.PI)) * (180 / Math.PI);
}

/** Returns the remainder of a blend, 1 at its start and 0 at its end. */
export function blendLeft(elapsedMs: number): number {
  const t = Math.min(Math.max(elapsedMs / BLEND_MS, 0), 1);
  return 1 - t * t * (3 - 2 * t);
}

/** Returns place and track as drawn at `now` (Unix seconds), with `left` of the blend to go. */
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
