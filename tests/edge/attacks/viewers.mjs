// Honest viewers, light enough for a thousand in one process: each reads every frame, checks that
// it follows from the previous one, and acknowledges it.

import assert from "node:assert/strict";
import { unpack } from "msgpackr";
import { open } from "./raw.mjs";

/** Returns the header of a frame, binary or JSON: `{epoch, base, sequence, digest}`. */
export function header(frame) {
  if (typeof frame === "string") return JSON.parse(frame);
  const [, epoch, base, sequence, ...rest] = unpack(frame);
  return {
    epoch: BigInt(epoch).toString(16).padStart(16, "0"),
    base: base === null ? null : Number(base),
    sequence: Number(sequence),
    digest: rest.at(-1),
  };
}

export class Viewer {
  #server;
  #options;
  #raw = null;
  /** Whether the next frame is the first one on its socket. */
  #isFirst = false;

  /** `options` are those of `open`: region, protocol and address. */
  constructor(server, options) {
    this.#server = server;
    this.#options = options;
    this.region = options.region;
    this.epoch = null;
    this.sequence = null;
    this.digest = null;
    /** The first sequence, and the number of frames read since. */
    this.first = null;
    this.frames = 0;
    /** The number of resumes, of those by a keyframe, and of the frames that these replaced. */
    this.resumes = 0;
    this.keyframes = 0;
    this.skipped = 0;
  }

  get isHere() {
    return this.#raw !== null;
  }

  /** Connects, and resumes from its last place. */
  async connect() {
    const { epoch, sequence } = this;
    const query = sequence === null ? "" : `?epoch=${epoch}&sequence=${sequence}`;
    if (sequence !== null) this.resumes += 1;
    const raw = await open(this.#server, { ...this.#options, query });
    assert.equal(raw.status, 101, this.#where());
    this.#raw = raw;
    this.#isFirst = true;
    if (sequence === null) await this.#frame(null);
  }

  /** Reads up to the region's latest sequence. */
  async follow(latest) {
    while (this.sequence < latest) await this.#frame(latest);
    assert.equal(this.sequence, latest, this.#where());
  }

  async #frame(latest) {
    const { data, code } = await this.#raw.next();
    assert.equal(code, undefined, `${this.#where()}: closed with ${code}`);
    const { epoch, base, sequence, digest } = header(data);
    if (base === null && this.#isFirst) this.#start(epoch, sequence, latest);
    else {
      assert.deepEqual([epoch, base], [this.epoch, this.sequence], `${this.#where()}: the base`);
      assert.equal(sequence, base + 1, `${this.#where()}: the sequence`);
    }
    Object.assign(this, { epoch, sequence, digest });
    this.#isFirst = false;
    this.frames += 1;
    this.#raw.send(JSON.stringify({ ack: sequence, digest }));
  }

  /** Takes a keyframe, which only starts a socket: the latest, never a part of what is missing. */
  #start(epoch, sequence, latest) {
    if (this.first === null) {
      this.first = sequence;
      return;
    }
    assert.deepEqual([epoch, sequence], [this.epoch, latest], `${this.#where()}: the keyframe`);
    this.keyframes += 1;
    this.skipped += sequence - this.sequence - 1;
  }

  /** Breaks the connection; the state stays. */
  drop() {
    this.#raw.drop();
    this.#raw = null;
  }

  /** Asserts that each sequence came exactly once, except those that a keyframe replaced. */
  assertComplete() {
    const sequences = this.sequence - this.first + 1;
    assert.equal(this.frames + this.skipped, sequences, this.#where());
    assert.ok(this.skipped === 0 || this.resumes > 0, this.#where());
  }

  #where() {
    const { region, protocol, address } = this.#options;
    return `${address} in ${region} (${protocol}) at ${this.sequence}`;
  }
}
