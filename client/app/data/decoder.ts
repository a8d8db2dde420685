// The decoder: the crate's wire and airspace modules as wasm (client/src).

import init from "../../../target/decoder/decoder.js";

/** Loads the decoder, once, before it is used. Returns its memory. */
export async function loadDecoder(): Promise<WebAssembly.Memory> {
  const { memory } = await init({ module_or_path: new URL("decoder.wasm", import.meta.url) });
  return memory;
}
