// Thousands of clients in one process, forked by fanout.mjs: each opens a socket, reads binary
// frames and acknowledges them as PROTOCOL.md says.
//
// It takes one message, `{url, clients}`, and sends one for each frame when the last client has it:
// `{first, last}`, when the first and the last client had its last byte, in milliseconds. The first
// frame is the one on opening.

import { randomBytes } from "node:crypto";
import * as net from "node:net";
import { acknowledgement, BYTES } from "../../edge/live.mjs";

/** How many sockets are being opened at once. */
const SLICE = 64;
const HEAD_END = Buffer.from("\r\n\r\n");
const [TEXT, BINARY] = [0x81, 0x82];
const MASK = randomBytes(4);

/** All clients read into this buffer in turn. A client copies what it keeps. */
const shared = Buffer.alloc(1 << 18);

/** When the first and the last client had each frame, and how many clients have it. */
const frames = [];
/** The last frame, and what acknowledges it: all clients are sent the same frames. */
let acknowledged = { frame: Buffer.alloc(0), message: null };
let clients;

/** Returns a client's message as it is on the wire. */
function masked(text) {
  const payload = Buffer.from(text).map((byte, index) => byte ^ MASK[index % 4]);
  return Buffer.concat([Buffer.from([TEXT, 0x80 | payload.length]), MASK, payload]);
}

/** Returns a frame's acknowledgement. Each client reads all of its frame, as a real one does. */
function answer(frame) {
  if (!acknowledged.frame.equals(frame)) {
    acknowledged = { frame: Buffer.from(frame), message: masked(acknowledgement(frame)) };
  }
  return acknowledged.message;
}

class Client {
  #socket;
  #rest = Buffer.alloc(0);
  #count = 0;
  #ready;

  constructor({ hostname, port, pathname }, address) {
    this.opened = new Promise((resolve) => (this.#ready = resolve));
    const onread = { buffer: shared, callback: (size) => this.#read(shared.subarray(0, size)) };
    this.#socket = net.connect({ host: hostname, port: Number(port), noDelay: true, onread });
    this.#socket.write([
      `GET ${pathname} HTTP/1.1`, `Host: ${hostname}`, "Connection: Upgrade", "Upgrade: websocket",
      "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      `Sec-WebSocket-Protocol: ${BYTES}`, `CF-Connecting-IP: ${address}`, "", "",
    ].join("\r\n"));
  }

  #read(chunk) {
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    if (this.#ready) {
      const end = bytes.indexOf(HEAD_END);
      if (end >= 0) {
        const head = String(bytes.subarray(0, end));
        if (!head.includes(" 101 ")) throw new Error(`refused: ${head}`);
        this.#ready();
        this.#ready = null;
        bytes = bytes.subarray(end + HEAD_END.length);
      }
    }
    while (!this.#ready) {
      const { start, end } = extent(bytes);
      if (end > bytes.length) break;
      this.#take(bytes.subarray(start, end));
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes.length > 0 ? Buffer.from(bytes) : bytes;
    return true;
  }

  #take(frame) {
    const now = performance.now();
    const seen = (frames[this.#count] ??= { first: now, last: now, count: 0 });
    this.#count += 1;
    seen.last = now;
    seen.count += 1;
    this.#socket.write(answer(frame));
    if (seen.count === clients) process.send(seen);
  }
}

/** Returns where the first message's payload is. Its end exceeds the bytes while some miss. */
function extent(bytes) {
  if (bytes.length < 10) return { end: Infinity };
  if (bytes[0] !== BINARY) throw new Error(`not a frame: ${bytes.subarray(0, 64)}`);
  const size = bytes[1];
  if (size < 126) return { start: 2, end: 2 + size };
  if (size === 126) return { start: 4, end: 4 + bytes.readUInt16BE(2) };
  return { start: 10, end: 10 + Number(bytes.readBigUInt64BE(2)) };
}

process.once("message", async ({ url, clients: size }) => {
  clients = size;
  const next = new URL(url);
  let opening = 0;
  const open = async () => {
    while (opening < size) {
      const index = (opening += 1);
      await new Client(next, `10.0.${index >> 8}.${index & 255}`).opened;
    }
  };
  await Promise.all(Array.from({ length: SLICE }, open));
});
process.once("disconnect", () => process.exit());
