// What `make bench` does after the native figures: the same coding as wasm under Node, then
// country.mjs (countries), ingest.mjs (whole snapshots) and fanout.mjs (frames to many clients).
// It prints the table of target/bench.json, each figure beside its maximum or minimum.

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

import { middle, timed } from "./clock.mjs";
import { countries } from "./country.mjs";
import { fanout } from "./fanout.mjs";
import { ingest } from "./ingest.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const out = join(root, "target/bench");
const RUNS = 41;

const TARGETS = {
  "wire.keyframe_fine": 12.5,
  "wire.delta60_fine": 2.9,
  "wire.delta60_display": 2.3,
  "wire.delta10_deadband": 0.65,
  "wire.encode_ms": 5,
  "wire.encode_wasm_ms": 12,
  "country.forecast_wasm_ms": 50,
  "wire.decoder_wasm_gzip_bytes": 130_000,
  "country.lookup_ns": 100,
  "country.lookup_wasm_ns": 250,
  "country.load_ms": 30,
  "country.index_bytes": 2e6,
  "country.peer_geo_disagreements": 0,
  "country.shapely_unexplained_snapshot": 0,
  "country.shapely_unexplained_hard": 0,
  "ingest.times_json_parse": 4,
  "ingest.times_json_parse_all": 6,
  "ingest.memory_peak_mb": 96,
  "fanout.times_bare_ms": 1.15,
  "fanout.times_bare_cpu": 1.3,
  "fanout.times_bare_kb": 1.15,
};
const LEAST = { "country.times_fastest_js": 20, "ingest.times_faster_than_peer": 3 };

const file = (name) => readFileSync(join(out, name));
const figures = {
  ...JSON.parse(readFileSync(join(root, "target/bench.json"), "utf8")),
  ...await encoding(),
  ...await decoding(),
  ...await countries(root, out),
  ...await ingest(root, out),
  ...await fanout(out),
};
writeFileSync(join(root, "target/bench.json"), `${JSON.stringify(figures, null, 2)}\n`);
for (const [name, value] of Object.entries(figures)) {
  console.log(`${name.padEnd(36)} ${value.toFixed(3).padStart(12)}${verdict(name, value)}`);
}

function verdict(name, value) {
  const [most, least] = [TARGETS[name], LEAST[name]];
  if (most !== undefined) return `  at most ${most}${value <= most ? "" : ": MISSED"}`;
  if (least !== undefined) return `  at least ${least}${value >= least ? "" : ": MISSED"}`;
  return "";
}

/** The Worker's side, optimised as worker-build does it. */
async function encoding() {
  const encoder = pathToFileURL(join(root, "target/encoder/encoder.js"));
  const { Predicted, Minute, initSync } = await import(encoder);
  initSync({ module: readFileSync(join(root, "target/encoder/encoder.wasm")) });
  const minute = new Minute(file("before.region"), file("after.region"));
  const boundaries = readFileSync(join(root, "dist/boundaries.bin"));
  const snapshot = new Predicted(boundaries, file("minute.msgpack"));
  const country = file("forecast.country").toString();
  return {
    "country.forecast_wasm_ms": median(() => snapshot.arrivals(country, 3_600)),
    "wire.encode_wasm_ms": median(() => minute.delta()),
    "wire.keyframe_encode_wasm_ms": median(() => minute.keyframe()),
  };
}

/** The browser's side: the map's decoder, and what it writes for the graphics card. */
async function decoding() {
  const decoder = pathToFileURL(join(root, "target/decoder/decoder.js"));
  const { Instances, Decoder, initSync } = await import(decoder);
  const wasm = readFileSync(join(root, "dist/decoder.wasm"));
  initSync({ module: wasm });
  const [keyframe, delta] = [file("keyframe.bin"), file("delta.bin")];
  const [whole, change, drawing] = [[], [], []];
  for (let index = 0; index < RUNS; index++) {
    const [snapshot, shown] = [new Decoder(), new Instances()];
    whole.push(timed(() => snapshot.apply("world", keyframe)));
    shown.show(snapshot, snapshot.time);
    change.push(timed(() => snapshot.apply("world", delta)));
    drawing.push(timed(() => shown.show(snapshot, snapshot.time, 0)));
    snapshot.free();
    shown.free();
  }
  return {
    "wire.decode_wasm_ms": middle(change),
    "wire.keyframe_decode_wasm_ms": middle(whole),
    "wire.instances_wasm_ms": middle(drawing),
    "wire.decoder_wasm_gzip_bytes": gzipSync(wasm).length,
  };
}

function median(work) {
  return middle(Array.from({ length: RUNS }, () => timed(work)));
}
