// Serves the built Workers on Miniflare until the test's process ends, or it is killed.
//
// It is a separate process, so that a test can kill it like a power cut: harness.mjs starts it
// as the leader of a process group, which workerd joins. The first message over Node's channel
// between processes holds its options, and is answered {"ready": url}. After that each message
// {"id", "call", "values"} with {"id", "result"} or {"id", "error"}.

import { once } from "node:events";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { Log, LogLevel, Miniflare } from "miniflare";

const NAME = "overflight";
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
// The test may end before it needs this server.
process.once("disconnect", () => process.exit());
const [options] = await once(process, "message");
const { port, persist, worker, jobs, outbound, bare, staged, direct } = options;

const built = [
  { type: "ESModule", path: path.join(root, "build/index.js") },
  { type: "CompiledWasm", path: path.join(root, "build/index_bg.wasm") },
];

/** Relays the Worker's requests to the test, which plays the internet. */
async function relay(request) {
  if (!outbound) return new Response("no internet in tests", { status: 523 });
  const headers = new Headers(request.headers);
  headers.set("x-original-url", request.url);
  // The body is sent whole, and these headers belong to the other connection.
  for (const name of ["host", "connection", "content-length", "transfer-encoding"]) {
    headers.delete(name);
  }
  const body = request.body ? await request.arrayBuffer() : undefined;
  return fetch(outbound, { method: request.method, headers, body });
}

// A staged Worker measures memory without garbage (instances.mjs).
if (staged) process.env.MINIFLARE_WORKERD_V8_FLAGS = "--expose-gc";

const miniflare = new Miniflare({
  host: "127.0.0.1",
  port,
  cf: false,
  log: new Log(LogLevel.WARN),
  unsafeTriggerHandlers: true,
  // The inspector measures the isolate's heap.
  inspectorPort: staged ? 0 : undefined,
  durableObjectsPersist: path.join(persist, "do"),
  kvPersist: path.join(persist, "kv"),
  r2Persist: path.join(persist, "r2"),
  cachePersist: path.join(persist, "cache"),
  workers: [
    {
      ...worker,
      name: NAME,
      modulesRoot: root,
      modules: [
        ...(staged ? ["stage.mjs", "instances.mjs"] : []).map((file) => {
          return { type: "ESModule", path: path.join(root, "tests/edge", file) };
        }),
        ...built,
      ],
      outboundService: direct ? undefined : relay,
      unsafeDirectSockets: bare ? [{ host: "127.0.0.1", port: 0 }] : [],
    },
    { ...jobs, name: `${NAME}-jobs`, modulesRoot: root, modules: built, outboundService: relay },
  ],
});

const calls = {
  /** Evicts objects of a class from memory, hibernating their sockets: one by name, or all. */
  async evict(className, name) {
    const ids = await miniflare.listDurableObjectIds(className, NAME);
    const objects = name ? [{ name }] : ids.map((id) => ({ id }));
    const evicted = await Promise.all(objects.map((object) => evict(className, object)));
    return evicted.filter(Boolean).length;
  },
  /** Returns the current state of a region's object; `/api/regions` may be seconds old. */
  async region(name) {
    const regions = await miniflare.getDurableObjectNamespace("REGION", NAME);
    const region = regions.get(regions.idFromName(name));
    const headers = { "Overflight-Question": '"State"' };
    const answer = await region.fetch("https://region/", { headers });
    return (await answer.json()).State;
  },
  /** Returns the keys in KV; replaces all values by the bytes if given. */
  async cached(bytes) {
    const kv = await miniflare.getKVNamespace("BOUNDARIES", NAME);
    const { keys } = await kv.list();
    for (const { name } of bytes ? keys : []) await kv.put(name, Uint8Array.from(bytes).buffer);
    return keys.map(({ name }) => name);
  },
  /** Deletes an object from R2 behind the Worker's back; returns its bytes. */
  async takeObject(key) {
    const object = await (await archive()).get(key);
    await (await archive()).delete(key);
    return [...new Uint8Array(await object.arrayBuffer())];
  },
  /** Puts an object into R2 behind the Worker's back. */
  async giveObject(key, bytes) {
    await (await archive()).put(key, Uint8Array.from(bytes));
  },
  /** Returns the custom metadata of an object in R2. */
  async metadata(key) {
    return (await (await archive()).head(key)).customMetadata;
  },
  /** Sends messages to the queue of jobs: strings as text, everything else as JSON. */
  async remind(messages) {
    const queue = await miniflare.getQueueProducer("JOBS", NAME);
    const type = (body) => (typeof body === "string" ? "text" : "json");
    await queue.sendBatch(messages.map((body) => ({ body, contentType: type(body) })));
  },
  /** Returns every object in R2: `{key, size, etag}`, sorted by key. */
  async objects() {
    const bucket = await archive();
    const found = [];
    let page = { truncated: true };
    while (page.truncated) {
      page = await bucket.list({ cursor: page.cursor });
      found.push(...page.objects.map(({ key, size, etag }) => ({ key, size, etag })));
    }
    return found;
  },
  /** Fires the cron, and waits until it is done. */
  async scheduled() {
    const worker = await miniflare.getWorker(NAME);
    return worker.scheduled({ scheduledTime: new Date(), cron: "* * * * *" });
  },
};

const archive = () => miniflare.getR2Bucket("ARCHIVE", NAME);

/** Evicts an object; returns whether it was in memory. */
async function evict(className, object) {
  const options = { ...object, webSockets: "hibernate" };
  try {
    await miniflare.unsafeEvictDurableObject(NAME, className, options);
    return true;
  } catch (error) {
    if (/not currently running/.test(error.message)) return false;
    throw error;
  }
}

process.on("message", async ({ id, call, values }) => {
  try {
    process.send({ id, result: (await calls[call](...values)) ?? null });
  } catch (error) {
    process.send({ id, error: String(error?.stack ?? error) });
  }
});
process.removeAllListeners("disconnect");
process.once("disconnect", () => miniflare.dispose());

const entrance = await miniflare.ready;
const url = bare ? await miniflare.unsafeGetDirectURL(NAME) : entrance;
const inspector = staged ? String(await miniflare.getInspectorURL()) : null;
process.send({ ready: url.origin, inspector });
