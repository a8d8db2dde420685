// The page as a whole: creates its parts and connects them.

import type { Map } from "maplibre-gl";
import { fetchDates } from "./data/api.ts";
import type { FineRegions } from "./data/fine-regions.ts";
import type { LivePicture } from "./data/live-picture.ts";
import { Shown } from "./data/shown.ts";
import type { SocketState } from "./data/socket.ts";
import { AircraftLayer, type DrawnPlace } from "./map/aircraft-layer.ts";
import { Camera } from "./map/camera.ts";
import type { InstanceBuffer } from "./map/instance-buffer.ts";
import { Pointer } from "./map/pointer.ts";
import { themeFor, type Theme } from "./map/theme.ts";
import { Navigation, type Page } from "./navigation.ts";
import { byId, setText } from "./page/element.ts";
import { number, utc } from "./page/format.ts";
import { Controls } from "./panels/controls.ts";
import { Countries } from "./panels/countries.ts";
import { DatesList } from "./panels/dates-list.ts";
import { DetailsPanel } from "./panels/details-panel.ts";
import { Notices } from "./panels/notices.ts";
import { SearchBox } from "./panels/search-box.ts";

/** Milliseconds after the map has moved: a followed aircraft moves it each frame. */
const LOOK_DELAY = 300;

/** The reader's requests, as the messages about them begin. */
const DATES = "Past minutes cannot be listed";
const MINUTE = "This minute cannot be shown";

export interface AppParts {
  live: LivePicture;
  fine: FineRegions;
  instances: InstanceBuffer;
}

export class App implements Page {
  readonly shown: Shown;
  readonly layer: AircraftLayer;
  readonly camera: Camera;
  readonly controls: Controls;
  readonly countries: Countries;
  readonly notices: Notices;
  readonly navigation: Navigation;
  readonly #details: DetailsPanel;
  readonly #dates: DatesList;
  readonly #fine: FineRegions;
  readonly #map: Map;
  /** What opened the details: it gets the focus back. */
  #opener: HTMLElement | null = null;
  #looking: ReturnType<typeof setTimeout> | undefined;

