// What browser tests may read of the page: `window.overflight`, set once the map has its outlines.

import type { DrawnPlace } from "./map/aircraft-layer.ts";

export interface Handle {
  /** Aircraft drawn. */
  readonly count: number;
  readonly sequence: number;
  /** Unix seconds of the shown picture. */
  readonly time: number;
  readonly framesDrawn: number;
  readonly selected: string | null;
  /** Whether the map does not move and its tiles are loaded. */
  readonly idle: boolean;
  /** The regions that are open beside `world`. */
  readonly regions: string[];
  drawn(icao24: string): DrawnPlace | null;
  /** The region whose row of an aircraft is shown. */
  source(icao24: string): string | null;
  /** CSS pixels of a place. */
  pixel(longitude: number, latitude: number): [number, number];
}

declare global {
  interface Window {
    overflight?: Handle;
  }
}
