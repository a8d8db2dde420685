// Records the memories of WebAssembly instances, and the buffers that they exchange with
// JavaScript. Import it before any module that creates an instance.
//
// Such a memory only grows: its size is the most that the instance ever needed. A buffer counts
// from when an instance makes it or is given it, until it is collected. All garbage is collected
// when a large buffer is exchanged, or enough chunks were, which needs V8's flag --expose-gc; but
// what the current job has seen counts to its end.

const memories = [];
const Instance = WebAssembly.Instance;

/** A smaller buffer is a chunk of a stream. Those below 1 KiB do not count. */
const LARGE_BYTES = 256 << 10;
const CHUNK_BYTES = 1 << 10;

/** The bytes of chunks between two collections: one at each chunk would take minutes. */
const CHUNKS_BYTES = 2 << 20;

/** References to the buffers that may be in use. */
const buffers = new Set();
const known = new WeakSet();
/** The bytes of chunks since the last collection, and of all chunks. */
let recent = 0;
let made = 0;
let most = 0;
let mostChunks = 0;

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
    for (const value of [result, ...given]) count(value);
    return result;
  };
  const each = (values, change) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
  const wrap = (value) => (typeof value === "function" ? note(value) : value);
  return each(imports, (module) => each(module, wrap));
}

/** Counts a value if it is a buffer, or a view of one, that was not seen before. */
function count(value) {
  const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < CHUNK_BYTES) return;
  if (known.has(buffer) || memories.some((memory) => memory.buffer === buffer)) return;
  known.add(buffer);
  buffers.add(new WeakRef(buffer));
  const isChunk = buffer.byteLength < LARGE_BYTES;
  recent += isChunk ? buffer.byteLength : 0;
  made += isChunk ? buffer.byteLength : 0;
  if (!isChunk || recent > CHUNKS_BYTES) measure();
}

/** Collects all garbage, and notes how much is in use if that is the most so far. */
function measure() {
  recent = 0;
  globalThis.gc();
  let [bytes, chunks] = [wasmBytes(), 0];
  for (const reference of buffers) {
    const length = reference.deref()?.byteLength;
    if (length === undefined) buffers.delete(reference);
    else if (length < LARGE_BYTES) chunks += length;
    else bytes += length;
  }
  most = Math.max(most, bytes + chunks);
  mostChunks = Math.max(mostChunks, chunks);
}

/** Returns the bytes of all instances' memories together. */
export function wasmBytes() {
  return memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}

/**
 * Returns bytes since the last call: the most that memories and buffers took together, the most
 * that chunks took, and of all chunks that were made.
 */
export function mostBytes() {
  const bytes = { most: Math.max(most, wasmBytes()), chunks: mostChunks, made };
  [most, mostChunks, made] = [0, 0, 0];
  return bytes;
}
