// The page's address and title: written when the page changes, opened when a link, the browser's
// Back button or the reader changes the address.

import type { Map } from "maplibre-gl";
import type { Shown } from "./data/shown.ts";
import { nameOf } from "./data/state.ts";
import type { Camera } from "./map/camera.ts";
import { formatAddress, isStep, parseAddress, type Address } from "./page/address.ts";
import { utc } from "./page/format.ts";
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
  /** The address as last written; null while one is being opened. */
  #written: Address | null = null;
  #isWriting = false;

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
    void this.#open(parseAddress(location.hash));
    window.addEventListener("hashchange", () => void this.#open(parseAddress(location.hash)));
  }

  /** Writes the address once for all changes of one event. */
  write(): void {
    if (this.#isWriting || this.#written === null) return;
    this.#isWriting = true;
    queueMicrotask(() => {
      this.#isWriting = false;
      const [before, now] = [this.#written, this.#address()];
      if (before !== null) this.#put(now, isStep(before, now));
    });
  }

  /** Called after each picture: a linked aircraft may be known now. */
  onPicture(): void {
    if (this.#flyWhenKnown) this.flyToSelected();
    this.#entitle();
  }

  flyToSelected(): void {
    const { shown, camera } = this.#page;
    if (shown.selected !== null && camera.flyTo(shown.selected)) this.#flyWhenKnown = false;
  }

  #put(address: Address, asStep: boolean): void {
    this.#written = address;
    const fragment = formatAddress(address);
    if (asStep) history.pushState(null, "", fragment);
    else history.replaceState(null, "", fragment);
    this.#entitle();
  }

  /** Sets the title: browsers list it among tabs, bookmarks and the steps back. */
  #entitle(): void {
    const { shown, countries } = this.#page;
    const state = shown.selected === null ? null : shown.picture.details(shown.selected);
    const parts = [
      shown.selected === null ? countries.title : state === null ? shown.selected : nameOf(state),
      shown.date === null ? null : utc(shown.date),
      "Overflight",
    ];
    const title = parts.filter((part) => part !== null).join(" · ");
    if (document.title !== title) document.title = title;
  }

  #address(): Address {
    const { shown, controls, countries } = this.#page;
    const centre = this.#map.getCenter().wrap();
    return {
      longitude: centre.lng,
      latitude: centre.lat,
      zoom: this.#map.getZoom(),
      flat: controls.flat,
      countries: countries.on,
      country: countries.selected,
      icao24: shown.selected,
      date: shown.asked,
    };
  }

  /** Shows what a link asks for. */
  async #open(at: Partial<Address>): Promise<void> {
    const { controls, countries, shown } = this.#page;
    this.#written = null;
    controls.setFlat(at.flat === true);
    if (at.zoom !== undefined && at.longitude !== undefined && at.latitude !== undefined) {
      this.#map.jumpTo({ center: [at.longitude, at.latitude], zoom: at.zoom });
    }
    this.#page.select(at.icao24 ?? null);
    countries.setOn(at.countries === true);
    countries.choose(at.country ?? null, at.zoom === undefined && at.icao24 === undefined);
    const date = at.date ?? null;
    shown.asked = date;
    // From here on the address is written as the reader changes it; this one stands as it is.
    this.#put(this.#address(), false);
    this.#page.look();
    this.#flyWhenKnown = at.icao24 !== undefined && at.zoom === undefined;
    this.onPicture();
    if (date !== shown.date) await this.#page.showDate(date);
  }
}
