// The MapLibre map: its style and its start.

import { Map, setWorkerUrl } from "maplibre-gl";
import { FINE_ZOOM, loadOutlines, repaint, style, type Places } from "./basemap.ts";
import type { Address } from "../page/address.ts";
import type { Theme } from "./theme.ts";

/** Positions are exact to some tens of metres; a closer zoom shows nothing more. */
const ZOOM_MAX = 14;
/** The first view, unless a link sets another. */
const CENTRE = { longitude: 12, latitude: 32 };
/** The height of the bar above the map, pixels; as much is left free below. */
const BAR = 76;

export function createMap(container: HTMLElement, theme: Theme, at: Partial<Address>): Map {
  setWorkerUrl(new URL("map-worker.js", import.meta.url).href);
  const map = new Map({
    container,
    style: style(theme, at.flat !== true),
    center: [at.longitude ?? CENTRE.longitude, at.latitude ?? CENTRE.latitude],
    zoom: at.zoom ?? wholeGlobe(container),
    maxZoom: ZOOM_MAX,
    maxPitch: 60,
    attributionControl: false,
    fadeDuration: 150,
  });
  map.keyboard.enable();
  map.on("error", ({ error }) => console.error(error));
  return map;
}

/** The zoom at which the globe fills the free space. */
function wholeGlobe(container: HTMLElement): number {
  const side = Math.min(container.clientWidth * 0.94, container.clientHeight - 2 * BAR);
  return Math.log2((side * Math.PI) / 512);
}

/** Loads the coarse outlines first, so that land is visible soon. */
export async function bringOutlines(map: Map): Promise<Places> {
  return loadOutlines(map, new URL("countries-50m.json", import.meta.url).href);
}

/** Loads the fine ones, four times as large, once the map is close enough. */
export async function bringFineOutlines(map: Map): Promise<void> {
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (map.getZoom() < FINE_ZOOM) return;
      map.off("moveend", look);
      resolve();
    };
    map.on("moveend", look);
    look();
  });
  await loadOutlines(map, new URL("countries-10m.json", import.meta.url).href);
}

export function changeTheme(map: Map, theme: Theme): void {
  if (map.isStyleLoaded()) repaint(map, theme);
  else map.once("idle", () => repaint(map, theme));
}
