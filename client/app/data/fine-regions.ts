// The regions that are open beside `world`: the few that a zoomed-in map sees, each with a socket.
//
// In scope: when they are opened and closed. Out of scope: what their frames mean (the decoder
// combines them with `world`'s). The socket of an unavailable region retries; until then `world`'s
// rows are shown.

import { REGIONS_MAX, chooseRegions, type Region, type View } from "./regions.ts";

/** Milliseconds for which a region stays open after it has left the view. */
export const LINGER = 5_000;

/** What a region needs of a LiveSocket. */
export interface Connection {
  start(): void;
  pause(): void;
}

export interface FineRegionsOptions {
  regions: readonly Region[];
  connect(region: string): Connection;
  /** Its socket is closed for good. */
  closed(region: string): void;
}

interface Open {
  connection: Connection;
  /** Set while it is out of view. */
  closing: ReturnType<typeof setTimeout> | null;
}

export class FineRegions {
  readonly #options: FineRegionsOptions;
  readonly #open = new Map<string, Open>();
  #running = false;

  constructor(options: FineRegionsOptions) {
    this.#options = options;
  }

  get open(): string[] {
    return [...this.#open.keys()];
  }

  start(): void {
    this.#running = true;
    for (const { connection } of this.#open.values()) connection.start();
  }

  /** Closes all sockets until `start`. */
  pause(): void {
    this.#running = false;
    for (const { connection } of this.#open.values()) connection.pause();
  }

  /** Opens the regions in view and later closes the others; null is a view without regions. */
  look(view: View | null): void {
    const open = new Set(this.#open.keys());
    const { regions } = this.#options;
    const seen = new Set(view === null ? [] : chooseRegions(regions, view, open));
    for (const region of open) if (!seen.has(region)) this.#linger(region);
    for (const region of seen) this.#keep(region);
    this.#makeRoom();
  }

  #keep(region: string): void {
    const open = this.#open.get(region);
    if (open !== undefined) {
      if (open.closing !== null) clearTimeout(open.closing);
      open.closing = null;
      return;
    }
    const connection = this.#options.connect(region);
    this.#open.set(region, { connection, closing: null });
    if (this.#running) connection.start();
  }

  #linger(region: string): void {
    const open = this.#open.get(region);
    if (open !== undefined) open.closing ??= setTimeout(() => this.#close(region), LINGER);
  }

  /** Closes lingering regions when there are too many. */
  #makeRoom(): void {
    for (const [region, { closing }] of [...this.#open]) {
      if (this.#open.size > REGIONS_MAX && closing !== null) this.#close(region);
    }
  }

  #close(region: string): void {
    const open = this.#open.get(region);
    if (open === undefined) return;
    if (open.closing !== null) clearTimeout(open.closing);
    this.#open.delete(region);
    open.connection.pause();
    this.#options.closed(region);
  }
}
