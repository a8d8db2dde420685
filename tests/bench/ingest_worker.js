// The Worker in which ingest.mjs measures our ingest and the peer's in one isolate.
//
// It keeps the bodies that are posted: the boundaries, then the snapshots. The path of a later
// request names the work, and the caller measures its time.

import { Ingest, initSync } from "./encoder.js";
import encoder from "./encoder.wasm";
import { gzip, ingest as peer } from "./peer.js";

const { memory } = initSync({ module: encoder });
const decoder = new TextDecoder();

let boundaries;
/** One with viewers of `world` alone, and one with viewers of all regions. */
let [world, all] = [];
/** The state of the peer's regions. */
let held = [];
const snapshots = [];

/** The work on one response; each returns the bytes of its output. */
const work = {
  nothing: () => 0,
  json: (bytes) => JSON.parse(decoder.decode(bytes)).states.length,
  world: (bytes, { REGIONS }) => ours(world, bytes, REGIONS),
  all: (bytes, { REGIONS }) => ours(all, bytes, REGIONS),
  plain: (bytes, { REGIONS }) => sum(peer(bytes, REGIONS, held)),
  peer: async (bytes, { REGIONS }) => {
    const [archive, ...deltas] = peer(bytes, REGIONS, held);
    return sum([archive, ...await Promise.all(deltas.map(gzip))]);
  },
};

/** Includes the copies between Rust and JavaScript that the objects make. */
function ours(ingest, bytes, regions) {
  const archive = ingest.archive(bytes);
  const frames = regions.map((_, index) => ingest.deliver(index, ingest.region_snapshot(index)));
  return sum([archive, ...frames]);
}

function sum(parts) {
  return parts.reduce((bytes, part) => bytes + part.length, 0);
}

/** Returns to the state before the first snapshot. */
function restart() {
  world?.free();
  all?.free();
  [world, all] = [new Ingest(boundaries, false), new Ingest(boundaries, true)];
  held = [];
}

export default {
  async fetch(request, env) {
    const [, what, which] = new URL(request.url).pathname.split("/");
    const body = new Uint8Array(await request.arrayBuffer());
    switch (what) {
      case "boundaries":
        boundaries = body;
        restart();
        return new Response("0");
      case "snapshot":
        snapshots.push(body);
        return new Response("0");
      // Sent with the request and not kept, as in production.
      case "take":
        return new Response(String(await work.all(body, env)));
      case "memory":
        return new Response(String(memory.buffer.byteLength));
      default: {
        if (which === "first") restart();
        let made = 0;
        for (const snapshot of which === "first" ? snapshots.slice(0, 1) : snapshots.slice(1)) {
          made += await work[what](snapshot, env);
        }
        return new Response(String(made));
      }
    }
  },
};
