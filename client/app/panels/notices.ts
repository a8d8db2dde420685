// How current the picture is, and why it may not be: the pill, the banners, and the note on an
// empty map.

import { fetchStatus, reason, type Status } from "../data/api.ts";
import * as clock from "../data/clock.ts";
import type { Shown } from "../data/shown.ts";
import type { SocketState } from "../data/socket.ts";
import { byId, setText } from "../page/element.ts";
import { showBanners } from "./banner.ts";
import { showPill } from "./pill.ts";

export class Notices {
  readonly #shown: Shown;
  #socket: SocketState = { kind: "paused" };
  #status: Status | null = null;
  #failure: string | null = null;

  constructor(shown: Shown) {
    this.#shown = shown;
  }

  setSocket(state: SocketState): void {
    this.#socket = state;
  }

  async refreshStatus(): Promise<void> {
    try {
      this.#status = await fetchStatus();
    } catch {
      // The pill shows that the connection is lost; an old status would mislead.
      this.#status = null;
    }
    this.#showBanners();
  }

  /** Shows that a request of the reader failed. */
  fail(what: string, error: unknown): void {
    this.#failure = `${what}: ${reason(error)}`;
    this.#showBanners();
  }

  /** Removes the message of `fail`. */
  succeed(): void {
    this.#failure = null;
    this.#showBanners();
  }

  #showBanners(): void {
    showBanners(this.#status, this.#shown.date === null, this.#failure);
  }

  /** Shows "Loading" until the next `tick`. */
  loading(): void {
    byId("pill").dataset["tone"] = "quiet";
    setText(byId("pill-label"), "Loading");
  }

  /** Updates what changes with time. */
  tick(): void {
    const { date, live, picture } = this.#shown;
    showPill({ socket: this.#socket, date, time: live.time, now: clock.now() });
    const empty = byId("empty");
    const known = date !== null || this.#socket.kind === "live";
    empty.hidden = !known || picture.count > 0;
    setText(empty, date === null ? "No aircraft yet: waiting for the first snapshot"
      : "No aircraft in this minute");
  }
}
