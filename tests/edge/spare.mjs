// Processes that have loaded serve.mjs and wait for their options.
//
// Loading Miniflare takes half of a server's start. So the process of the next server is loaded
// while the test uses the one before.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const SERVE = fileURLToPath(new URL("serve.mjs", import.meta.url));
/** Where Node keeps what it compiled of Miniflare; Node 20 does not know of it. */
const COMPILED = fileURLToPath(new URL("../../target/node-compiled", import.meta.url));

let spare = load();
let taken = 0;

function load() {
  const child = spawn(process.execPath, [SERVE], {
    detached: true,
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILED },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  keepsAlive(child, "unref");
  return child;
}

/** Whether this process stays while the child does: `ref` or `unref`. */
function keepsAlive(child, whether) {
  for (const part of [child, child.channel, child.stdout, child.stderr]) part[whether]();
}

/** A process of serve.mjs, which is the caller's from now on. */
export function take() {
  const child = spare ?? load();
  keepsAlive(child, "ref");
  taken += 1;
  // Where a test starts one server only, no other is loaded.
  spare = taken > 1 ? load() : null;
  return child;
}
