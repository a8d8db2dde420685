// The map's buttons: globe or flat, north, zoom.

import type { Map } from "maplibre-gl";
import { byId } from "../page/element.ts";

export class Controls {
  readonly #map: Map;
  readonly #projection = byId("projection");

  constructor(map: Map, onProjection: () => void) {
    this.#map = map;
    const needle = byId("north").querySelector("svg");
    byId("zoom-in").addEventListener("click", () => map.zoomIn());
    byId("zoom-out").addEventListener("click", () => map.zoomOut());
    byId("north").addEventListener("click", () => map.easeTo({ bearing: 0, pitch: 0 }));
    map.on("rotate", () => {
      if (needle !== null) needle.style.transform = `rotate(${-map.getBearing()}deg)`;
    });
    this.#projection.addEventListener("click", () => {
      this.setFlat(!this.flat);
      onProjection();
    });
  }

  get flat(): boolean {
    return this.#projection.dataset["shows"] === "flat";
  }

  setFlat(flat: boolean): void {
    this.#projection.dataset["shows"] = flat ? "flat" : "globe";
    this.#projection.setAttribute("aria-label", flat ? "Show globe" : "Show flat map");
    this.#map.setProjection({ type: flat ? "mercator" : "globe" });
  }
}
