// Remembers the memories of WebAssembly instances. To be imported before whatever makes them.
//
// Such a memory only grows: its size is the most that the instance ever needed.

const memories = [];
const Instance = WebAssembly.Instance;

WebAssembly.Instance = class extends Instance {
  constructor(...given) {
    super(...given);
    if (this.exports.memory) memories.push(this.exports.memory);
  }
};

/** How many bytes all instances' memories have. */
export function wasmBytes() {
  return memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}
