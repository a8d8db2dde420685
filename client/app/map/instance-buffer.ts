// The instances that the decoder writes, as views on its memory: nothing is copied.

import { Instances as Written } from "../../../target/decoder/decoder.js";
import type { Picture } from "../data/picture.ts";
import { INSTANCE, type Instances } from "./motion.ts";

export class InstanceBuffer {
  readonly #memory: WebAssembly.Memory;
  readonly #written = new Written();
  #view: Instances;

  /** `memory` is the decoder's. */
  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.#view = this.#look();
  }

  /** The shown instances. Do not keep it: when memory grows, older views become empty. */
  get view(): Instances {
    if (this.#view.floats.buffer !== this.#memory.buffer) this.#view = this.#look();
    return this.#view;
  }

  /**
   * Shows a picture from `now` on, Unix seconds. With `left`, what is left of the last blend, known
   * aircraft slide from where they are drawn; null has them there at once.
   */
  show(picture: Picture, now: number, left: number | null): void {
    this.#written.show(picture.decoder, now, left);
    this.#view = this.#look();
  }

  #look(): Instances {
    const { base, count, floats_at, icao24_at } = this.#written;
    const { buffer } = this.#memory;
    return {
      base,
      count,
      floats: new Float32Array(buffer, floats_at, count * INSTANCE),
      icao24: new Uint32Array(buffer, icao24_at, count),
    };
  }
}
