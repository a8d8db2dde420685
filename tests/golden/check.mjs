// Checks the golden frames as wasm, in any host: decoded, they yield the states beside them;
// encoded again, they are the same bytes. It uses nothing that is specific to one host.

import { initSync as initDecoder, Decoder } from "../../target/decoder/decoder.js";
import { Echo, initSync as initEncoder } from "../../target/encoder/encoder.js";

/** Whose frames they are taken for. */
const REGION = "world";

/** Takes the two compiled modules; returns a function from the frames of one file to all faults. */
export function checker({ decoder, encoder }) {
  initDecoder({ module: decoder });
  initEncoder({ module: encoder });
  return (golden) => {
    const [snapshot, echo] = [new Decoder(), new Echo()];
    return golden.flatMap(({ frame, leads_to }) => {
      snapshot.apply(REGION, bytes(frame));
      const rewritten = hex(echo.rewrite(bytes(frame)));
      const checks = [...readings(snapshot, leads_to), ["written again", rewritten, frame]];
      const wrong = checks.filter(([, is, expected]) => !same(is, expected));
      return wrong.map(([what, is, expected]) => {
        return `${leads_to.sequence}: ${what} is ${shown(is)}, expected ${shown(expected)}`;
      });
    });
  };
}

function readings(snapshot, { epoch, sequence, time, simulated, states }) {
  const details = (icao24) => JSON.parse(snapshot.details(icao24) ?? "null");
  return [
    ["place", [snapshot.epoch(REGION), snapshot.sequence(REGION), snapshot.time],
      [epoch, sequence, time]],
    ["simulated", snapshot.simulated, simulated],
    ["count", snapshot.count, states.length],
    ...states.map((state) => [state.icao24, details(state.icao24), state]),
  ];
}

/** Whether two values are equal to the last bit, in any order of an object's members. */
function same(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => same(a[key], b[key]));
}

function shown(value) {
  return JSON.stringify(value, (_, inner) => (Number.isNaN(inner) ? "NaN" : inner));
}

function bytes(text) {
  return Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
}

function hex(array) {
  return Array.from(array, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
