// One aircraft's state as the API spells it: OpenSky's names, SI units, null for unknown.

import type { Schemas } from "./api.ts";

/** A picture has one date for all its aircraft, so a state has no `load_date`. */
export type StateObject = Omit<Schemas["StateFields"], "load_date">;

/** The aircraft's name: its callsign, or else its address. */
export function nameOf(state: StateObject): string {
  return state.callsign || state.icao24.toUpperCase();
}

/** An address as it is shown: six lower-case hexadecimal digits. */
export function icao24Text(address: number): string {
  return address.toString(16).padStart(6, "0");
}
