// The page as a whole: which picture is on show, which aircraft is selected, and who must know.

import type { Map } from "maplibre-gl";
import { formatAddress, parseAddress, type Address } from "./page/address.ts";
import { AircraftLayer } from "./map/aircraft-layer.ts";
import { ApiError, fetchDates, fetchFlights, fetchStatus, type Status } from "./data/api.ts";
import { showBanners } from "./panels/banner.ts";
import * as clock from "./data/clock.ts";
import { Controls } from "./panels/controls.ts";
import { Countries } from "./panels/countries.ts";
import { DatesList } from "./panels/dates-list.ts";
import { DetailsPanel } from "./panels/details-panel.ts";
import { byId, setText } from "./page/element.ts";
import { number } from "./page/format.ts";
import type { LivePicture } from "./data/live-picture.ts";
import { PastPicture } from "./data/past-picture.ts";
import type { Picture } from "./data/picture.ts";
import { showPill } from "./panels/pill.ts";
import { Pointer } from "./map/pointer.ts";
import { SearchBox } from "./panels/search-box.ts";
import type { SocketState } from "./data/socket.ts";
import { themeFor, type Theme } from "./map/theme.ts";

/** Closer than this when an aircraft is looked for. */
const CLOSE_ZOOM = 6;
/** Milliseconds: a followed aircraft moves the map each frame, and browsers count such writes. */
const ADDRESS_DELAY = 400;
/** Pixels that a followed aircraft may be off the middle. */
const FOLLOW_SLACK = 0.3;

