// What the page shows: the live state or a past minute, and which aircraft is selected.

import { ApiError } from "./api.ts";
import * as clock from "./clock.ts";
import type { LivePicture } from "./live-picture.ts";
import { PastPicture } from "./past-picture.ts";
import type { Picture } from "./picture.ts";

export class Shown {
  readonly live: LivePicture;
  /** The selected aircraft. */
  selected: string | null = null;
  /** The date that was asked for, or null for live. If it is not stored, the nearest one is shown,
   *  or none; a link keeps it. */
  asked: string | null = null;
  readonly #load: (date: string) => Promise<PastPicture>;
  #past: PastPicture | null = null;
  /** Counts requests for a date, so that a late answer does not replace a later request. */
  #requests = 0;

  /** `load` is replaced in tests. */
  constructor(live: LivePicture, load = (date: string) => PastPicture.load(date)) {
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
   * Shows a past minute, or the nearest stored one, or the live state for null. False if a later
   * request replaced this one. Throws if there is none; the shown picture stays.
   */
  async turnTo(date: string | null): Promise<boolean> {
    const request = ++this.#requests;
    this.asked = date;
    let past: PastPicture | null = null;
    try {
      if (date !== null) past = await this.#loadNearest(date);
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

  async #loadNearest(date: string): Promise<PastPicture> {
    try {
      return await this.#load(date);
    } catch (error) {
      const nearest = error instanceof ApiError ? nearestTo(date, error.nearest) : undefined;
      if (nearest === undefined) throw error;
      return this.#load(nearest);
    }
  }
}

/** The date of the list that is nearest in time; undefined for an empty list. */
function nearestTo(date: string, dates: readonly string[]): string | undefined {
  const distance = (other: string): number => Math.abs(Date.parse(other) - Date.parse(date));
  return [...dates].sort((a, b) => distance(a) - distance(b))[0];
}
