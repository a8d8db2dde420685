// What ingest is held against: the same work as one would write it for Workers in TypeScript.
//
// Each part is the fastest of what was tried. Countries: country-coder, several times as fast as
// turf behind an R-tree, though to it the sea near a coast is the country's. MessagePack: msgpackr,
// of rows as they came; of objects or columns it takes up to three times as long, and so does
// @msgpack/msgpack of anything. There is nothing in JavaScript to make frames with: none are made.

import { iso1A2Code } from "@rapideditor/country-coder";
import { Packr } from "msgpackr";

/** OpenSky's columns; the country below is put behind them. */
type Row = [
  icao24: string, callsign: string | null, origin_country: string, time_position: number | null,
  last_contact: number, longitude: number | null, latitude: number | null,
  ...others: unknown[],
];

export interface Region {
  name: string;
  bbox: [west: number, south: number, east: number, north: number];
}

const CATEGORY = 17;
const COUNTRY = 18;

const packr = new Packr({ useRecords: false });
const decoder = new TextDecoder();

/** The archive's object of a response, then each region's share. */
export function ingest(response: Uint8Array, regions: Region[]): Uint8Array[] {
  const { time, states } = JSON.parse(decoder.decode(response)) as { time: number; states: Row[] };
  const newest = new Map<string, Row>();
  for (const row of states) {
    row[1] = row[1]?.trim() || null;
    const [icao24, callsign, , , last_contact, longitude, latitude] = row;
    const placed = longitude !== null && latitude !== null;
    if (callsign === null && !placed) continue;
    row[CATEGORY] ??= null;
    row[COUNTRY] = placed ? iso1A2Code([longitude, latitude]) : null;
    const known = newest.get(icao24);
    if (known === undefined || last_contact >= known[4]) newest.set(icao24, row);
  }
  const aircraft = [...newest.values()].sort((a, b) => (a[0] < b[0] ? -1 : 1));
  const shares = regions.map(({ bbox: [west, south, east, north] }, index) => {
    const held = index === 0 ? aircraft : aircraft.filter(([, , , , , longitude, latitude]) =>
      longitude !== null && latitude !== null
        && west <= longitude && (longitude < east || east === 180)
        && south <= latitude && (latitude < north || north === 90));
    return packr.pack({ epoch: 1, time, aircraft: held });
  });
  return [packr.pack({ format: 1, time, simulated: false, aircraft }), ...shares];
}
