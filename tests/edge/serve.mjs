// Serves the built Worker on Miniflare until the test's process goes away, or it is killed.
//
// A process of its own, so that a test can take it down as a power cut would: harness.mjs starts it
// as the leader of a process group, which workerd joins. Options are JSON in the first argument.
// Over Node's channel between processes it tells {"ready": url}; after that each message
// {"id", "call", "values"} is answered {"id", "result"} or {"id", "error"}.

import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { Log, LogLevel, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions as readOptions } from "wrangler";

const NAME = "overflight";
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const { port, persist, vars, outbound, bare } = JSON.parse(process.argv[2]);

// Bindings, flags, dates and asset routing are wrangler.toml's own; nothing here can drift from it.
const { workerOptions } = readOptions(path.join(root, "wrangler.toml"), undefined, {
  envFiles: [],
});
if (bare) {
  delete workerOptions.assets;
  workerOptions.unsafeDirectSockets = [{ host: "127.0.0.1", port: 0 }];
}

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

process.on("message", async ({ id, call, values }) => {
  try {
    process.send({ id, result: (await calls[call](...values)) ?? null });
  } catch (error) {
    process.send({ id, error: String(error?.stack ?? error) });
  }
});
process.once("disconnect", () => miniflare.dispose());

const entrance = await miniflare.ready;
const url = bare ? await miniflare.unsafeGetDirectURL(NAME) : entrance;
process.send({ ready: url.origin });
