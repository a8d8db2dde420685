// The aircraft under the pointer: the nearest that is drawn and not behind the globe.

import { drawn, type Instances } from "./motion.ts";
import { project, type View } from "./projection.ts";

/** CSS pixels: half of a finger. */
export const REACH = 14;

/** The index of the nearest aircraft within reach of (x, y), or -1. */
export function pick(
  view: View,
  instances: Instances,
  now: number,
  left: number,
  [x, y]: [number, number],
): number {
  let best = -1;
  let bestDistance = REACH * REACH;
  for (let index = 0; index < instances.count; index++) {
    const place = drawn(instances, index, now, left);
    const pixel = project(view, place.x, place.y);
    if (pixel === null) continue;
    const distance = (pixel[0] - x) ** 2 + (pixel[1] - y) ** 2;
    if (distance < bestDistance) {
      best = index;
      bestDistance = distance;
    }
  }
  return best;
}
