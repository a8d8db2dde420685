// The flat rows in which every picture, live or past, hands its aircraft to the map.
//
// One row per aircraft that has a position, sorted by icao24. NaN means unknown. The decoder writes
// them (`row` in client/src/lib.rs).

/** Values per aircraft. */
export const STRIDE = 10;

/** Where each value stands in a row. */
export const ROW = {
  /** The address as a number below 2^24. */
  icao24: 0,
  /** Degrees. */
  longitude: 1,
  latitude: 2,
  /** Unix seconds at which the position was true. */
  time: 3,
  /** m/s over ground. */
  velocity: 4,
  /** Degrees clockwise from north. */
  trueTrack: 5,
  /** Metres; by pressure where known, else above the ellipsoid. */
  altitude: 6,
  /** 1 on the ground, 0 in the air. */
  onGround: 7,
  /** The code as a number (7700 is 0o7700). */
  squawk: 8,
  /** OpenSky's emitter category. */
  category: 9,
} as const;

/** An address as it is shown: six lower-case hexadecimal digits. */
export function icao24Text(address: number): string {
  return address.toString(16).padStart(6, "0");
}
