// What wrangler makes of the two Workers of wrangler.toml, as Miniflare takes it.
//
// Wrangler takes more than a second to load, longer than most tests take. So its result is kept
// under target/ until wrangler.toml, scripts/workers.mjs or wrangler itself changes.

import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { written } from "../../scripts/workers.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SETTINGS = path.join(ROOT, "wrangler.toml");
const WORKERS = path.join(ROOT, "scripts/workers.mjs");
const WRANGLER = path.join(ROOT, "node_modules/wrangler/package.json");
const FOLDER = path.join(ROOT, "target/configured");

/** The options of the Worker that serves, then of that for the jobs. */
export async function configured() {
  // The options name folders of this checkout.
  const hash = createHash("sha256").update(ROOT);
  for (const file of [SETTINGS, WORKERS, WRANGLER]) hash.update(fs.readFileSync(file));
  const kept = path.join(FOLDER, `${hash.digest("hex")}.json`);
  if (fs.existsSync(kept)) return JSON.parse(fs.readFileSync(kept, "utf8"));
  const { unstable_getMiniflareWorkerOptions: read } = await import("wrangler");
  const options = (await written()).map((file) => {
    return read(path.join(ROOT, file), undefined, { envFiles: [] }).workerOptions;
  });
  fs.mkdirSync(FOLDER, { recursive: true });
  // Other tests may read it at the same time: it is there whole or not at all.
  const own = `${kept}.${process.pid}`;
  fs.writeFileSync(own, JSON.stringify(options));
  fs.renameSync(own, kept);
  return options;
}
