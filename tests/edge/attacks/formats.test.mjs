// The largest minutes in every format, as frames and as a track: the memory of the isolate. Readers
// that stop: others get their answers.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { unpackMultiple } from "msgpackr";
import { eventually, start } from "../harness.mjs";
import { iso, Snapshots } from "../snapshots.mjs";
import { megabytes } from "./cost.mjs";
import { watch } from "./isolate.mjs";

const ROWS_MAX = 100_000;

/** The most bytes of all memory in use, and of a list's chunks, as in volume.test.mjs. */
const BYTES_MAX = 100_000_000;
const CHUNKS_BYTES_MAX = 1 << 20;

describe("minutes with the most rows allowed", () => {
  it("are read in every format within the memory of an isolate", async (t) => {
    const server = await start({ feed: "push", staged: true });
    const isolate = await watch(server);
    try {
      const snapshots = new Snapshots(73, ROWS_MAX, { columns: 18 });
      const [first, second] = [snapshots.next(), snapshots.next()];
      for (const snapshot of [first, second]) await server.feed(snapshot, { gzip: true });
      const paths = ["json", "csv", "geojson", "msgpack", "frame"].map(
        (suffix) => `/api/flights/${iso(first.time)}.${suffix}`,
      );
      paths.push(`/api/aircraft/${first.states[7][0]}/track.geojson`, "/api/archive/frames");
      let body;
      // The pushes do not count here.
      await isolate.bytes();
      for (const path of paths) {
        const answer = await server.get(path);
        assert.equal(answer.status, 200, path);
        body = Buffer.from(await answer.arrayBuffer());
        const { sum, ...parts } = await isolate.bytes();
        const each = Object.entries({ ...parts, together: sum });
        const all = each.map(([name, bytes]) => `${name} ${megabytes(bytes)}`).join(", ");
        t.diagnostic(`${path}: ${body.length} bytes, ${all}`);
        assert.ok(sum < BYTES_MAX, `${path}: ${all}`);
        assert.ok(parts.chunks < CHUNKS_BYTES_MAX, `${path}: ${all}`);
      }
      let frames = 0;
      unpackMultiple(body, () => {
        frames += 1;
      });
      assert.equal(frames, 2);
    } finally {
      isolate.close();
      await server.stop();
    }
  });
});

describe("readers of frames that stop reading", () => {
  it("hold up nobody", async () => {
    const server = await start({ feed: "push" });
    try {
      const snapshots = new Snapshots(74, 2_000);
      for (let minute = 0; minute < 4; minute += 1) await server.take(snapshots.next());
      const path = (step) => `/api/archive/frames?from=2026-01-01T00:00:00Z&step=${step}s`;
      const stopped = await Promise.all(
        [1, 2, 3].map((step) => eventually(() => answered(server, path(step)), "a turn")),
      );
      // Their bodies are not read. The gate is free once the frames are made.
      const next = await eventually(() => answered(server, path(4)), "a turn for the next");
      assert.ok((await next.arrayBuffer()).byteLength > 0);
      const list = await server.get("/api/flights/latest.csv");
      assert.equal(list.status, 200);
      await list.arrayBuffer();
      for (const answer of stopped) await answer.body.cancel();
    } finally {
      await server.stop();
    }
  });
});

/** Returns the answer, or null if the server was too busy. */
async function answered(server, path) {
  const answer = await server.get(path);
  if (answer.status === 200) return answer;
  assert.equal(answer.status, 503);
  await answer.arrayBuffer();
  return null;
}
