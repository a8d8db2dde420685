// A snapshot with the most rows allowed: every answer about it, and their memory.
//
// Here one isolate holds everything, the Worker, the ingest object and the 25 regions; on
// Cloudflare they may be spread over several. Each has 128 MB.

import assert from "node:assert/strict";
import { once } from "node:events";
import * as http from "node:http";
import { describe, it } from "node:test";
import { eventually, start } from "../harness.mjs";
import { BYTES } from "../live.mjs";
import { asSent, byAddress, expected, iso, objects, readsb, Snapshots } from "../snapshots.mjs";
import { megabytes } from "./cost.mjs";
import { watch } from "./isolate.mjs";
import { open } from "./raw.mjs";

const ROWS_MAX = 100_000;

/**
 * The most bytes of WebAssembly's memory, V8's heap and the buffers in use, together at the worst
 * moment: a push, with a viewer of `world` and one of a fine region. Measured were 55 MiB at the
 * first push and 89 MiB (93 MB) at the fourth, 67 MiB of it WebAssembly's. Readsb's snapshot took
 * 85 MiB, the array of objects 83.
 */
const BYTES_MAX = 100_000_000;

/** The most bytes of chunks in use while a list is read: each is made when the one before it has
 *  left. Measured were 0.1 MiB, two chunks, of 38 MiB that were made. */
const CHUNKS_BYTES_MAX = 1 << 20;

/** The most bytes of WebAssembly's memory after a pull of 13 MB. Measured were
 *  30 MiB; with the body in it, it would have 13 MB more. */
const PULL_BYTES_MAX = 40_000_000;

describe("a snapshot with the most rows allowed", () => {
  it("is served by every endpoint, and the isolate stays within its memory", async (t) => {
    const server = await start({ feed: "push", staged: true });
    const isolate = await watch(server);
    try {
      const measured = async (what, act, chunksMax = BYTES_MAX) => {
        const result = await act();
        const { sum, ...parts } = await isolate.bytes();
        const each = Object.entries({ ...parts, together: sum });
        const all = each.map(([name, bytes]) => `${name} ${megabytes(bytes)}`).join(", ");
        t.diagnostic(`${what}: ${all}`);
        assert.ok(sum < BYTES_MAX, `${what}: ${all}`);
        assert.ok(parts.chunks < chunksMax, `${what}: ${all}`);
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
        return measured(path, read, CHUNKS_BYTES_MAX);
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
      const pushed = async (what, body) => {
        const again = () => server.feed(body);
        assert.equal((await measured(what, again)).accepted, ROWS_MAX);
        await Promise.all([bytes.next(), fine.next()]);
      };
      await pushed("push of objects, and delta", objects(snapshots.next()));
      await pushed("push of readsb's, and delta", readsb(snapshots.next()));
      // This much JSON would fill the memory that binary clients share.
      const text = await open(server, { protocol: "overflight.json" });
      assert.equal(text.status, 503);
      const last = snapshots.next();
      await measured("push of OpenSky's", () => server.feed(last));
      for (const path of ["/api/flights/latest", "/api/countries/US/flights?within=30m"]) {
        await get(path);
      }
      const states = await server.json("/api/flights/latest");
      assert.deepEqual(states.map(asSent).sort(byAddress), expected(last));
    } finally {
      isolate.close();
      await server.stop();
    }
  });

  it("is pulled without its body in WebAssembly's memory", async (t) => {
    const body = JSON.stringify(new Snapshots(73, ROWS_MAX, { columns: 18 }).next());
    const source = http.createServer((_, response) => response.end(body));
    source.listen(0, "127.0.0.1");
    await once(source, "listening");
    const outbound = `http://127.0.0.1:${source.address().port}`;
    const server = await start({ feed: "opensky", staged: true, outbound });
    const isolate = await watch(server);
    try {
      await server.dispatchScheduled();
      const regions = async () => (await server.json("/api/status")).regions;
      const all = async () => (await regions()).every(({ delivered }) => delivered !== null);
      await eventually(all, "the regions have the minute");
      const { wasm, sum } = await isolate.bytes();
      t.diagnostic(`a pull: wasm ${megabytes(wasm)}, together ${megabytes(sum)}`);
      assert.ok(wasm < PULL_BYTES_MAX, megabytes(wasm));
      assert.ok(sum < BYTES_MAX, megabytes(sum));
    } finally {
      isolate.close();
      await server.stop();
      source.close();
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
