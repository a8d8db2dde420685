// The page's address: written when the page changes, opened when a link or the reader changes it.

import type { Map } from "maplibre-gl";
import type { Shown } from "./data/shown.ts";
import type { Camera } from "./map/camera.ts";
import { formatAddress, parseAddress, type Address } from "./page/address.ts";
import type { Controls } from "./panels/controls.ts";
import type { Countries } from "./panels/countries.ts";

/** Milliseconds: a followed aircraft moves the map each frame, and browsers limit such writes. */
const WRITE_DELAY = 400;

/** The parts of the page that an address describes. */
export interface Page {
  readonly shown: Shown;
  readonly camera: Camera;
  readonly controls: Controls;
  readonly countries: Countries;
  select(icao24: string | null): void;
  showDate(date: string | null): Promise<void>;
  /** Opens the regions that the map sees. */
  look(): void;
}

export class Navigation {
  readonly #map: Map;
  readonly #page: Page;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** A link named an aircraft without a view: the map flies there once its position is known. */
  #flyWhenKnown = false;

  constructor(map: Map, page: Page) {
    this.#map = map;
    this.#page = page;
    map.on("moveend", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.write(), WRITE_DELAY);
    });
  }

  /** Opens the page's first address. */
  begin(): void {
    const at = parseAddress(location.hash);
    this.#page.controls.setFlat(at.flat === true);
    void this.#open(at);
    window.addEventListener("hashchange", () => void this.#open(parseAddress(location.hash)));
  }

  write(): void {
    const { shown, controls, countries } = this.#page;
    const centre = this.#map.getCenter().wrap();
    history.replaceState(null, "", formatAddress({
      longitude: centre.lng,
      latitude: centre.lat,
      zoom: this.#map.getZoom(),
      flat: controls.flat,
      countries: countries.on,
      country: countries.selected,
      icao24: shown.selected,
      date: shown.date,
    }));
  }

  /** Called after each picture: a linked aircraft may be known now. */
  onPicture(): void {
    if (this.#flyWhenKnown) this.flyToSelected();
  }

  flyToSelected(): void {
    const { shown, camera } = this.#page;
    if (shown.selected !== null && camera.flyTo(shown.selected)) this.#flyWhenKnown = false;
  }

  /** Shows what a link asks for. */
  async #open(at: Partial<Address>): Promise<void> {
    const { controls, countries, shown } = this.#page;
    if (at.flat !== undefined && at.flat !== controls.flat) controls.setFlat(at.flat);
    if (at.zoom !== undefined && at.longitude !== undefined && at.latitude !== undefined) {
      this.#map.jumpTo({ center: [at.longitude, at.latitude], zoom: at.zoom });
    }
    this.#page.select(at.icao24 ?? null);
    countries.setOn(at.countries === true);
    countries.choose(at.country ?? null, at.zoom === undefined && at.icao24 === undefined);
    if ((at.date ?? null) !== shown.date) await this.#page.showDate(at.date ?? null);
    this.#page.look();
    this.#flyWhenKnown = at.icao24 !== undefined && at.zoom === undefined;
    this.onPicture();
  }
}
