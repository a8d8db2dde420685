// The camera: its view, and how it flies to an aircraft or follows it.

import type { Map } from "maplibre-gl";
import type { View } from "../data/regions.ts";
import { byId } from "../page/element.ts";
import type { AircraftLayer } from "./aircraft-layer.ts";

/** The least zoom when it flies to an aircraft. */
const CLOSE_ZOOM = 6;
/** How far a followed aircraft may be off the middle, pixels. */
const FOLLOW_SLACK = 0.3;
/** CSS pixels: a narrower page has its panels below the map, not beside it. */
const NARROW = 720;

export class Camera {
  readonly #map: Map;
  readonly #layer: AircraftLayer;

  constructor(map: Map, layer: AircraftLayer) {
    this.#map = map;
    this.#layer = layer;
  }

  /** What the map shows. */
  get view(): View {
    const { lng, lat } = this.#map.getCenter().wrap();
    const { clientWidth, clientHeight } = this.#map.getContainer();
    return {
      longitude: lng,
      latitude: lat,
      zoom: this.#map.getZoom(),
      width: clientWidth,
      height: clientHeight,
      bearing: this.#map.getBearing(),
      pitch: this.#map.getPitch(),
    };
  }

  /** Pixels from the middle of the page to the middle of the free map. */
  get offset(): [number, number] {
    const left = byId("details").getBoundingClientRect();
    const right = byId("countries").getBoundingClientRect();
    if (innerWidth > NARROW) return [(left.width - right.width) / 2, 0];
    return [0, -Math.max(left.height, right.height) / 2 + 50];
  }

  /** Flies to an aircraft; false if its position is unknown. */
  flyTo(icao24: string): boolean {
    const place = this.#layer.placeOf(Number.parseInt(icao24, 16));
    if (place === null) return false;
    this.#map.flyTo({
      center: [place.longitude, place.latitude],
      zoom: Math.max(this.#map.getZoom(), CLOSE_ZOOM),
      offset: this.offset,
      maxDuration: 2_500,
    });
    return true;
  }

  /** Moves the map so that an aircraft stays in the middle; once a frame. */
  follow(icao24: string): void {
    if (this.#map.isMoving()) return;
    const pixel = this.#layer.placeOf(Number.parseInt(icao24, 16))?.pixel ?? null;
    if (pixel === null) return;
    const [dx, dy] = this.offset;
    const [x, y] = [pixel[0] - innerWidth / 2 - dx, pixel[1] - innerHeight / 2 - dy];
    if (Math.hypot(x, y) >= FOLLOW_SLACK) this.#map.panBy([x, y], { duration: 0 });
  }
}
