// The live state, made of the frames of `world` and of the open regions.

import { Decoder } from "../../../target/decoder/decoder.js";
import { Picture } from "./picture.ts";
import type { Region } from "./regions.ts";
import type { Acknowledgement, Receiver } from "./socket.ts";

/** The region that holds every aircraft. */
export const WORLD = "world";

/**
 * Milliseconds to wait for the frames of one snapshot from all regions. Shown one by one they would
 * move aircraft to `world`'s coarser positions and back.
 */
export const SETTLE = 1_000;

export class LivePicture extends Picture {
  readonly #onChange: () => void;
  #settling: ReturnType<typeof setTimeout> | undefined;
  #known = false;

  /** `onChange` is called when the live state has changed, once for frames of one snapshot. */
  constructor(onChange: () => void) {
    super(new Decoder());
    this.#onChange = onChange;
  }

  /** The subprotocol whose frames the decoder reads. */
  get protocol(): string {
    return Decoder.protocol();
  }

  /** The regions besides `world`. */
  get regions(): Region[] {
    return JSON.parse(Decoder.regions() ?? "[]") as Region[];
  }

  /** Whether a frame of `world` has arrived. Before the first snapshot it has sequence 0. */
  get known(): boolean {
    return this.#known;
  }

  /** The sequence of `world`'s last frame. */
  get sequence(): number {
    return this.decoder.sequence(WORLD);
  }

  /** Returns the receiver of a region's frames. */
  receiver(region: string): Receiver {
    return {
      position: () => {
        const sequence = this.decoder.sequence(region);
        return sequence === 0 ? null : { epoch: this.decoder.epoch(region), sequence };
      },
      take: (frame) => this.#take(region, frame),
    };
  }

  /** Drops a region. */
  close(region: string): void {
    this.decoder.close(region);
    this.#changed();
  }

  #take(region: string, frame: Uint8Array): Acknowledgement | null {
    try {
      this.decoder.apply(region, frame);
    } catch (error) {
      // A gap is normal: the socket asks for a keyframe. Any other error is logged.
      if (!this.decoder.wants_keyframe) console.warn(error);
      return null;
    }
    this.#known ||= region === WORLD;
    this.#changed();
    return { ack: this.decoder.sequence(region), digest: this.decoder.digest(region) };
  }

  #changed(): void {
    if (this.decoder.settled) this.#settled();
    else this.#settling ??= setTimeout(() => this.#settled(), SETTLE);
  }

  #settled(): void {
    clearTimeout(this.#settling);
    this.#settling = undefined;
    this.#onChange();
  }
}
