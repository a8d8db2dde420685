// What the bench's programs time with.

/** How long the work takes, milliseconds. */
export function timed(work) {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** The middle one of some numbers. */
export function middle(numbers) {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1];
}
