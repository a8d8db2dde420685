// The two Workers that wrangler.toml becomes: one that serves, and one for the jobs.
//
// A job has megabytes in memory, so it must not share an isolate with requests. Both Workers run
// the same build. The one for the jobs consumes the queues, and is bound to the archive and to the
// Ingest object of the other; it serves nothing. wrangler.toml itself stays a complete Worker that
// also consumes its queues: plain `npx wrangler dev` runs the jobs in it.
//
// usage: node scripts/workers.mjs      writes a configuration for each, and prints their names

import * as fs from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

/** The most CPU time of a message: the platform's maximum, where its default is 30 seconds. */
const JOB_CPU_MILLIS = 300_000;

/** What the Worker of the jobs shares with the other one. */
const SHARED = ["main", "compatibility_date", "compatibility_flags", "r2_buckets", "observability"];

/** The two configurations, first that of the Worker that serves. */
export function workers(whole) {
  const { consumers, ...queues } = whole.queues;
  const ingest = whole.durable_objects.bindings.filter(({ name }) => name === "INGEST");
  const jobs = {
    name: `${whole.name}-jobs`,
    ...Object.fromEntries(SHARED.map((key) => [key, whole[key]])),
    workers_dev: false,
    preview_urls: false,
    limits: { cpu_ms: JOB_CPU_MILLIS },
    durable_objects: { bindings: ingest.map((one) => ({ ...one, script_name: whole.name })) },
    queues: { consumers },
  };
  return [{ ...whole, queues }, jobs];
}

/** Writes the configurations beside wrangler.toml, and returns their file names. */
export async function written() {
  const { experimental_readRawConfig: read } = await import("wrangler");
  const { rawConfig } = read({ config: path.join(ROOT, "wrangler.toml") });
  return workers(rawConfig).map((worker) => {
    const file = `.${worker.name}.wrangler.json`;
    // Others may read it at the same time: it is there whole or not at all.
    const own = path.join(ROOT, `${file}.${process.pid}`);
    fs.writeFileSync(own, `${JSON.stringify(worker, null, 2)}\n`);
    fs.renameSync(own, path.join(ROOT, file));
    return file;
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log((await written()).join("\n"));
