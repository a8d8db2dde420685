// What browser tests may ask of the page: `window.overflight`, there once the map has its ground.

import type { DrawnPlace } from "./map/aircraft-layer.ts";

export interface Handle {
  /** Aircraft drawn. */
  readonly count: number;
  readonly sequence: number;
  /** Unix seconds of the picture on show. */
  readonly time: number;
  readonly framesDrawn: number;
  readonly selected: string | null;
  /** The map's camera rests and its tiles are loaded. */
  readonly idle: boolean;
  /** The regions that are open beside `world`. */
  readonly regions: string[];
  drawn(icao24: string): DrawnPlace | null;
  /** The region whose row of an aircraft is on show. */
  source(icao24: string): string | null;
  /** CSS pixels of a place. */
  pixel(longitude: number, latitude: number): [number, number];
}

declare global {
  interface Window {
    overflight?: Handle;
  }
}
