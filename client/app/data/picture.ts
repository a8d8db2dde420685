// What the map can show: the live state (live-picture.ts) or a past minute (past-picture.ts). For
// both, the crate's own decoder, as wasm, answers what the map asks.

import type { Decoder } from "../../../target/decoder/decoder.js";
import type { Schemas } from "./api.ts";
import type { StateObject } from "./state.ts";

/** A country, and how many aircraft are over it. */
export type CountryCount = Schemas["CountryCount"];

export class Picture {
  /** The decoder that holds its aircraft. */
  readonly decoder: Decoder;

  constructor(decoder: Decoder) {
    this.decoder = decoder;
  }

  /** The source's time of this picture, Unix seconds; 0 before the first. */
  get time(): number {
    return this.decoder.time;
  }

  /** Whether its traffic is invented; false before the first. */
  get simulated(): boolean {
    return this.decoder.simulated;
  }

  /** Aircraft known, with or without a position. */
  get count(): number {
    return this.decoder.count;
  }

  /** The region whose row of an aircraft is shown; null in a past minute. */
  source(icao24: string): string | null {
    return this.decoder.source(icao24) ?? null;
  }

  details(icao24: string): StateObject | null {
    const text = this.decoder.details(icao24);
    return text === undefined ? null : (JSON.parse(text) as StateObject);
  }

  /** Aircraft whose callsign or icao24 starts with the query, best first. */
  search(query: string, limit: number): StateObject[] {
    return JSON.parse(this.decoder.search(query, limit) ?? "[]") as StateObject[];
  }

  /** Every country, sorted by name. */
  countries(): CountryCount[] {
    return JSON.parse(this.decoder.countries() ?? "[]") as CountryCount[];
  }

  /** The aircraft over a country. */
  over(country: CountryCount): StateObject[] {
    return JSON.parse(this.decoder.over(country.iso_a2) ?? "[]") as StateObject[];
  }
}
