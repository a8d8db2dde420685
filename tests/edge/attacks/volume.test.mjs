// A snapshot with the most rows allowed: every answer about it, and their memory.
//
// Here one isolate holds everything, the Worker, the ingest object and the 25 regions; on
// Cloudflare they may be spread over several. Each has 128 MB.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { start } from "../harness.mjs";
import { BYTES } from "../live.mjs";
import { asSent, byAddress, expected, iso, Snapshots } from "../snapshots.mjs";
import { megabytes, MIB } from "./cost.mjs";
import { watch } from "./isolate.mjs";
import { open } from "./raw.mjs";

const ROWS_MAX = 100_000;

/**
 * The most of WebAssembly's memory, MiB: 100 MB. Measured were 47 after the first push and all
 * reads, 63 with a viewer of `world`, and 92 after the next push and its delta; and 4 to 14 MiB of
 * V8's heap.
 */
const WASM_MIB_MAX = 95;

describe("a snapshot with the most rows allowed", () => {
  it("is served by every endpoint, and the isolate stays within its memory", async (t) => {
    const server = await start({ feed: "push", staged: true });
    const isolate = await watch(server);
    try {
      let last = 0;
      const measured = async (what, act) => {
        const result = await act();
        const { wasm, heap, buffers } = await isolate.bytes();
        const more = `${megabytes(heap)} heap, ${megabytes(buffers)} buffers`;
        t.diagnostic(`${what}: wasm ${megabytes(last)} -> ${megabytes(wasm)}, ${more}`);
        last = wasm;
        assert.ok(wasm < WASM_MIB_MAX * MIB, `${what}: wasm has ${megabytes(wasm)}`);
        return result;
      };
      const snapshots = new Snapshots(71, ROWS_MAX, { columns: 18 });
      const first = snapshots.next();
      const push = () => server.feed(first, { gzip: true });
      assert.equal((await measured("push, gzip", push)).accepted, ROWS_MAX);
      const get = async (path) => {
        const read = async () => {
          const answer = await server.get(path);
          assert.equal(answer.status, 200, path);
          return answer.arrayBuffer();
        };
        return measured(path, read);
      };
      const whole = JSON.parse(new TextDecoder().decode(await get("/api/flights/latest")));
      assert.deepEqual(whole.map(asSent).sort(byAddress), expected(first));
      const date = iso(first.time);
      const paths = [`/api/flights/${date}`, "/api/flights/latest", `/api/countries/${date}`];
      for (const filter of ["country=US", "callsign=D", "on_ground=false"]) {
        paths.push(`/api/flights/latest?${filter}`);
      }
      paths.push("/api/flights/latest?bbox=-179,-89,179,89");
      paths.push(`/api/flights/latest?icao24=${first.states[7][0]}`);
      paths.push("/api/countries/US/flights", "/api/countries/US/flights?within=60m");
      paths.push("/api/countries/RU/flights?within=60m", "/api/regions", "/metrics", "/api/status");
      const day = date.slice(0, 10);
      const [{ name }] = await server.json(`/api/archive/${day}`);
      for (const path of [...paths, `/api/archive/${day}/${name}`]) await get(path);
      const bytes = server.live("world", { protocol: BYTES, ack: false });
      await measured("keyframe, bytes", () => bytes.next());
      const second = snapshots.next();
      const again = () => server.feed(second);
      assert.equal((await measured("push and delta", again)).accepted, ROWS_MAX);
      await bytes.next();
      // This much JSON would fill the memory that binary clients share.
      const text = await open(server, { protocol: "overflight.json" });
      assert.equal(text.status, 503);
      const third = snapshots.next();
      await measured("push and delta", () => server.feed(third));
      const states = await server.json("/api/flights/latest");
      assert.deepEqual(states.map(asSent).sort(byAddress), expected(third));
    } finally {
      isolate.close();
      await server.stop();
    }
  });

  it("is refused with 413 if it has one row more", async () => {
    const server = await start({ feed: "push" });
    try {
      const snapshot = new Snapshots(72, 1).next();
      snapshot.states = Array(ROWS_MAX + 1).fill(snapshot.states[0]);
      const answer = await server.push(snapshot);
      assert.equal(answer.status, 413);
      assert.match((await answer.json()).detail, new RegExp(`${ROWS_MAX + 1} rows`));
    } finally {
      await server.stop();
    }
  });
});
