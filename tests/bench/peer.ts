// The comparison for ingest: the same work as one would write it for Workers in TypeScript.
//
// Each part is the fastest that was tried. Countries: country-coder, several times as fast as turf
// behind an R-tree, though it counts coastal sea as land. MessagePack: msgpackr on unchanged rows;
// objects or columns take up to three times as long, and so does @msgpack/msgpack. A region's delta
// has the rows that changed since the previous snapshot, compressed with gzip: nothing is rounded,
// predicted or coded.

import { iso1A2Code } from "@rapideditor/country-coder";
import { Packr } from "msgpackr";

/** OpenSky's columns, then the country below. */
type Row = unknown[];

export interface Region {
  name: string;
  bbox: [west: number, south: number, east: number, north: number];
}

const [ICAO24, CALLSIGN, ORIGIN, TIME_POSITION, LAST_CONTACT, LONGITUDE, LATITUDE] =
  [0, 1, 2, 3, 4, 5, 6];
const [BARO_ALTITUDE, ON_GROUND, VELOCITY, TRUE_TRACK, VERTICAL_RATE] = [7, 8, 9, 10, 11];
const [SENSORS, GEO_ALTITUDE, SQUAWK, SPI, POSITION_SOURCE, CATEGORY, COUNTRY] =
  [12, 13, 14, 15, 16, 17, 18];

/** The measurements and their plausible ranges, as in src/feed/column.rs. */
const RANGES: [column: number, from: number, to: number][] = [
  [LONGITUDE, -180, 180], [LATITUDE, -90, 90], [BARO_ALTITUDE, -2_000, 100_000],
  [VELOCITY, 0, 8_000], [TRUE_TRACK, -360, 720], [VERTICAL_RATE, -1_000, 1_000],
  [GEO_ALTITUDE, -2_000, 100_000],
];
const TIME_MAX = 4_102_444_800;

const ADDRESS = /^[0-9a-f]{6}$/i;
const CALLSIGN_CHARACTERS = /^[\x20-\x7e]{1,8}$/;
const UNPRINTABLE = /\p{C}/u;
const OCTAL = /^[0-7]{4}$/;

const packr = new Packr({ useRecords: false });
const decoder = new TextDecoder();

/** The regions' state: by address, the row of the previous snapshot. */
export type Held = Map<string, Row>[];

/** Returns the archive's object of a response, then each region's delta. */
export function ingest(response: Uint8Array, regions: Region[], held: Held): Uint8Array[] {
  const { time, states } = JSON.parse(decoder.decode(response)) as { time: number; states: Row[] };
  const aircraft = validated(states, time);
  for (const row of aircraft) {
    const [longitude, latitude] = [row[LONGITUDE] as number | null, row[LATITUDE] as number];
    row[COUNTRY] = longitude === null ? null : iso1A2Code([longitude, latitude]);
  }
  const deltas = cut(aircraft, regions).map((rows, index) => {
    const before = held[index] ?? new Map<string, Row>();
    const after = new Map<string, Row>();
    const changed = rows.filter((row) => {
      const icao24 = row[ICAO24] as string;
      after.set(icao24, row);
      const known = before.get(icao24);
      before.delete(icao24);
      return known === undefined || differs(known, row);
    });
    held[index] = after;
    return packr.pack({ epoch: 1, time, gone: [...before.keys()], changed });
  });
  return [packr.pack({ format: 1, time, simulated: false, aircraft }), ...deltas];
}

/** The same bytes, compressed. */
export async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Returns the usable rows, sorted by address; of several with one address the newest. */
function validated(states: Row[], time: number): Row[] {
  const newest = new Map<string, Row>();
  for (const row of states) {
    if (!Array.isArray(row) || (row.length !== 17 && row.length !== 18)) continue;
    const icao24 = row[ICAO24];
    if (typeof icao24 !== "string" || !ADDRESS.test(icao24)) continue;
    clean(row, time);
    if (row[CALLSIGN] === null && row[LONGITUDE] === null) continue;
    const known = newest.get(icao24);
    const isNewer = (row[LAST_CONTACT] as number) >= ((known?.[LAST_CONTACT] as number) ?? 0);
    if (isNewer) newest.set(icao24, row);
  }
  return [...newest.values()].sort((a, b) =>
    ((a[ICAO24] as string) < (b[ICAO24] as string) ? -1 : 1));
}

/** Replaces unusable values by null, or false. */
function clean(row: Row, time: number) {
  const callsign = typeof row[CALLSIGN] === "string" ? row[CALLSIGN].trim() : "";
  row[CALLSIGN] = CALLSIGN_CHARACTERS.test(callsign) ? callsign : null;
  const origin = row[ORIGIN];
  if (typeof origin !== "string" || origin === "" || origin.length > 64
    || UNPRINTABLE.test(origin)) row[ORIGIN] = null;
  if (!isWhole(row[TIME_POSITION], TIME_MAX)) row[TIME_POSITION] = null;
  if (!isWhole(row[LAST_CONTACT], TIME_MAX)) row[LAST_CONTACT] = row[TIME_POSITION] ?? time;
  for (const [column, from, to] of RANGES) {
    const value = row[column];
    if (typeof value !== "number" || !(value >= from && value <= to)) row[column] = null;
  }
  if (row[LONGITUDE] === null || row[LATITUDE] === null) row[LONGITUDE] = row[LATITUDE] = null;
  const track = row[TRUE_TRACK] as number | null;
  if (track !== null && (track < 0 || track >= 360)) row[TRUE_TRACK] = (track + 720) % 360;
  row[ON_GROUND] = row[ON_GROUND] === true;
  row[SENSORS] = null;
  if (typeof row[SQUAWK] !== "string" || !OCTAL.test(row[SQUAWK])) row[SQUAWK] = null;
  row[SPI] = row[SPI] === true;
  if (!isWhole(row[POSITION_SOURCE], 256)) row[POSITION_SOURCE] = null;
  if (!isWhole(row[CATEGORY], 256)) row[CATEGORY] = null;
}

function isWhole(value: unknown, end: number): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < end;
}

/** The rows of each region; the first is the world. */
function cut(aircraft: Row[], regions: Region[]): Row[][] {
  const parts: Row[][] = regions.map(() => []);
  parts[0] = aircraft;
  for (const row of aircraft) {
    const [longitude, latitude] = [row[LONGITUDE] as number | null, row[LATITUDE] as number];
    if (longitude === null) continue;
    for (let index = 1; index < regions.length; index++) {
      const [west, south, east, north] = regions[index].bbox;
      if (west <= longitude && (longitude < east || east === 180)
        && south <= latitude && (latitude < north || north === 90)) {
        parts[index].push(row);
        break;
      }
    }
  }
  return parts;
}

/** Whether a row differs from the previous one in more than its last contact. */
function differs(before: Row, after: Row): boolean {
  for (let column = LONGITUDE; column <= COUNTRY; column++) {
    if (before[column] !== after[column]) return true;
  }
  return before[CALLSIGN] !== after[CALLSIGN];
}
