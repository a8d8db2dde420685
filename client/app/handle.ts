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
  drawn(icao24: string): DrawnPlace | null;
  /** CSS pixels of a place. */
  pixel(longitude: number, latitude: number): [number, number];
}

declare global {
  interface Window {
    overflight?: Handle;
  }
}
