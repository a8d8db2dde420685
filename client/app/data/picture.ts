// What the map can show: the live sky or a past minute, behind one interface.

import type { StateObject } from "./state.ts";

/** As in `/api/countries/:date`. */
export interface CountryCount {
  name: string;
  /** ISO 3166-1 alpha-2, or the API's own code where ISO has none. */
  iso_a2: string;
  /** Aircraft over it. */
  count: number;
}

export interface Picture {
  /** Unix seconds for which the source made this picture; 0 before the first. */
  readonly time: number;
  /** Whether its traffic is invented; false before the first. */
  readonly simulated: boolean;
  /** Aircraft known, with or without a position. */
  readonly count: number;
  /** See rows.ts. */
  rows(): Float64Array;
  details(icao24: string): StateObject | null;
  /** Aircraft whose callsign or icao24 matches, best first. */
  search(query: string, limit: number): StateObject[];
  /** Every country, in no certain order. */
  countries(): CountryCount[];
  /** The aircraft over a country. */
  over(country: CountryCount): StateObject[];
}
