// The pointer over the map: the aircraft under it, and the one that was clicked.

import type { Map, MapMouseEvent } from "maplibre-gl";
import type { AircraftLayer } from "./aircraft-layer.ts";
import { HoverLabel } from "./hover-label.ts";
import { icao24Text } from "./rows.ts";
import type { StateObject } from "./state.ts";

export class Pointer {
  readonly #map: Map;
  readonly #layer: AircraftLayer;
  readonly #details: (icao24: string) => StateObject | null;
  readonly #label: HoverLabel;
  #waiting: MapMouseEvent | null = null;

  /** `select` gets the clicked aircraft, or null for a click beside all of them. */
  constructor(
    map: Map,
    layer: AircraftLayer,
    details: (icao24: string) => StateObject | null,
    select: (icao24: string | null) => void,
  ) {
    this.#map = map;
    this.#layer = layer;
    this.#details = details;
    this.#label = new HoverLabel(map.getCanvasContainer());
    map.on("click", (event) => select(this.#at(event)?.icao24 ?? null));
    map.on("mousemove", (event) => this.#move(event));
    map.on("mouseout", () => this.#leave());
    map.on("movestart", () => this.#leave());
  }

  #at({ point }: MapMouseEvent): { index: number; icao24: string } | null {
    const index = this.#layer.pick(point.x, point.y);
    const address = this.#layer.icao24At(index);
    return address === null ? null : { index, icao24: icao24Text(address) };
  }

  /** Once a frame at the most: a pointer can move more often than that. */
  #move(event: MapMouseEvent): void {
    const first = this.#waiting === null;
    this.#waiting = event;
    if (!first) return;
    requestAnimationFrame(() => {
      const latest = this.#waiting;
      this.#waiting = null;
      if (latest !== null && !this.#map.isMoving()) this.#hover(latest);
    });
  }

  #hover(event: MapMouseEvent): void {
    const found = this.#at(event);
    const state = found === null ? null : this.#details(found.icao24);
    if (found === null || state === null) return this.#leave();
    this.#layer.hover(found.index);
    // The selected aircraft has the whole panel for its name.
    if (this.#layer.isSelected(found.index)) this.#label.hide();
    else this.#label.show(state, [event.point.x, event.point.y]);
    this.#map.getCanvas().style.cursor = "pointer";
  }

  #leave(): void {
    this.#waiting = null;
    this.#layer.hover(-1);
    this.#label.hide();
    this.#map.getCanvas().style.cursor = "";
  }
}
