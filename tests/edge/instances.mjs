// Records the memories of WebAssembly instances. Import it before any module that creates one.
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

/** Returns the bytes of all instances' memories together. */
export function wasmBytes() {
  return memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}