  constructor(map: Map, { live, fine, instances }: AppParts, theme: Theme) {
    this.shown = new Shown(live);
    this.#fine = fine;
    this.#map = map;
    this.layer = new AircraftLayer(instances, theme, () => this.shown.now);
    this.layer.onFrame = () => this.#keepFollowing();
    this.camera = new Camera(map, this.layer);
    this.notices = new Notices(this.shown, () => {
      // The reader gives up a minute that could not be shown.
      this.shown.asked = this.shown.date;
      this.navigation.write();
    });
    this.controls = new Controls(map, () => this.navigation.write());
    this.countries = new Countries(map, theme, {
      picture: () => ({ picture: this.shown.picture, live: this.shown.date === null }),
      open: (icao24) => this.#open(icao24),
      offset: () => this.camera.offset,
      changed: () => this.navigation.write(),
    });
    this.navigation = new Navigation(map, this);
    this.#details = new DetailsPanel({
      close: () => this.select(null),
      centre: () => this.navigation.flyToSelected(),
      follow: (on) => { if (on) this.navigation.flyToSelected(); },
    });
    this.#dates = new DatesList(
      (date) => void this.showDate(date),
      () => void this.refreshDates(),
    );
    this.#connectEvents(map);
  }

  /** Called after the live state has changed. */
  onFrame(): void {
    if (this.shown.date === null) this.#show(true);
  }

  onSocket(state: SocketState): void {
    this.notices.setSocket(state);
    if (state.kind === "live") this.countries.retry();
    this.tick();
  }

  /** Opens the regions that the map sees; a past minute has none. */
  look(): void {
    clearTimeout(this.#looking);
    this.#looking = undefined;
    this.#fine.look(this.shown.date === null ? this.camera.view : null);
  }

  /** Updates what changes with time; called once a second. */
  tick(): void {
    this.notices.tick();
    this.#showDetails();
  }

  async refreshDates(): Promise<void> {
    try {
      this.#dates.setDates(await fetchDates());
      this.notices.succeed(DATES);
    } catch (error) {
      this.#fail(DATES, error);
    }
  }

  /** Shows a past minute, or the nearest stored one, or the live state. */
  async showDate(date: string | null): Promise<void> {
    if (date !== null) this.notices.loading();
    try {
      if (!await this.shown.turnTo(date)) return;
    } catch (error) {
      this.#fail(MINUTE, error);
      return this.navigation.write();
    }
    this.#details.setFollowing(false);
    this.#show(false);
    const { date: found } = this.shown;
    if (date === null || found === date) this.notices.succeed(MINUTE);
    else this.notices.tell(MINUTE, `No minute is stored at ${utc(date)}: this is the nearest one`);
    this.look();
    this.#dates.show(found);
    this.navigation.write();
  }

  select(icao24: string | null): void {
    this.shown.selected = icao24;
    this.layer.select(icao24 === null ? null : Number.parseInt(icao24, 16));
    if (icao24 === null) this.#closeDetails();
    else this.#details.setFollowing(false);
    this.#showDetails();
    this.navigation.write();
  }

  setLight(light: boolean): void {
    this.layer.setTheme(themeFor(light));
    this.countries.setTheme(themeFor(light));
  }

  /** Returns where an aircraft is drawn, for browser tests. */
  drawn(icao24: string): DrawnPlace | null {
    return this.layer.placeOf(Number.parseInt(icao24, 16));
  }

  #connectEvents(map: Map): void {
    const search = new SearchBox(
      (query, limit) => this.shown.picture.search(query, limit),
      (state) => this.#open(state.icao24, byId("search")),
    );
    new Pointer(map, this.layer, {
      details: (icao24) => this.shown.picture.details(icao24),
      hoverCountry: (at) => this.countries.hover(at),
      click: (icao24, at) => {
        this.select(icao24);
        if (icao24 === null) this.countries.click(at);
      },
    });
    map.on("dragstart", () => this.#details.setFollowing(false));
    map.on("moveend", () => {
      this.#looking ??= setTimeout(() => this.look(), LOOK_DELAY);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        if (this.shown.selected === null) this.countries.escape();
        else this.select(null);
      }
      const typing = event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey;
      if (event.key === "/" && !typing) {
        event.preventDefault();
        search.focus();
      }
    });
  }

  #show(blend: boolean): void {
    const { picture } = this.shown;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.layer.show(picture, blend && !still);
    setText(byId("count"), number(picture.count));
    byId("simulated").hidden = !picture.simulated;
    this.countries.update();
    this.tick();
    this.navigation.onPicture();
  }

  #showDetails(): void {
    const { selected, picture, now, date } = this.shown;
    if (selected === null) return;
    const state = picture.details(selected);
    if (state !== null) this.#details.show(state, now, date === null);
    // Before the first picture no aircraft is known.
    else if (picture.time > 0) this.#details.showGone(selected);
  }

  #fail(what: string, error: unknown): void {
    this.notices.fail(what, error);
    this.#dates.show(this.shown.date);
    this.tick();
  }

  /** The details were opened from `opener`. */
  #open(icao24: string, opener = document.activeElement as HTMLElement | null): void {
    this.#opener = opener;
    this.select(icao24);
    this.navigation.flyToSelected();
    byId("details-name").focus();
  }

  #closeDetails(): void {
    const held = byId("details").contains(document.activeElement);
    this.#details.close();
    if (!held) return;
    const canTake = this.#opener?.isConnected === true && this.#opener !== document.body;
    (canTake ? this.#opener : this.#map.getCanvas())?.focus();
  }

  #keepFollowing(): void {
    const { selected } = this.shown;
    if (this.#details.following && selected !== null) this.camera.follow(selected);
  }
}
