// A WebSocket client that keeps the live state: a plain implementation of `overflight.json`.
//
// `next()` returns each message once, in order. Reading a frame applies it, and throws if it does
// not follow from the previous one: a gap is never ignored.

import { unpack } from "msgpackr";

/** The subprotocol of binary frames, as PROTOCOL.md names it. */
export const BYTES = "overflight.v3";

/** Returns the acknowledgement of a binary frame. An envelope begins with version, epoch, base and
 *  sequence, and its last element is the digest. */
export function acknowledgement(frame) {
  const envelope = unpack(new Uint8Array(frame));
  return JSON.stringify({ ack: Number(envelope[3]), digest: envelope.at(-1) });
}

export class Live {
  #within;
  #ack;
  #messages = [];
  #readers = [];

  constructor(url, protocol, { ack, within }) {
    this.#within = within;
    this.#ack = ack;
    this.picture = new Map();
    this.epoch = null;
    this.sequence = null;
    this.time = null;
    this.digest = null;
    /** The numbers of keyframes and deltas. */
    this.keyframes = 0;
    this.deltas = 0;
    this.socket = protocol === null ? new WebSocket(url) : new WebSocket(url, protocol);
    this.socket.binaryType = "arraybuffer";
    this.socket.addEventListener("message", ({ data }) => this.#deliver({ data }));
    const events = { open: null, closed: null };
    events.open = new Promise((resolve, reject) => {
      this.socket.addEventListener("open", resolve, { once: true });
      this.socket.addEventListener("error", () => reject(new Error(`refused: ${url}`)));
    });
    events.open.catch(() => {});
    events.closed = new Promise((resolve) => {
      this.socket.addEventListener("close", ({ code, reason }) => {
        this.#deliver({ closed: new Error(`closed with ${code} ${reason}`) });
        resolve({ code, reason });
      });
    });
    this.events = events;
  }

  #deliver(message) {
    const reader = this.#readers.shift();
    if (reader) reader(message);
    else this.#messages.push(message);
  }

  async opened() {
    await this.#within(this.events.open, "the socket's opening");
    return this;
  }

  /** Waits for the close: `{code, reason}`. */
  async closed() {
    return this.#within(this.events.closed, "the socket's close");
  }

  /** Returns the next raw message: text or bytes. Rejects if the socket closes instead. */
  async next() {
    const waiting = this.#messages.shift();
    const coming = waiting ?? new Promise((resolve) => this.#readers.push(resolve));
    const { data, closed } = await this.#within(Promise.resolve(coming), "a message");
    if (closed) throw closed;
    return data;
  }

  /** Applies and acknowledges the next frame, and returns it. */
  async frame() {
    const frame = JSON.parse(await this.next());
    this.apply(frame);
    if (this.#ack) this.acknowledge();
    return frame;
  }

  /** Acknowledges the last frame, or the given one. */
  acknowledge({ sequence, digest } = this) {
    this.socket.send(JSON.stringify({ ack: sequence, digest }));
  }

  apply({ base, sequence, epoch, time, digest, upserts, removals }) {
    if (base === null) {
      this.picture.clear();
      this.keyframes += 1;
    } else {
      const here = `${this.epoch}:${this.sequence}`;
      if (`${epoch}:${base}` !== here) throw new Error(`${epoch}:${base} does not follow ${here}`);
      this.deltas += 1;
    }
    for (const icao24 of removals) {
      if (!this.picture.delete(icao24)) throw new Error(`${icao24} removed but never there`);
    }
    for (const state of upserts) this.picture.set(state.icao24, state);
    Object.assign(this, { epoch, sequence, time, digest });
  }

  /** Reads frames until the state is of this time. */
  async until(time) {
    while (this.time !== time) await this.frame();
    return this;
  }

  /** Returns the state objects sorted by address. */
  states() {
    return [...this.picture.values()].sort((a, b) => (a.icao24 < b.icao24 ? -1 : 1));
  }

  send(text) {
    this.socket.send(text);
  }

  close() {
    this.socket.close();
  }
}
