// The decoder: the crate's own wire and airspace, as wasm (client/src).

import init from "../../../target/decoder/decoder.js";

/** Loads it, once, before anything of it is used: the memory in which its values lie. */
export async function loadDecoder(): Promise<WebAssembly.Memory> {
  const { memory } = await init({ module_or_path: new URL("decoder.wasm", import.meta.url) });
  return memory;
}
