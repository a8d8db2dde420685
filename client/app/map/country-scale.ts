// The classes of countries by their traffic.

/**
 * The least count of each class; below the first there is no traffic. A world of 11,500 aircraft
 * has some 3,000 over its busiest country and fewer than 10 over half of them, so the steps are
 * about threefold: equal ones would paint two countries and leave the rest alike.
 */
export const BREAKS = [1, 10, 30, 100, 300, 1_000] as const;

/** Returns 0 without traffic, else the class from 1 on. */
export function classOf(count: number): number {
  const above = BREAKS.findIndex((least) => count < least);
  return above < 0 ? BREAKS.length : above;
}