export class App {
  readonly layer: AircraftLayer;
  readonly countries: Countries;
  readonly #map: Map;
  readonly #live: LivePicture;
  readonly #controls: Controls;
  readonly #details: DetailsPanel;
  readonly #dates: DatesList;
  #past: PastPicture | null = null;
  /** Counts requests for past minutes, so that a late answer does not replace a later wish. */
  #wish = 0;
  #selected: string | null = null;
  #socket: SocketState = { kind: "paused" };
  #status: Status | null = null;
  #failure: string | null = null;
  /** A link named an aircraft and no view: the map flies there once it is known where that is. */
  #flyWhenKnown = false;
  #addressTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(map: Map, live: LivePicture, theme: Theme) {
    this.#map = map;
    this.#live = live;
    this.layer = new AircraftLayer(theme, () => this.now);
    this.layer.onFrame = () => this.#keepFollowing();
    this.#controls = new Controls(map, () => this.#writeAddress());
    this.#details = new DetailsPanel({
      close: () => this.select(null),
      centre: () => this.#flyToSelected(),
      follow: (on) => { if (on) this.#flyToSelected(); },
    });
    this.countries = new Countries(map, theme, {
      picture: () => ({ picture: this.#picture, live: this.#past === null }),
      open: (icao24) => this.#open(icao24),
      offset: () => this.#offset(),
      changed: () => this.#writeAddress(),
    });
    this.#dates = new DatesList(
      (date) => void this.showDate(date),
      () => void this.refreshDates(),
    );
    const search = new SearchBox(
      (query, limit) => this.#picture.search(query, limit),
      (state) => this.#open(state.icao24),
    );
    new Pointer(map, this.layer, {
      details: (icao24) => this.#picture.details(icao24),
      hoverCountry: (at) => this.countries.hover(at),
      click: (icao24, at) => {
        this.select(icao24);
        if (icao24 === null) this.countries.click(at);
      },
    });
    map.on("dragstart", () => this.#details.setFollowing(false));
    map.on("moveend", () => {
      clearTimeout(this.#addressTimer);
      this.#addressTimer = setTimeout(() => this.#writeAddress(), ADDRESS_DELAY);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        if (this.#selected === null) this.countries.escape();
        else this.select(null);
      }
      const typing = event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey;
      if (event.key === "/" && !typing) {
        event.preventDefault();
        search.focus();
      }
    });
  }

  /** The moment on show, Unix seconds: a past minute stands still. */
  get now(): number {
    return this.#past?.time ?? clock.now();
  }

  get time(): number {
    return this.#picture.time;
  }

  get selected(): string | null {
    return this.#selected;
  }

  get #picture(): Picture {
    return this.#past ?? this.#live;
  }

  /** After each live frame. */
  onFrame(): void {
    if (this.#past === null) this.#show(true);
  }

  onSocket(state: SocketState): void {
    this.#socket = state;
    this.tick();
  }

  /** What only the passing of time changes; once a second. */
  tick(): void {
    showPill({
      socket: this.#socket,
      date: this.#past?.date ?? null,
      time: this.#live.time,
      now: clock.now(),
    });
    this.#showDetails();
    this.#showEmpty();
  }

  async refreshStatus(): Promise<void> {
    try {
      this.#status = await fetchStatus();
    } catch {
      // The pill tells that the connection is gone; a status that is old would tell lies.
      this.#status = null;
    }
    this.#showBanners();
  }

  async refreshDates(): Promise<void> {
    try {
      this.#dates.setDates(await fetchDates());
    } catch (error) {
      this.#fail("The past minutes cannot be listed", error);
    }
  }

  /** Shows a past minute, or the live sky. */
  async showDate(date: string | null): Promise<void> {
    const wish = ++this.#wish;
    if (date === null) {
      this.#past = null;
    } else {
      byId("pill").dataset["tone"] = "quiet";
      setText(byId("pill-label"), "Loading");
      try {
        const minute = await fetchFlights(date);
        if (wish !== this.#wish) return;
        this.#past = new PastPicture(date, minute, this.#live.countries());
      } catch (error) {
        if (wish === this.#wish) this.#fail("This minute cannot be shown", error);
        return;
      }
    }
    this.#failure = null;
    this.#details.setFollowing(false);
    this.#show(false);
    this.#showBanners();
    this.#dates.show(date);
    this.#writeAddress();
  }

  select(icao24: string | null): void {
    this.#selected = icao24;
    this.layer.select(icao24 === null ? null : Number.parseInt(icao24, 16));
    if (icao24 === null) this.#details.close();
    else this.#details.setFollowing(false);
    this.#showDetails();
    this.#writeAddress();
  }

  /** Shows what a link asks for. */
  async openAddress(at: Partial<Address>): Promise<void> {
    if (at.flat !== undefined && at.flat !== this.#controls.flat) this.#controls.setFlat(at.flat);
    if (at.zoom !== undefined && at.longitude !== undefined && at.latitude !== undefined) {
      this.#map.jumpTo({ center: [at.longitude, at.latitude], zoom: at.zoom });
    }
    this.select(at.icao24 ?? null);
    this.countries.setOn(at.countries === true);
    this.countries.choose(at.country ?? null, at.zoom === undefined && at.icao24 === undefined);
    if ((at.date ?? null) !== (this.#past?.date ?? null)) await this.showDate(at.date ?? null);
    this.#flyWhenKnown = at.icao24 !== undefined && at.zoom === undefined;
    if (this.#flyWhenKnown) this.#flyToSelected();
  }

  /** The first look, before which the buttons do not know what the map shows. */
  begin(): void {
    const at = parseAddress(location.hash);
    this.#controls.setFlat(at.flat === true);
    void this.openAddress(at);
    window.addEventListener("hashchange", () => void this.openAddress(parseAddress(location.hash)));
  }

  setLight(light: boolean): void {
    this.layer.setTheme(themeFor(light));
    this.countries.setTheme(themeFor(light));
  }

  #show(blend: boolean): void {
    const picture = this.#picture;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.layer.show(picture.rows(), picture.time, blend && !still);
    setText(byId("count"), number(picture.count));
    byId("simulated").hidden = !picture.simulated;
    this.countries.update();
    this.tick();
    if (this.#flyWhenKnown) this.#flyToSelected();
  }

  #showDetails(): void {
    if (this.#selected === null) return;
    const state = this.#picture.details(this.#selected);
    if (state === null) {
      // Before the first picture nothing is known about anyone.
      if (this.#picture.time > 0) this.#details.showGone(this.#selected);
    } else {
      this.#details.show(state, this.now, this.#past === null);
    }
  }

  #showEmpty(): void {
    const empty = byId("empty");
    const none = this.#picture.count === 0 && this.#socket.kind === "live";
    empty.hidden = !none && this.#past?.count !== 0;
    setText(empty, this.#past === null ? "No aircraft yet: waiting for the first snapshot"
      : "No aircraft in this minute");
  }

  #showBanners(): void {
    showBanners(this.#status, this.#past === null, this.#failure);
  }

  #fail(what: string, error: unknown): void {
    const why = error instanceof ApiError ? error.message : "the server cannot be reached";
    this.#failure = `${what}: ${why}`;
    this.#dates.show(this.#past?.date ?? null);
    this.#showBanners();
    this.tick();
  }

  #open(icao24: string): void {
    this.select(icao24);
    this.#flyToSelected();
    byId("details-name").focus();
  }

  #flyToSelected(): void {
    const place = this.#selected === null ? null
      : this.layer.placeOf(Number.parseInt(this.#selected, 16));
    if (place === null) return;
    this.#flyWhenKnown = false;
    this.#map.flyTo({
      center: [place.longitude, place.latitude],
      zoom: Math.max(this.#map.getZoom(), CLOSE_ZOOM),
      offset: this.#offset(),
      maxDuration: 2_500,
    });
  }

  /** Pixels that the middle of the free map is off the middle of the page. */
  #offset(): [number, number] {
    const left = byId("details").getBoundingClientRect();
    const right = byId("countries").getBoundingClientRect();
    if (innerWidth > 720) return [(left.width - right.width) / 2, 0];
    return [0, -Math.max(left.height, right.height) / 2 + 50];
  }

  #keepFollowing(): void {
    if (!this.#details.following || this.#selected === null || this.#map.isMoving()) return;
    const place = this.layer.placeOf(Number.parseInt(this.#selected, 16));
    if (place === null || place.pixel === null) return;
    const [dx, dy] = this.#offset();
    const [x, y] = [innerWidth / 2 + dx, innerHeight / 2 + dy];
    if (Math.hypot(place.pixel[0] - x, place.pixel[1] - y) < FOLLOW_SLACK) return;
    this.#map.panBy([place.pixel[0] - x, place.pixel[1] - y], { duration: 0 });
  }

  #writeAddress(): void {
    const centre = this.#map.getCenter().wrap();
    history.replaceState(null, "", formatAddress({
      longitude: centre.lng,
      latitude: centre.lat,
      zoom: this.#map.getZoom(),
      flat: this.#controls.flat,
      countries: this.countries.on,
      country: this.countries.selected,
      icao24: this.#selected,
      date: this.#past?.date ?? null,
    }));
  }

  /** For the handle of browser tests. */
  drawn(icao24: string): ReturnType<AircraftLayer["placeOf"]> {
    return this.layer.placeOf(Number.parseInt(icao24, 16));
  }
}

