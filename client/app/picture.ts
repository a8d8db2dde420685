// What the map can show: the live sky or a past minute, behind one interface.

import type { StateObject } from "./state.ts";

export interface Picture {
  /** Unix seconds for which the source made this picture; 0 before the first. */
  readonly time: number;
  /** Aircraft known, with or without a position. */
  readonly count: number;
  /** See rows.ts. */
  rows(): Float64Array;
  details(icao24: string): StateObject | null;
  /** Aircraft whose callsign or icao24 matches, best first. */
  search(query: string, limit: number): StateObject[];
}
