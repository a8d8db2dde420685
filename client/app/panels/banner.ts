// The source's faults, in words.

import type { Status } from "../data/api.ts";
import { byId, setText } from "../page/element.ts";
import { localTime } from "../page/format.ts";

/** Returns why no new data arrives; null if data arrives. */
export function problemText(status: Status): string | null {
  const until = status.retry_at === null ? "" : ` until ${localTime(status.retry_at)}`;
  switch (status.state) {
    case "rate_limited":
      return `The source limits our requests${until}: positions are getting old`;
    case "unreachable":
      return "The source cannot be reached: positions are getting old";
    case "stale":
      return "The source has no new data: positions are getting old";
    case "unauthorised":
      return "The source refuses our credentials";
    case "paused":
      return "Polling the source is paused: positions are getting old";
    case "ok":
    case "waiting":
      return null;
  }
}

/** `status` is null while it is unknown. Then only `message` is shown, and the source's attribution
 *  stays, since its traffic is still shown. Only a message can be closed. */
export function showBanners(status: Status | null, live: boolean, message: string | null): void {
  const problem = message ?? (status === null || !live ? null : problemText(status));
  byId("problem").hidden = problem === null;
  byId("problem-close").hidden = message === null;
  setText(byId("problem-text"), problem ?? "");
  if (status !== null) byId("source").hidden = !showsOpenSky(status);
}

/** OpenSky requires attribution wherever its data is shown. */
function showsOpenSky(status: Status): boolean {
  if (status.simulated) return false;
  return status.feed === "opensky" || (status.attribution ?? "").includes("OpenSky");
}
