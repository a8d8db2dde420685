// A hand-written WebSocket client: it can leave a close unanswered, stop reading, or drop its
// connection, which the platform's own WebSocket cannot do.

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import * as net from "node:net";
import { acknowledgement } from "../live.mjs";
import { within } from "../harness.mjs";

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;

/** Requests a socket. `address` is the caller's claimed address: Miniflare, which stands in for
 *  Cloudflare, trusts the header. `query` begins with a question mark. Resolves with any `status`;
 *  101 is a socket. */
export async function open(server, { region = "world", protocol, address, query = "" } = {}) {
  const { hostname, port } = new URL(server.url);
  const socket = net.connect(Number(port), hostname);
  socket.on("error", () => {});
  const lines = [
    `GET /api/live/${region}${query} HTTP/1.1`, `Host: ${hostname}`, "Connection: Upgrade",
    "Upgrade: websocket", "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ];
  if (protocol) lines.push(`Sec-WebSocket-Protocol: ${protocol}`);
  if (address) lines.push(`CF-Connecting-IP: ${address}`);
  socket.write([...lines, "", ""].join("\r\n"));
  const raw = new Raw(socket);
  await within(raw.upgraded(), "the upgrade's answer");
  return raw;
}

class Raw {
  #socket;
  #bytes = Buffer.alloc(0);

  constructor(socket) {
    this.#socket = socket;
    this.status = null;
    this.head = "";
  }

  async upgraded() {
    while (!this.#bytes.includes("\r\n\r\n")) await this.#more();
    const end = this.#bytes.indexOf("\r\n\r\n");
    this.head = String(this.#bytes.subarray(0, end));
    this.status = Number(this.head.split(" ")[1]);
    this.#bytes = this.#bytes.subarray(end + 4);
    if (this.status !== 101) this.drop();
  }

  async #more() {
    let chunk = this.#socket.read();
    while (chunk === null) {
      if (this.#socket.destroyed || this.#socket.readableEnded) throw new Error("it is gone");
      const events = ["readable", "end", "close"];
      const gone = new AbortController();
      await Promise.race(events.map((name) => once(this.#socket, name, gone)));
      gone.abort();
      chunk = this.#socket.read();
    }
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
  }

  /** Returns the next frame: `{code}` of a close, or `{data}`. Reads nothing until it is called. */
  async next() {
    return within(this.#next(), "a frame");
  }

  async #next() {
    const has = async (length) => {
      while (this.#bytes.length < length) await this.#more();
    };
    await has(2);
    const opcode = this.#bytes[0] & 15;
    let length = this.#bytes[1] & 127;
    let start = 2;
    if (length === 126) {
      await has((start = 4));
      length = this.#bytes.readUInt16BE(2);
    } else if (length === 127) {
      await has((start = 10));
      length = Number(this.#bytes.readBigUInt64BE(2));
    }
    await has(start + length);
    const payload = this.#bytes.subarray(start, start + length);
    this.#bytes = this.#bytes.subarray(start + length);
    // A close without a code counts as 1005 (RFC 6455, 7.1.5).
    if (opcode === CLOSE) return { code: length < 2 ? 1005 : payload.readUInt16BE(0) };
    return { data: opcode === TEXT ? String(payload) : new Uint8Array(payload) };
  }

  /** Skips messages until the close, and returns its code. */
  async closed() {
    for (;;) {
      const { code } = await this.next();
      if (code) return code;
    }
  }

  /** Acknowledges a frame as an honest client does: text or bytes. */
  acknowledge(frame) {
    if (typeof frame !== "string") return this.send(acknowledgement(frame));
    const { sequence, digest } = JSON.parse(frame);
    return this.send(JSON.stringify({ ack: sequence, digest }));
  }

  /** Sends a message: text or bytes. */
  send(message) {
    this.#write(typeof message === "string" ? TEXT : BINARY, Buffer.from(message));
  }

  /** Sends raw bytes, whether or not they are a WebSocket frame. */
  write(bytes) {
    this.#socket.write(bytes);
  }

  /** Answers a close, or begins one. */
  close() {
    this.#write(CLOSE, Buffer.from([3, 232]));
  }

  #write(opcode, payload) {
    const mask = randomBytes(4);
    const size = payload.length;
    const [kind, digits] = size > 65_535 ? [127, 8] : size > 125 ? [126, 2] : [size, 0];
    const head = Buffer.from([128 | opcode, 128 | kind]);
    const length = Buffer.alloc(digits);
    if (digits > 0) length.writeUIntBE(size, Math.max(0, digits - 6), Math.min(digits, 6));
    const masked = payload.map((byte, index) => byte ^ mask[index % 4]);
    this.#socket.write(Buffer.concat([head, length, mask, masked]));
  }

  /** Breaks the connection without a close. */
  drop() {
    this.#socket.destroy();
  }
}
