// How current the picture is, and what keeps it from being so: the pill, the banners, and the note
// on an empty map.

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
      // The pill tells that the connection is gone; a status that is old would tell lies.
      this.#status = null;
    }
    this.#showBanners();
  }

  /** Says what the reader asked for and did not get. */
  fail(what: string, error: unknown): void {
    this.#failure = `${what}: ${reason(error)}`;
    this.#showBanners();
  }

  /** Drops what `fail` said. */
  succeed(): void {
    this.#failure = null;
    this.#showBanners();
  }

  #showBanners(): void {
    showBanners(this.#status, this.#shown.date === null, this.#failure);
  }

  /** Until the next `tick`. */
  loading(): void {
    byId("pill").dataset["tone"] = "quiet";
    setText(byId("pill-label"), "Loading");
  }

  /** What only the passing of time changes. */
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
