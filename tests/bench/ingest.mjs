// How long a snapshot takes in workerd, from the source's bytes to the archive's object and all
// regions' frames, compared with JavaScript; and how much memory.
//
// `cargo bench` has written the snapshots and regions to target/bench/. The wasm is tests/encoder.

import { buildSync } from "esbuild";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Miniflare } from "miniflare";

const ROUNDS = 15;
const ROUNDS_FOR_MEMORY = 3;

/** Returns all figures about ingest that are not native. */
export async function ingest(root, out) {
  const names = readdirSync(out).filter((name) => /^snapshot-\d+\.json$/.test(name)).sort();
  const snapshots = names.map((name) => readFileSync(join(out, name)));
  const boundaries = readFileSync(join(root, "dist/boundaries.bin"));
  const options = worker(root, out);
  const times = await timesOf(options, boundaries, snapshots);
  const { world, all, json, peer, plain } = times;
  return {
    // With viewers of `world` alone: the other regions are dormant and only store bytes.
    "ingest.ms_per_snapshot": world,
    "ingest.ms_per_snapshot_all": all,
    "ingest.json_parse_ms": json,
    "ingest.ts_peer_ms": peer,
    "ingest.ts_peer_plain_ms": plain,
    "ingest.times_json_parse": world / json,
    "ingest.times_json_parse_all": all / json,
    // The peer makes the deltas of all regions; `plain` does not compress them.
    "ingest.times_faster_than_peer": peer / all,
    "ingest.times_faster_than_peer_plain": plain / all,
    ...await memoryOf(options, boundaries, snapshots),
  };
}

function worker(root, out) {
  const at = (path) => readFileSync(join(root, path));
  const { outputFiles: [peer] } = buildSync({
    entryPoints: [join(root, "tests/bench/peer.ts")],
    bundle: true, format: "esm", target: "es2022", write: false, minify: true,
    conditions: ["worker"],
  });
  return {
    compatibilityDate: "2026-07-01",
    bindings: { REGIONS: JSON.parse(readFileSync(join(out, "regions.json"), "utf8")) },
    modules: [
      { type: "ESModule", path: "main.js", contents: at("tests/bench/ingest_worker.js") },
      { type: "ESModule", path: "peer.js", contents: peer.contents },
      { type: "ESModule", path: "encoder.js", contents: at("target/encoder/encoder.js") },
      { type: "CompiledWasm", path: "encoder.wasm", contents: at("target/encoder/encoder.wasm") },
    ],
  };
}

/** Starts the Worker; `use` gets the function that sends requests to it. */
async function running(options, use) {
  const miniflare = new Miniflare(options);
  try {
    const url = await miniflare.ready;
    const ask = async (path, body) => {
      const response = await fetch(new URL(path, url), { method: "POST", body });
      const text = await response.text();
      if (response.status !== 200) throw new Error(`workerd answered ${path} with ${text}`);
      return Number(text);
    };
    return await use(ask);
  } finally {
    await miniflare.dispose();
  }
}

/**
 * Returns milliseconds a snapshot for each kind of work. They take turns in rounds, and the fastest
 * round counts: a disturbance only slows a round down.
 *
 * Inside workerd the clock stands still while a program runs. So a request for many snapshots is
 * timed from outside, less one without work.
 */
async function timesOf(options, boundaries, snapshots) {
  return running(options, async (ask) => {
    await ask("boundaries", boundaries);
    for (const snapshot of snapshots) await ask("snapshot", snapshot);
    const all = { nothing: [], json: [], world: [], all: [], plain: [], peer: [] };
    for (let round = 0; round < ROUNDS; round++) {
      for (const [work, times] of Object.entries(all)) {
        await ask(`${work}/first`);
        const start = performance.now();
        const made = await ask(`${work}/rest`);
        times.push(performance.now() - start);
        if (work !== "nothing" && !(made > 0)) throw new Error(`${work} made ${made}`);
      }
    }
    const { nothing, ...works } = all;
    const idle = Math.min(...nothing);
    const each = ([work, times]) => [work, (Math.min(...times) - idle) / (snapshots.length - 1)];
    return Object.fromEntries(Object.entries(works).map(each));
  });
}

/**
 * Returns megabytes: wasm's memory, and workerd's peak above that of one that gets the same
 * snapshots and does no work.
 *
 * Reading requests alone makes it grow, since V8 collects their bytes only when it must; that
 * growth is a figure of its own. The rest is wasm's memory, V8's heap with garbage, the boundaries,
 * and the state of 25 regions, which in production may have isolates of their own.
 */
async function memoryOf(options, boundaries, snapshots) {
  const taken = await grown("take", options, boundaries, snapshots);
  const idle = await grown("nothing/rest", options, boundaries, snapshots);
  const wasm = { "ingest.memory_wasm_mb": taken.wasm / 1e6 };
  if (taken.resident === undefined) {
    console.log("bench: no /proc here, so no ingest.memory_peak_mb");
    return wasm;
  }
  return {
    ...wasm,
    "ingest.memory_grown_mb": taken.resident / 1e6,
    "ingest.memory_grown_idle_mb": idle.resident / 1e6,
    // One response is in memory anyway.
    "ingest.memory_peak_mb": (taken.resident - idle.resident + snapshots[0].length) / 1e6,
  };
}

/** Returns by how many bytes workerd grows at its peak over some rounds, and how many wasm has. */
function grown(path, options, boundaries, snapshots) {
  return running(options, async (ask) => {
    await ask("nothing/rest");
    const process = workerd();
    const before = process?.reset();
    for (let round = 0; round < ROUNDS_FOR_MEMORY; round++) {
      await ask("boundaries", boundaries);
      for (const snapshot of snapshots) await ask(path, snapshot);
    }
    return { resident: process && process.peak() - before, wasm: await ask("memory") };
  });
}

/** The resident memory of Miniflare's workerd, bytes, where there is /proc. */
function workerd() {
  const parent = String(process.pid);
  const pids = existsSync("/proc/self/stat")
    ? readdirSync("/proc").filter((name) => /^\d+$/.test(name)) : [];
  const pid = pids.find((pid) => {
    try {
      const [, name, rest] = /\((.*)\) (.*)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"));
      return name === "workerd" && rest.split(" ")[1] === parent;
    } catch {
      return false; // Processes end while their list is walked.
    }
  });
  if (pid === undefined) return undefined;
  const resident = (field) => {
    const [, kilobytes] = new RegExp(`${field}:\\s+(\\d+) kB`).exec(
      readFileSync(`/proc/${pid}/status`, "utf8"));
    return Number(kilobytes) * 1024;
  };
  return {
    /** Resets the peak and returns the present value. */
    reset() {
      writeFileSync(`/proc/${pid}/clear_refs`, "5");
      return resident("VmRSS");
    },
    peak: () => resident("VmHWM"),
  };
}
