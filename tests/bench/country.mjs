// How long countries take as wasm, in a cold isolate of workerd, and in other programs.
//
// `cargo bench` has written the points, their countries and the outlines to target/bench/. The wasm
// is tests/encoder.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import booleanPointInPolygon from "@turf/boolean-point-in-polygon";
import { iso1A2Code } from "@rapideditor/country-coder";
import Flatbush from "flatbush";
import { Miniflare } from "miniflare";

import { middle, timed } from "./clock.mjs";

const ENCODER = "target/encoder";
const ROUNDS = 9;
const PEER_POINTS = 2_000;
const ISOLATES = 9;

/** Returns all figures about countries that are not native. */
export async function countries(root, out) {
  const boundaries = readFileSync(join(root, "dist/boundaries.bin"));
  const points = floats(readFileSync(join(out, "snapshot.points")));
  const answers = readFileSync(join(out, "snapshot.countries"), "latin1");
  const figures = {
    "country.lookup_wasm_ns": await wasm(root, boundaries, points),
    ...await cold(root, boundaries),
    ...peers(out, points, answers),
    ...shapely(root, out),
  };
  const { "country.peer_turf_ns": turf, "country.peer_country_coder_ns": coder } = figures;
  figures["country.times_fastest_js"] = Math.min(turf, coder) / figures["country.lookup_wasm_ns"];
  return figures;
}

/** In Node, as the Worker would do it once warm. */
async function wasm(root, boundaries, points) {
  const { Countries, initSync } = await import(pathToFileURL(join(root, ENCODER, "encoder.js")));
  initSync({ module: readFileSync(join(root, ENCODER, "encoder.wasm")) });
  const countries = new Countries(boundaries, points);
  const rounds = Array.from({ length: ROUNDS }, () => timed(() => countries.look_up()));
  return (Math.min(...rounds) * 1e6) / (points.length / 2);
}

/**
 * Measures the time from bytes to the first answer in a cold isolate, milliseconds.
 *
 * Inside workerd the clock stands still while a program runs. So a request is timed from outside,
 * less the same request with the same bytes and no work. The fastest isolate counts, as elsewhere:
 * the median includes a busy machine, or a compiler on another core.
 */
async function cold(root, boundaries) {
  const script = `
    import wasm from "./encoder.wasm";
    import { Countries, initSync } from "./encoder.js";
    initSync({ module: wasm });
    export default { async fetch(request) {
      const bytes = new Uint8Array(await request.arrayBuffer());
      if (new URL(request.url).pathname === "/nothing") return new Response("0");
      const countries = new Countries(bytes, new Float64Array([8.5, 47.4]));
      return new Response(String(countries.look_up()));
    } };`;
  const contents = (name) => readFileSync(join(root, ENCODER, name));
  const modules = [
    { type: "ESModule", path: "main.js", contents: script },
    { type: "ESModule", path: "encoder.js", contents: contents("encoder.js") },
    { type: "CompiledWasm", path: "encoder.wasm", contents: contents("encoder.wasm") },
  ];
  const times = [];
  for (let isolate = 0; isolate < ISOLATES; isolate++) {
    const miniflare = new Miniflare({ modules, compatibilityDate: "2026-07-01" });
    const url = await miniflare.ready;
    const ask = async (path) => {
      const start = performance.now();
      const response = await fetch(new URL(path, url), { method: "POST", body: boundaries });
      const text = await response.text();
      return { text, time: performance.now() - start };
    };
    const idle = [];
    for (let index = 0; index < 5; index++) idle.push((await ask("/nothing")).time);
    const { text, time } = await ask("/load");
    if (text !== "1") throw new Error(`workerd answered ${text} to a point in Switzerland`);
    times.push(time - middle(idle));
    await miniflare.dispose();
  }
  return { "country.load_ms": Math.min(...times), "country.load_median_ms": middle(times) };
}

function peers(out, points, answers) {
  const { features } = JSON.parse(readFileSync(join(out, "countries.geojson"), "utf8"));
  const boxes = new Flatbush(features.length);
  for (const { geometry } of features) boxes.add(...extent(geometry.coordinates[0]));
  boxes.finish();
  const turf = (point) => {
    const near = boxes.search(...point, ...point);
    const found = near.find((index) => booleanPointInPolygon(point, features[index]));
    return found === undefined ? "--" : features[found].properties.code;
  };
  const coder = (point) => iso1A2Code(point) ?? "--";
  const ask = (name, at) => peer(name, at, points, answers);
  return { ...ask("turf", turf), ...ask("country_coder", coder) };
}

/** Returns nanoseconds a point, and the percentage of points with another answer. */
function peer(name, at, points, answers) {
  const count = points.length / 2;
  const step = Math.floor(count / PEER_POINTS) + 1;
  const some = [];
  for (let index = 0; index < count; index += step) some.push(index);
  const places = some.map((index) => [points[2 * index], points[2 * index + 1]]);
  let otherwise = 0;
  const rounds = Array.from({ length: 3 }, () => timed(() => {
    otherwise = 0;
    places.forEach((place, at_) => {
      const index = 2 * some[at_];
      if (at(place) !== answers.slice(index, index + 2)) otherwise += 1;
    });
  }));
  return {
    [`country.peer_${name}_ns`]: (Math.min(...rounds) * 1e6) / places.length,
    [`country.peer_${name}_otherwise_percent`]: (100 * otherwise) / places.length,
  };
}

/** Measures Shapely's tree on its own reading of the map, in a Python environment of its own. */
function shapely(root, out) {
  const folder = join(root, "target/shapely");
  const python = join(folder, "bin/python");
  try {
    if (!existsSync(python)) {
      execFileSync("python3", ["-m", "venv", folder], { stdio: "pipe" });
    }
    execFileSync(python, ["-m", "pip", "install", "--quiet", "shapely==2.1.2"], { stdio: "pipe" });
  } catch (error) {
    console.log(`bench: no comparison with Shapely: ${String(error.message).split("\n")[0]}`);
    return {};
  }
  const script = join(root, "tests/bench/shapely_peer.py");
  const printed = execFileSync(python, [script, root, out], {
    encoding: "utf8", stdio: ["ignore", "pipe", "inherit"],
  });
  const [table, figures] = printed.split("\n---\n");
  console.log(table);
  return JSON.parse(figures);
}

function extent(ring) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of ring) {
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  }
  return box;
}

function floats(buffer) {
  const { byteOffset: start, length } = buffer;
  return new Float64Array(buffer.buffer.slice(start, start + length));
}
