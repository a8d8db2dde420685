// Records the memories of WebAssembly instances, and the large buffers that they exchange with
// JavaScript. Import it before any module that creates an instance.
//
// Such a memory only grows: its size is the most that the instance ever needed. A buffer counts
// from when an instance makes it or is given it, until it is collected. All garbage is collected at
// each exchange, which needs V8's flag --expose-gc; but what the current job has seen counts to its
// end.

const memories = [];
const Instance = WebAssembly.Instance;

/** Smaller buffers do not count: a collection at each would take minutes. */
const LARGE_BYTES = 256 << 10;

/** References to the large buffers that may be in use. */
const buffers = new Set();
const known = new WeakSet();
let most = 0;

WebAssembly.Instance = class extends Instance {
  constructor(module, imports) {
    super(module, watched(imports));
    if (this.exports.memory) memories.push(this.exports.memory);
  }
};

/** Returns the imports; each notes the large buffers among its values. */
function watched(imports) {
  const note = (act) => (...given) => {
    const result = act(...given);
    if ([result, ...given].filter(isNew).length > 0) measure();
    return result;
  };
  const each = (values, change) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
  const wrap = (value) => (typeof value === "function" ? note(value) : value);
  return each(imports, (module) => each(module, wrap));
}

/** Whether a value is a large buffer, or a view of one, that was not seen before; notes it. */
function isNew(value) {
  const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < LARGE_BYTES) return false;
  if (known.has(buffer) || memories.some((memory) => memory.buffer === buffer)) return false;
  known.add(buffer);
  buffers.add(new WeakRef(buffer));
  return true;
}

/** Collects all garbage, and notes how much is in use if that is the most so far. */
function measure() {
  globalThis.gc();
  let bytes = wasmBytes();
  for (const reference of buffers) {
    const buffer = reference.deref();
    if (buffer === undefined) buffers.delete(reference);
    else bytes += buffer.byteLength;
  }
  most = Math.max(most, bytes);
}

/** Returns the bytes of all instances' memories together. */
export function wasmBytes() {
  return memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}

/** Returns the most bytes that memories and large buffers took together since the last call. */
export function mostBytes() {
  const bytes = Math.max(most, wasmBytes());
  most = 0;
  return bytes;
}
