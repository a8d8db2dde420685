// The pointer over the map: the aircraft or country under it, and what was clicked.

import type { Map, MapMouseEvent } from "maplibre-gl";
import type { AircraftLayer } from "./aircraft-layer.ts";
import { altitude, number } from "../page/format.ts";
import { HoverLabel } from "./hover-label.ts";
import type { CountryCount } from "../data/picture.ts";
import { icao24Text, nameOf, type StateObject } from "../data/state.ts";

export interface PointerActions {
  details(icao24: string): StateObject | null;
  /** Marks the country there as hovered and returns it; null if there is none. */
  hoverCountry(at: [number, number] | null): CountryCount | null;
  /** The clicked aircraft, or null for a click that hits none. */
  click(icao24: string | null, at: [number, number]): void;
}

export class Pointer {
  readonly #map: Map;
  readonly #layer: AircraftLayer;
  readonly #actions: PointerActions;
  readonly #label: HoverLabel;
  #waiting: MapMouseEvent | null = null;

  constructor(map: Map, layer: AircraftLayer, actions: PointerActions) {
    this.#map = map;
    this.#layer = layer;
    this.#actions = actions;
    this.#label = new HoverLabel(map.getCanvasContainer());
    map.on("click", (event) => {
      actions.click(this.#at(event)?.icao24 ?? null, [event.point.x, event.point.y]);
    });
    map.on("mousemove", (event) => this.#move(event));
    map.on("mouseout", () => this.#leave());
    map.on("movestart", () => this.#leave());
  }

  #at({ point }: MapMouseEvent): { index: number; icao24: string } | null {
    const index = this.#layer.pick(point.x, point.y);
    const address = this.#layer.icao24At(index);
    return address === null ? null : { index, icao24: icao24Text(address) };
  }

  /** At most once a frame: a pointer may move more often. */
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
    const at: [number, number] = [event.point.x, event.point.y];
    const found = this.#at(event);
    const state = found === null ? null : this.#actions.details(found.icao24);
    if (found === null || state === null) return this.#hoverCountry(at);
    this.#actions.hoverCountry(null);
    this.#layer.hover(found.index);
    // The panel shows the selected aircraft's name already.
    if (this.#layer.isSelected(found.index)) this.#label.hide();
    else {
      const height = state.on_ground ? "on ground" : altitude(state.baro_altitude).main;
      this.#label.show("aircraft", [nameOf(state), height], at);
    }
    this.#map.getCanvas().style.cursor = "pointer";
  }

  #hoverCountry(at: [number, number]): void {
    const country = this.#actions.hoverCountry(at);
    if (country === null) return this.#leave();
    this.#layer.hover(-1);
    this.#label.show("country", [country.name, `${number(country.count)} aircraft`], at);
    this.#map.getCanvas().style.cursor = "pointer";
  }

  #leave(): void {
    this.#waiting = null;
    this.#layer.hover(-1);
    this.#actions.hoverCountry(null);
    this.#label.hide();
    this.#map.getCanvas().style.cursor = "";
  }
}
