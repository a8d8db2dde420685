// How the bench's programs measure time.

/** Returns how long the work takes, milliseconds. */
export function timed(work) {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** Returns the median. */
export function middle(numbers) {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1];
}
