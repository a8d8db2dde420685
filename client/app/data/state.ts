// One aircraft's state as the API spells it: OpenSky's names, SI units, null for unknown.

import type { Schemas } from "./api.ts";

/** What is on show has one date for all its aircraft, and so no `load_date` of theirs. */
export type StateObject = Omit<Schemas["StateFields"], "load_date">;

/** What callers show as the aircraft's name: its callsign, else its address. */
export function nameOf(state: StateObject): string {
  return state.callsign || state.icao24.toUpperCase();
}

/** An address as it is shown: six lower-case hexadecimal digits. */
export function icao24Text(address: number): string {
  return address.toString(16).padStart(6, "0");
}
