// What the map can show: the live sky (live-picture.ts) or a past minute (past-picture.ts). For
// both, the crate's own decoder, as wasm, answers what the map asks.

import type { Sky } from "../../../target/decoder/decoder.js";
import type { Schemas } from "./api.ts";
import type { StateObject } from "./state.ts";

/** A country, and how many aircraft are over it. */
export type CountryCount = Schemas["CountryCount"];

export class Picture {
  /** What the decoder has of it. */
  readonly sky: Sky;

  constructor(sky: Sky) {
    this.sky = sky;
  }

  /** Unix seconds for which the source made this picture; 0 before the first. */
  get time(): number {
    return this.sky.time;
  }

  /** Whether its traffic is invented; false before the first. */
  get simulated(): boolean {
    return this.sky.simulated;
  }

  /** Aircraft known, with or without a position. */
  get count(): number {
    return this.sky.count;
  }

  /** The region whose row of an aircraft is on show; null in a past minute. */
  source(icao24: string): string | null {
    return this.sky.source(icao24) ?? null;
  }

  details(icao24: string): StateObject | null {
    const text = this.sky.details(icao24);
    return text === undefined ? null : (JSON.parse(text) as StateObject);
  }

  /** Aircraft whose callsign or icao24 starts with the query, best first. */
  search(query: string, limit: number): StateObject[] {
    return JSON.parse(this.sky.search(query, limit) ?? "[]") as StateObject[];
  }

  /** Every country, in the order of names. */
  countries(): CountryCount[] {
    return JSON.parse(this.sky.countries() ?? "[]") as CountryCount[];
  }

  /** The aircraft over a country. */
  over(country: CountryCount): StateObject[] {
    return JSON.parse(this.sky.over(country.iso_a2) ?? "[]") as StateObject[];
  }
}
