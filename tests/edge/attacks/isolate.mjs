// What an isolate of a staged server holds: the Worker, the ingest object and all regions together.
//
// WebAssembly's memory never shrinks, so its size is its peak. Of V8's heap and of the buffers that
// belong to it the inspector tells what they are at the moment, garbage too.

import { within } from "../harness.mjs";

/** Watches a staged server's isolate until `close`. */
export async function watch(server) {
  const socket = new WebSocket(new URL("/core:user:overflight", server.inspector));
  const waiting = [];
  socket.addEventListener("message", ({ data }) => waiting.shift()(JSON.parse(data).result));
  await within(new Promise((resolve) => socket.addEventListener("open", resolve)), "inspector");
  return {
    /** The bytes now: `{wasm, heap, buffers}`; `wasm` is the most that it ever was. */
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
