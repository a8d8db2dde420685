// What the page shows: the live state or a past minute, and which aircraft is selected.

import * as clock from "./clock.ts";
import { PastPicture } from "./past-picture.ts";
import type { Picture } from "./picture.ts";

export class Shown {
  readonly live: Picture;
  /** The selected aircraft. */
  selected: string | null = null;
  readonly #load: (date: string) => Promise<PastPicture>;
  #past: PastPicture | null = null;
  /** Counts requests for a date, so that a late answer does not replace a later request. */
  #requests = 0;

  /** `load` is replaced in tests. */
  constructor(live: Picture, load = (date: string) => PastPicture.load(date)) {
    this.live = live;
    this.#load = load;
  }

  get picture(): Picture {
    return this.#past ?? this.live;
  }

  /** The date of the past minute, or null for live. */
  get date(): string | null {
    return this.#past?.date ?? null;
  }

  /** The shown time, Unix seconds: a past minute stands still. */
  get now(): number {
    return this.#past?.time ?? clock.now();
  }

  /**
   * Shows a past minute, or the live state for null. False if a later request replaced this one.
   * Throws if the minute is unavailable; the shown picture stays.
   */
  async turnTo(date: string | null): Promise<boolean> {
    const request = ++this.#requests;
    let past: PastPicture | null = null;
    try {
      if (date !== null) past = await this.#load(date);
    } catch (error) {
      if (request === this.#requests) throw error;
      return false;
    }
    if (request !== this.#requests) {
      past?.close();
      return false;
    }
    this.#past?.close();
    this.#past = past;
    return true;
  }
}
