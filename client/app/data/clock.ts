// The server's time: a browser whose clock is wrong would draw every aircraft in the wrong place.

/** Milliseconds below which a difference is only the answer's way through the network. */
const NOISE = 3_000;

let offset = 0;

/** Unix seconds. */
export function now(): number {
  return (Date.now() + offset) / 1_000;
}

/** Takes the server's time, Unix seconds; one that is no number moves no aircraft. */
export function set(unix: number): void {
  const difference = unix * 1_000 - Date.now();
  if (!Number.isFinite(difference)) return;
  offset = Math.abs(difference) < NOISE ? 0 : difference;
}
