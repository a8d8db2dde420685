// What `make bench` does after the native figures: the same coding as wasm under Node, then the
// table of everything in target/bench.json, each figure beside the most that it may be.

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const out = join(root, "target/bench");
const RUNS = 41;

const TARGETS = {
  "wire.keyframe_fine": 12.5,
  "wire.delta60_fine": 3.0,
  "wire.delta60_display": 2.3,
  "wire.delta10_deadband": 0.65,
  "wire.encode_ms": 5,
  "wire.encode_wasm_ms": 12,
  "wire.decoder_wasm_gzip_bytes": 120 * 1024,
};

const file = (name) => readFileSync(join(out, name));
const figures = {
  ...JSON.parse(readFileSync(join(root, "target/bench.json"), "utf8")),
  ...await encoding(),
  ...await decoding(),
};
writeFileSync(join(root, "target/bench.json"), `${JSON.stringify(figures, null, 2)}\n`);
for (const [name, value] of Object.entries(figures)) {
  const target = TARGETS[name];
  const missed = value <= target ? "" : ": MISSED";
  const verdict = target === undefined ? "" : `  at most ${target}${missed}`;
  console.log(`${name.padEnd(30)} ${value.toFixed(3).padStart(10)}${verdict}`);
}

/** The Worker's side, optimised as worker-build does it. */
async function encoding() {
  const { Minute, initSync } = await import(pathToFileURL(join(root, "target/encoder/encoder.js")));
  initSync({ module: readFileSync(join(root, "target/encoder/encoder.wasm")) });
  const minute = new Minute(file("before.share"), file("after.share"));
  return {
    "wire.encode_wasm_ms": median(() => minute.delta()),
    "wire.keyframe_encode_wasm_ms": median(() => minute.keyframe()),
  };
}

/** The browser's side: the map's own decoder, with the rows that it makes of a frame. */
async function decoding() {
  const { Sky, initSync } = await import(pathToFileURL(join(root, "target/decoder/decoder.js")));
  const wasm = readFileSync(join(root, "dist/decoder.wasm"));
  initSync({ module: wasm });
  const [keyframe, delta] = [file("keyframe.bin"), file("delta.bin")];
  const whole = [];
  const change = [];
  for (let index = 0; index < RUNS; index++) {
    const sky = new Sky();
    whole.push(timed(() => sky.apply(keyframe)));
    change.push(timed(() => sky.apply(delta)));
    sky.free();
  }
  return {
    "wire.decode_wasm_ms": middle(change),
    "wire.keyframe_decode_wasm_ms": middle(whole),
    "wire.decoder_wasm_gzip_bytes": gzipSync(wasm).length,
  };
}

function median(work) {
  return middle(Array.from({ length: RUNS }, () => timed(work)));
}

function timed(work) {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function middle(times) {
  return times.sort((a, b) => a - b)[times.length >> 1];
}
