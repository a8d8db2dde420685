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
  /** What the reader asked for and did not get, by request. */
  readonly #messages = new Map<string, string>();

  /** `dismissed` is called when the reader closes a message. */
  constructor(shown: Shown, dismissed: () => void) {
    this.#shown = shown;
    byId("problem-close").addEventListener("click", () => {
      this.#messages.clear();
      this.#showBanners();
      dismissed();
    });
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

  /** Shows that a request of the reader failed. `what` names it and begins the message. */
  fail(what: string, error: unknown): void {
    this.tell(what, `${what}: ${reason(error)}`);
  }

  /** Shows a message about a request until the reader closes it or `succeed` removes it. */
  tell(what: string, message: string): void {
    this.#messages.delete(what);
    this.#messages.set(what, message);
    this.#showBanners();
  }

  /** Removes the message about a request. */
  succeed(what: string): void {
    this.#messages.delete(what);
    this.#showBanners();
  }

  #showBanners(): void {
    const newest = [...this.#messages.values()].at(-1) ?? null;
    showBanners(this.#status, this.#shown.date === null, newest);
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
    setText(empty, date !== null ? "No aircraft in this minute"
      : !live.known ? "Loading aircraft"
      : "No aircraft yet: waiting for the first snapshot");
  }
}
