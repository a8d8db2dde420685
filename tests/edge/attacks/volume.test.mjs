// A snapshot with the most rows allowed: every answer about it, and their memory.
//
// Here one isolate holds everything, the Worker, the ingest object and the 25 regions; on
// Cloudflare they may be spread over several. Each has 128 MB.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { start } from "../harness.mjs";
import { BYTES } from "../live.mjs";
import { asSent, byAddress, expected, iso, Snapshots } from "../snapshots.mjs";
import { megabytes } from "./cost.mjs";
import { watch } from "./isolate.mjs";
import { open } from "./raw.mjs";

const ROWS_MAX = 100_000;

/**
 * The most bytes of WebAssembly's memory, V8's heap and the buffers in use, together at the worst
 * moment. Measured were 59 MiB at the first push, 93 MiB (97.5 MB) at the third, with a viewer of
 * `world` and one of a fine region, and as much at the reads after it: 83 MiB of it WebAssembly's.
 * Buffers below 256 KiB, such as a list's chunks under way, are not in the sum.
 */
const BYTES_MAX = 100_000_000;

describe("a snapshot with the most rows allowed", () => {
  it("is served by every endpoint, and the isolate stays within its memory", async (t) => {
    const server = await start({ feed: "push", staged: true });
    const isolate = await watch(server);
    try {
      const measured = async (what, act) => {
        const result = await act();
        const { wasm, heap, buffers, sum } = await isolate.bytes();
        const parts = [`wasm ${megabytes(wasm)}`, `buffers ${megabytes(buffers)}`];
        const all = `${parts.join(", ")}, heap ${megabytes(heap)}, together ${megabytes(sum)}`;
        t.diagnostic(`${what}: ${all}`);
        assert.ok(sum < BYTES_MAX, `${what}: ${all}`);
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
      paths.push("/api/countries/US/flights", "/api/countries/US/flights?within=30m");
      paths.push("/api/countries/RU/flights?within=60m", "/api/regions", "/metrics", "/api/status");
      const day = date.slice(0, 10);
      const [{ name }] = await server.json(`/api/archive/${day}`);
      for (const path of [...paths, `/api/archive/${day}/${name}`]) await get(path);
      const bytes = server.live("world", { protocol: BYTES, ack: false });
      await measured("keyframe, bytes", () => bytes.next());
      const fine = server.live("eu-west", { protocol: BYTES, ack: false });
      await measured("keyframe of a fine region", () => fine.next());
      const second = snapshots.next();
      const again = () => server.feed(second);
      assert.equal((await measured("push and delta", again)).accepted, ROWS_MAX);
      await Promise.all([bytes.next(), fine.next()]);
      // This much JSON would fill the memory that binary clients share.
      const text = await open(server, { protocol: "overflight.json" });
      assert.equal(text.status, 503);
      const third = snapshots.next();
      await measured("push and delta", () => server.feed(third));
      for (const path of ["/api/flights/latest", "/api/countries/US/flights?within=30m"]) {
        await get(path);
      }
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
