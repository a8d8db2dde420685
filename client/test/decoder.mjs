// The decoder as the page uses it, with invented snapshots that the Worker's code encodes.

import { readFileSync } from "node:fs";
import { Ingest, initSync as initEncoder } from "../../target/encoder/encoder.js";
import { Decoder, initSync as initDecoder } from "../../target/decoder/decoder.js";
import { Picture } from "../app/data/picture.ts";
import { InstanceBuffer } from "../app/map/instance-buffer.ts";

const { memory } = initDecoder({ module: readFileSync("dist/decoder.wasm") });
initEncoder({ module: readFileSync("target/encoder/encoder.wasm") });

export const ingest = new Ingest(readFileSync("dist/boundaries.bin"));

const COLUMNS = [
  "icao24", "callsign", "origin_country", "time_position", "last_contact", "longitude", "latitude",
  "baro_altitude", "on_ground", "velocity", "true_track", "vertical_rate", "sensors",
  "geo_altitude", "squawk", "spi", "position_source", "category",
];

/** Returns the source's answer with these state objects. */
export function response(states, time) {
  const rows = states.map((state) => COLUMNS.map((column) => state[column] ?? null));
  return new TextEncoder().encode(JSON.stringify({ time, states: rows }));
}

/** The layer's buffer, picture after picture. */
export class Stage {
  #buffer = new InstanceBuffer(memory);

  /** Returns the instances of these states, with `{now, left}` blended from the last picture. */
  show(states, time, { now = time, left = null } = {}) {
    const empty = states.length === 0;
    const minute = () => Decoder.of_minute(ingest.archive(response(states, time)));
    const decoder = empty ? new Decoder() : minute();
    this.#buffer.show(new Picture(decoder), now, left);
    decoder.free();
    const { base, count, floats, icao24 } = this.#buffer.view;
    return { base, count, floats: floats.slice(), icao24: icao24.slice() };
  }
}

export function mercatorX(longitude) {
  return (longitude + 180) / 360;
}

export function mercatorY(latitude) {
  return 0.5 - Math.asinh(Math.tan(latitude * (Math.PI / 180))) / (2 * Math.PI);
}
