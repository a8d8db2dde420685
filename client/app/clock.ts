// The server's time: a browser whose clock is wrong would draw every aircraft in the wrong place.

/** Milliseconds below which a difference is only the answer's way through the network. */
const NOISE = 3_000;

let offset = 0;

/** Unix seconds. */
export function now(): number {
  return (Date.now() + offset) / 1_000;
}

/** Takes the time from an answer's `Date` header, which has whole seconds. */
export function setFrom(response: Response): void {
  const date = Date.parse(response.headers.get("date") ?? "");
  if (Number.isNaN(date)) return;
  const difference = date + 500 - Date.now();
  offset = Math.abs(difference) < NOISE ? 0 : difference;
}
