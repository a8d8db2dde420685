// The pill that says how live the picture is.

import { byId, setText } from "../page/element.ts";
import { duration, utc } from "../page/format.ts";
import type { SocketState } from "../data/socket.ts";

/** Seconds: sources are polled about once a minute, so older data gets a warning. */
const STALE = 180;

export interface PillInput {
  socket: SocketState;
  /** The past minute on show. */
  date: string | null;
  /** Unix seconds of the live picture; 0 before the first. */
  time: number;
  /** Unix seconds. */
  now: number;
}

export interface PillText {
  tone: "quiet" | "live" | "warning" | "alarm" | "past";
  label: string;
  /** Changes each second, so screen readers do not announce it. */
  age: string;
}

export function pillText({ socket, date, time, now }: PillInput): PillText {
  if (date !== null) {
    return { tone: "past", label: "Past minute", age: utc(date) };
  }
  const age = time === 0 ? "" : `${duration(now - time)} old`;
  switch (socket.kind) {
    case "connecting":
      return { tone: "quiet", label: time === 0 ? "Connecting" : "Reconnecting", age };
    case "waiting":
      return { tone: "warning", label: "Reconnecting", age };
    case "paused":
      return { tone: "warning", label: navigator.onLine ? "Paused" : "Offline", age };
    case "refused":
      return socket.reason === "outdated"
        ? { tone: "alarm", label: "Reload for the new version", age: "" }
        : { tone: "alarm", label: "Not allowed from this site", age: "" };
    case "live":
      if (time === 0) return { tone: "quiet", label: "Waiting for data", age: "" };
      if (now - time > STALE) return { tone: "warning", label: "Stale", age };
      return { tone: "live", label: "Live", age };
  }
}

export function showPill(input: PillInput): void {
  const { tone, label, age } = pillText(input);
  byId("pill").dataset["tone"] = tone;
  setText(byId("pill-label"), label);
  setText(byId("pill-age"), age);
}
