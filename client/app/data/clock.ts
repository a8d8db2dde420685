// The server's time: a browser whose clock is wrong would draw every aircraft in the wrong place.

/** Milliseconds: a smaller difference is only network delay. */
const NOISE = 3_000;

let offset = 0;

/** Unix seconds. */
export function now(): number {
  return (Date.now() + offset) / 1_000;
}

/** Sets the server's time, Unix seconds. Ignores a value that is not a number. */
export function set(unix: number): void {
  const difference = unix * 1_000 - Date.now();
  if (!Number.isFinite(difference)) return;
  offset = Math.abs(difference) < NOISE ? 0 : difference;
}
