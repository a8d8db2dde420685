// The flat rows in which every picture, live or past, hands its aircraft to the map.
//
// One row per aircraft that has a position, sorted by icao24. NaN means unknown. The wasm decoder
// writes the same layout (client/src/lib.rs), so the GPU buffer is filled by one code path.

import type { StateObject } from "./state.ts";

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

/** The rows of state objects: the second producer beside the wasm decoder. */
export function rowsFromStates(states: readonly StateObject[]): Float64Array {
  const placed = states
    .filter((state) => state.longitude !== null && state.latitude !== null)
    .sort((a, b) => (a.icao24 < b.icao24 ? -1 : a.icao24 > b.icao24 ? 1 : 0));
  const rows = new Float64Array(placed.length * STRIDE);
  placed.forEach((state, index) => rows.set(rowFromState(state), index * STRIDE));
  return rows;
}

function rowFromState(state: StateObject): number[] {
  return [
    Number.parseInt(state.icao24, 16),
    state.longitude ?? NaN,
    state.latitude ?? NaN,
    state.time_position ?? state.last_contact,
    state.velocity ?? NaN,
    state.true_track ?? NaN,
    state.baro_altitude ?? state.geo_altitude ?? NaN,
    state.on_ground ? 1 : 0,
    state.squawk === null ? NaN : Number.parseInt(state.squawk, 8),
    state.category ?? NaN,
  ];
}

/** An address as it is shown: six lower-case hexadecimal digits. */
export function icao24Text(address: number): string {
  return address.toString(16).padStart(6, "0");
}
