// wrangler.toml as two Workers: a job never shares memory with a request.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { workers } from "../../scripts/workers.mjs";

const WHOLE = {
  name: "sky",
  main: "build/index.js",
  compatibility_date: "2026-07-01",
  assets: { directory: "dist" },
  vars: { FEED: "push" },
  durable_objects: {
    bindings: [
      { name: "REGION", class_name: "RegionObject" },
      { name: "INGEST", class_name: "IngestObject" },
    ],
  },
  r2_buckets: [{ binding: "ARCHIVE", bucket_name: "sky-archive" }],
  queues: {
    producers: [{ binding: "JOBS", queue: "sky-jobs" }],
    consumers: [{ queue: "sky-jobs" }],
  },
  migrations: [{ tag: "v1" }],
};

describe("the Worker that serves", () => {
  it("has everything of wrangler.toml except the consumers of its queues", () => {
    const [serving] = workers(WHOLE);
    const { producers } = WHOLE.queues;
    assert.deepEqual(serving, { ...WHOLE, queues: { producers } });
  });
});

describe("the Worker for the jobs", () => {
  it("consumes the queues, with the archive and the other Worker's Ingest object alone", () => {
    const [, jobs] = workers(WHOLE);
    const ingest = { name: "INGEST", class_name: "IngestObject", script_name: "sky" };
    assert.equal(jobs.name, "sky-jobs");
    assert.deepEqual(jobs.queues, { consumers: WHOLE.queues.consumers });
    assert.deepEqual(jobs.durable_objects, { bindings: [ingest] });
    assert.deepEqual([jobs.main, jobs.r2_buckets], [WHOLE.main, WHOLE.r2_buckets]);
  });

  it("has no address, no page, no settings and no objects of its own", () => {
    const [, jobs] = workers(WHOLE);
    assert.deepEqual([jobs.workers_dev, jobs.preview_urls], [false, false]);
    for (const key of ["assets", "vars", "migrations", "triggers", "routes"]) {
      assert.equal(key in jobs, false, key);
    }
  });
});
