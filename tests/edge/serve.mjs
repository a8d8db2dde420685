// Serves the built Worker on Miniflare until its standard input ends or it is killed.
//
// A process of its own, so that a test can take it down as a power cut would: harness.mjs starts it
// as the leader of a process group, which workerd joins. Options are JSON in the first argument.
// Standard output carries one JSON line when it is ready, then one for each line of standard input:
// {"id", "call", "arguments"} is answered {"id", "result"} or {"id", "error"}.

import * as path from "node:path";
import * as readline from "node:readline";
import { fileURLToPath } from "node:url";
import { Log, LogLevel, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions as readOptions } from "wrangler";

const NAME = "overflight";
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const { port, persist, vars, outbound } = JSON.parse(process.argv[2]);

// Bindings, flags, dates and asset routing are wrangler.toml's own; nothing here can drift from it.
const { workerOptions } = readOptions(path.join(root, "wrangler.toml"), undefined, {
  envFiles: [],
});

/** Sends what the Worker fetches to the test, which plays the internet. */
async function relay(request) {
  if (!outbound) return new Response("no internet in tests", { status: 523 });
  const headers = new Headers(request.headers);
  headers.set("x-original-url", request.url);
  headers.delete("host");
  const body = request.body ? await request.arrayBuffer() : undefined;
  return fetch(outbound, { method: request.method, headers, body });
}

const miniflare = new Miniflare({
  host: "127.0.0.1",
  port,
  cf: false,
  log: new Log(LogLevel.WARN),
  unsafeTriggerHandlers: true,
  durableObjectsPersist: path.join(persist, "do"),
  kvPersist: path.join(persist, "kv"),
  r2Persist: path.join(persist, "r2"),
  cachePersist: path.join(persist, "cache"),
  workers: [
    {
      ...workerOptions,
      name: NAME,
      modulesRoot: path.join(root, "build"),
      modules: [
        { type: "ESModule", path: path.join(root, "build/index.js") },
        { type: "CompiledWasm", path: path.join(root, "build/index_bg.wasm") },
      ],
      bindings: { ...workerOptions.bindings, ...vars },
      outboundService: relay,
      // Miniflare's own entrance negotiates compression whatever the Worker's flags say.
      unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    },
  ],
});

const calls = {
  /** Puts objects of a class out of memory, hibernating their sockets: one by name, or all. */
  async evict(className, name) {
    const ids = name ? [{ name }] : await objects(className);
    for (const id of ids) {
      await miniflare.unsafeEvictDurableObject(NAME, className, { ...id, webSockets: "hibernate" });
    }
    return ids.length;
  },
  /** Fires the cron, and waits for what it does. */
  async scheduled() {
    const worker = await miniflare.getWorker(NAME);
    return worker.scheduled({ scheduledTime: new Date(), cron: "* * * * *" });
  },
};

async function objects(className) {
  const ids = await miniflare.listDurableObjectIds(className, NAME);
  return ids.map((id) => ({ id }));
}

function tell(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

const url = await miniflare.ready;
const direct = await miniflare.unsafeGetDirectURL(NAME);
tell({ ready: { url: url.origin, direct: direct.origin } });
for await (const line of readline.createInterface({ input: process.stdin })) {
  const { id, call, arguments: values } = JSON.parse(line);
  try {
    tell({ id, result: (await calls[call](...values)) ?? null });
  } catch (error) {
    tell({ id, error: String(error?.stack ?? error) });
  }
}
await miniflare.dispose();
