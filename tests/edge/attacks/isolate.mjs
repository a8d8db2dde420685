// The memory of a staged server's isolate: the Worker, the ingest object and all regions together.
//
// In scope: WebAssembly's memory, which never shrinks; the buffers that are in use, at the worst
// moments (`../instances.mjs`); V8's heap. The inspector measures the heap after a collection.
// Garbage does not count: V8 collects it before an isolate exceeds its limit.

import { within } from "../harness.mjs";

/** Watches a staged server's isolate until `close`. */
export async function watch(server) {
  const socket = new WebSocket(new URL("/core:user:overflight", server.inspector));
  const waiting = [];
  socket.addEventListener("message", ({ data }) => waiting.shift()(JSON.parse(data).result));
  await within(new Promise((resolve) => socket.addEventListener("open", resolve)), "inspector");
  const call = (method, params = {}) => {
    const answer = new Promise((resolve) => waiting.push(resolve));
    socket.send(JSON.stringify({ id: 1, method, params }));
    return within(answer, method);
  };
  // A sampling profile collects all garbage first. `HeapProfiler.collectGarbage` only posts a task,
  // which workerd never runs.
  await call("HeapProfiler.startSampling", { samplingInterval: 2 ** 30 });
  return {
    /** Returns bytes: `{wasm, heap, buffers, chunks, made, sum}`. `wasm` and `heap` are current,
     *  `buffers` is what buffers took beside `wasm` at the worst moment since the last call, and
     *  `chunks` what streams' chunks took at theirs; `made` is the sum of all chunks since. */
    async bytes() {
      await call("HeapProfiler.getSamplingProfile");
      const { usedSize } = await call("Runtime.getHeapUsage");
      const { wasm, most, chunks, made } = await server.json("/api/stage/memory");
      const buffers = most - wasm;
      return { wasm, heap: usedSize, buffers, chunks, made, sum: most + usedSize };
    },
    close: () => socket.close(),
  };
}
