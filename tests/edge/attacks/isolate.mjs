// The memory of a staged server's isolate: the Worker, the ingest object and all regions together.
//
// WebAssembly's memory never shrinks, so its size is its peak. The inspector reports the current
// sizes of V8's heap and its buffers, garbage included.

import { within } from "../harness.mjs";

/** Watches a staged server's isolate until `close`. */
export async function watch(server) {
  const socket = new WebSocket(new URL("/core:user:overflight", server.inspector));
  const waiting = [];
  socket.addEventListener("message", ({ data }) => waiting.shift()(JSON.parse(data).result));
  await within(new Promise((resolve) => socket.addEventListener("open", resolve)), "inspector");
  return {
    /** Returns the current bytes: `{wasm, heap, buffers}`; `wasm` is the peak. */
    async bytes() {
      const answer = new Promise((resolve) => waiting.push(resolve));
      socket.send(JSON.stringify({ id: 1, method: "Runtime.getHeapUsage" }));
      const { usedSize, backingStorageSize } = await within(answer, "the heap's usage");
      const { bytes } = await server.json("/api/stage/memory");
      return { wasm: bytes, heap: usedSize, buffers: backingStorageSize };
    },
    close: () => socket.close(),
  };
}
