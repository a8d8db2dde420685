// The countries on the map: shaded by class, outlined when chosen or under the pointer.
//
// Only feature states change, and only those of countries whose class changed: the map then updates
// some colours in its buffers and does not lay out its tiles again.

import type { Map, PointLike } from "maplibre-gl";
import { OUTLINE_WIDTH, type Places } from "./basemap.ts";
import { classOf } from "./country-scale.ts";
import type { CountryCount } from "../data/picture.ts";

const LAYERS = ["traffic", "country-outline"] as const;
/** The layer under the shading, which covers it fully. */
const COVERED = "land";
/** The fraction of the free map's shorter side that a country takes after flying to it. */
const SHARE = 0.4;
const ZOOMS: readonly [number, number] = [2, 7];

export class CountryShade {
  readonly #map: Map;
  readonly #offset: () => [number, number];
  #on = false;
  #classes = new globalThis.Map<string, number>();
  #chosen: string | null = null;
  #hovered: string | null = null;
  #places: Places | null = null;
  /** The country to fly to once its place is known. */
  #wanted: string | null = null;

  /** `offset`: pixels from the middle of the page to the middle of the free map. */
  constructor(map: Map, offset: () => [number, number]) {
    this.#map = map;
    this.#offset = offset;
    // A style that is reloaded after a lost WebGL context has no states.
    map.on("style.load", () => this.#restore());
  }

  setPlaces(places: Places): void {
    this.#places = places;
    if (this.#wanted !== null) this.flyTo(this.#wanted);
  }

  setOn(on: boolean): void {
    if (on === this.#on) return;
    this.#on = on;
    if (!on) this.#mark("hovered", null);
    this.#showLayers();
  }

  setCounts(counts: readonly CountryCount[]): void {
    for (const { iso_a2, count } of counts) {
      const now = classOf(count);
      if (now === (this.#classes.get(iso_a2) ?? 0)) continue;
      this.#classes.set(iso_a2, now);
      this.#set(iso_a2, { class: now });
    }
  }

  choose(iso: string | null): void {
    this.#mark("chosen", iso);
  }

  hover(iso: string | null): void {
    this.#mark("hovered", iso);
  }

  /** The country at these CSS pixels; null at sea, and while countries are not shown. */
  at(point: PointLike): string | null {
    if (!this.#on) return null;
    const [found] = this.#map.queryRenderedFeatures(point, { layers: ["traffic"] });
    return (found?.properties["iso_a2"] as string | undefined) ?? null;
  }

  flyTo(iso: string): void {
    this.#wanted = this.#places === null ? iso : null;
    const place = this.#places?.get(iso);
    if (place === undefined) return;
    const { clientWidth, clientHeight } = this.#map.getContainer();
    const degrees = Math.sqrt(Math.max(place.size, 0.01));
    const pixels = Math.min(clientWidth, clientHeight) * SHARE;
    const zoom = Math.log2((pixels / degrees) * (360 / 512));
    this.#map.flyTo({
      center: place.label,
      zoom: Math.min(Math.max(zoom, ZOOMS[0]), ZOOMS[1]),
      offset: this.#offset(),
      maxDuration: 2_000,
    });
  }

  #mark(name: "chosen" | "hovered", iso: string | null): void {
    const before = name === "chosen" ? this.#chosen : this.#hovered;
    if (before === iso) return;
    if (name === "chosen") this.#chosen = iso;
    else this.#hovered = iso;
    if (before !== null) this.#set(before, { [name]: false });
    if (iso !== null) this.#set(iso, { [name]: true });
    this.#showOutline();
  }

  /** MapLibre skips lines of zero width; otherwise it would draw every country's, transparent. */
  #showOutline(): void {
    if (this.#map.getLayer("country-outline") === undefined) return;
    const wanted = this.#chosen !== null || this.#hovered !== null;
    this.#map.setPaintProperty("country-outline", "line-width", wanted ? OUTLINE_WIDTH : 0);
  }

  #set(iso: string, state: Record<string, number | boolean>): void {
    if (this.#map.getSource("land") === undefined) return;
    this.#map.setFeatureState({ source: "land", id: iso }, state);
  }

  #showLayers(): void {
    for (const layer of [...LAYERS, COVERED]) {
      if (this.#map.getLayer(layer) === undefined) continue;
      const visible = this.#on === (layer !== COVERED);
      this.#map.setLayoutProperty(layer, "visibility", visible ? "visible" : "none");
    }
    this.#showOutline();
  }

  #restore(): void {
    this.#showLayers();
    for (const [iso, state] of this.#classes) this.#set(iso, { class: state });
    if (this.#chosen !== null) this.#set(this.#chosen, { chosen: true });
  }
}
