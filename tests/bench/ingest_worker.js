// The Worker in which ingest.mjs has a sky taken in, by us and by others, in one isolate.
//
// It keeps what it is sent by POST: the boundaries, then the skies. What it is then asked to do is
// in the path, and how long it takes is measured by who asks.

import { Ingest, initSync } from "./encoder.js";
import encoder from "./encoder.wasm";
import { ingest as peer } from "./peer.js";

const { memory } = initSync({ module: encoder });
const decoder = new TextDecoder();

let boundaries;
let ours;
const skies = [];

/** The work on one response; what it makes, in bytes. */
const work = {
  nothing: () => 0,
  json: (bytes) => JSON.parse(decoder.decode(bytes)).states.length,
  peer: (bytes, { REGIONS }) => sum(peer(bytes, REGIONS)),
  /** As much as the peer does. */
  cut: (bytes, { REGIONS }) => {
    const archive = ours.archive(bytes);
    return sum([archive, ...REGIONS.map((_, index) => ours.share(index))]);
  },
  /** With the copies between Rust and JavaScript that the objects make, too. */
  ours: (bytes, { REGIONS }) => {
    const archive = ours.archive(bytes);
    const frames = REGIONS.map((_, index) => ours.deliver(index, ours.share(index)));
    return sum([archive, ...frames]);
  },
};

function sum(parts) {
  return parts.reduce((bytes, part) => bytes + part.length, 0);
}

/** Before the first sky, which is told whole. */
function restart() {
  ours?.free();
  ours = new Ingest(boundaries);
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
        skies.push(body);
        return new Response("0");
      // Sent with the request, and not kept: as it is in truth.
      case "take":
        return new Response(String(work.ours(body, env)));
      case "memory":
        return new Response(String(memory.buffer.byteLength));
      default: {
        if (which === "first") restart();
        const some = which === "first" ? skies.slice(0, 1) : skies.slice(1);
        return new Response(String(some.reduce((bytes, sky) => bytes + work[what](sky, env), 0)));
      }
    }
  },
};
