// What is wrong with the source, in words.

import type { Status } from "../data/api.ts";
import { byId, setText } from "../page/element.ts";
import { localTime } from "../page/format.ts";

/** What keeps new data from coming; null where nothing does. */
export function problemText(status: Status): string | null {
  const until = status.retry_at === null ? "" : ` until ${localTime(status.retry_at)}`;
  switch (status.state) {
    case "rate_limited":
      return `The source is limiting us${until}: positions age meanwhile`;
    case "unreachable":
      return "The source cannot be reached: positions age until it answers";
    case "stale":
      return "The source has nothing newer: positions age until it has";
    case "unauthorised":
      return "The source refuses our credentials";
    case "paused":
      return "The source is paused: positions age until it is resumed";
    case "ok":
    case "waiting":
      return null;
  }
}

/** `status` is null while it is unknown: then only the connection speaks, and the source that was
 *  named stays named, since its traffic is still on show. */
export function showBanners(status: Status | null, live: boolean, failure: string | null): void {
  const problem = failure ?? (status === null || !live ? null : problemText(status));
  byId("problem").hidden = problem === null;
  setText(byId("problem"), problem ?? "");
  if (status !== null) byId("source").hidden = !showsOpenSky(status);
}

/** OpenSky asks to be named wherever its data is shown. */
function showsOpenSky(status: Status): boolean {
  if (status.simulated) return false;
  return status.feed === "opensky" || (status.attribution ?? "").includes("OpenSky");
}
