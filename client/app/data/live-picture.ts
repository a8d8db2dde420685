// The live sky: the crate's own decoder, as wasm.

import init, { Sky } from "../../../target/decoder/decoder.js";
import type { CountryCount, Picture } from "./picture.ts";
import type { Acknowledgement, Receiver } from "./socket.ts";
import type { StateObject } from "./state.ts";

export class LivePicture implements Picture, Receiver {
  readonly #sky: Sky;
  readonly #onFrame: () => void;

  private constructor(sky: Sky, onFrame: () => void) {
    this.#sky = sky;
    this.#onFrame = onFrame;
  }

  /** `onFrame` is called after each frame that was taken in. */
  static async load(onFrame: () => void): Promise<LivePicture> {
    await init({ module_or_path: new URL("decoder.wasm", import.meta.url) });
    return new LivePicture(new Sky(), onFrame);
  }

  /** The subprotocol whose frames the decoder reads. */
  get protocol(): string {
    return Sky.protocol();
  }

  get time(): number {
    return this.#sky.time;
  }

  get simulated(): boolean {
    return this.#sky.simulated;
  }

  get count(): number {
    return this.#sky.count;
  }

  get sequence(): number {
    return this.#sky.sequence;
  }

  position(): { epoch: string; sequence: number } | null {
    const { epoch, sequence } = this.#sky;
    return sequence === 0 ? null : { epoch, sequence };
  }

  take(frame: Uint8Array): Acknowledgement | null {
    try {
      this.#sky.apply(frame);
    } catch (error) {
      // A gap is an ordinary matter: the socket asks for a keyframe. Anything else is worth a line.
      if (!this.#sky.wants_keyframe) console.warn(error);
      return null;
    }
    this.#onFrame();
    return { ack: this.#sky.sequence, digest: this.#sky.digest };
  }

  rows(): Float64Array {
    return this.#sky.rows();
  }

  details(icao24: string): StateObject | null {
    const text = this.#sky.details(icao24);
    return text === undefined ? null : (JSON.parse(text) as StateObject);
  }

  search(query: string, limit: number): StateObject[] {
    return JSON.parse(this.#sky.search(query, limit) ?? "[]") as StateObject[];
  }

  countries(): CountryCount[] {
    return JSON.parse(this.#sky.countries() ?? "[]") as CountryCount[];
  }

  over(country: CountryCount): StateObject[] {
    return JSON.parse(this.#sky.over(country.iso_a2) ?? "[]") as StateObject[];
  }
}
