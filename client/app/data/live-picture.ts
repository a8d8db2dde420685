// The live sky: what the frames of the socket make of it.

import init, { Sky } from "../../../target/decoder/decoder.js";
import { Picture } from "./picture.ts";
import type { Acknowledgement, Receiver } from "./socket.ts";

export class LivePicture extends Picture implements Receiver {
  readonly #onFrame: () => void;

  private constructor(sky: Sky, onFrame: () => void) {
    super(sky);
    this.#onFrame = onFrame;
  }

  /** Loads the decoder; `onFrame` is called after each frame that was taken in. */
  static async load(onFrame: () => void): Promise<LivePicture> {
    await init({ module_or_path: new URL("decoder.wasm", import.meta.url) });
    return new LivePicture(new Sky(), onFrame);
  }

  /** The subprotocol whose frames the decoder reads. */
  get protocol(): string {
    return Sky.protocol();
  }

  get sequence(): number {
    return this.sky.sequence;
  }

  position(): { epoch: string; sequence: number } | null {
    const { epoch, sequence } = this.sky;
    return sequence === 0 ? null : { epoch, sequence };
  }

  take(frame: Uint8Array): Acknowledgement | null {
    try {
      this.sky.apply(frame);
    } catch (error) {
      // A gap is an ordinary matter: the socket asks for a keyframe. Anything else is worth a line.
      if (!this.sky.wants_keyframe) console.warn(error);
      return null;
    }
    this.#onFrame();
    return { ack: this.sky.sequence, digest: this.sky.digest };
  }
}
