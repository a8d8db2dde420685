// The Worker in which ingest.mjs has a snapshot taken in, by us and by others, in one isolate.
//
// It keeps what it is sent by POST: the boundaries, then the snapshots. What it is then asked to do
// is in the path, and how long it takes is measured by who asks.

import { Ingest, initSync } from "./encoder.js";
import encoder from "./encoder.wasm";
import { gzip, ingest as peer } from "./peer.js";

const { memory } = initSync({ module: encoder });
const decoder = new TextDecoder();

let boundaries;
/** Of whose regions only `world` is looked at, and of which all are. */
let [world, all] = [];
/** What the peer's regions hold. */
let held = [];
const snapshots = [];

/** The work on one response; what it makes, in bytes. */
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

/** With the copies between Rust and JavaScript that the objects make, too. */
function ours(ingest, bytes, regions) {
  const archive = ingest.archive(bytes);
  const frames = regions.map((_, index) => ingest.deliver(index, ingest.region_snapshot(index)));
  return sum([archive, ...frames]);
}

function sum(parts) {
  return parts.reduce((bytes, part) => bytes + part.length, 0);
}

/** Before the first snapshot, which is told whole. */
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
      case "sky":
        snapshots.push(body);
        return new Response("0");
      // Sent with the request, and not kept: as it is in truth.
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
