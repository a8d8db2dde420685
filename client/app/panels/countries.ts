// The countries as a whole: shaded on the map and ranked beside it, or one of them alone.

import type { Map, PointLike } from "maplibre-gl";
import type { Places } from "../map/basemap.ts";
import { CountryList, ranked } from "./country-list.ts";
import { CountryPanel } from "./country-panel.ts";
import { BREAKS } from "../map/country-scale.ts";
import { CountryShade } from "../map/country-shade.ts";
import { byId, create, setText } from "../page/element.ts";
import { number } from "../page/format.ts";
import type { CountryCount, Picture } from "../data/picture.ts";
import type { Theme } from "../map/theme.ts";

export interface CountriesActions {
  /** The picture on show, and whether it is the live one. */
  picture(): { picture: Picture; live: boolean };
  open(icao24: string): void;
  /** Pixels from the middle of the page to the middle of the free map. */
  offset(): [number, number];
  /** The page's address must be written anew. */
  changed(): void;
}

export class Countries {
  readonly #actions: CountriesActions;
  readonly #shade: CountryShade;
  readonly #list: CountryList;
  readonly #panel: CountryPanel;
  readonly #toggle = byId("countries-toggle");
  readonly #aside = byId("countries");
  #on = false;
  #selected: string | null = null;
  #counts: CountryCount[] = [];

  constructor(map: Map, theme: Theme, actions: CountriesActions) {
    this.#actions = actions;
    this.#shade = new CountryShade(map, () => actions.offset());
    this.#list = new CountryList((iso) => this.choose(iso, true));
    this.#panel = new CountryPanel((icao24) => actions.open(icao24));
    this.#toggle.addEventListener("click", () => this.setOn(!this.#on));
    byId("countries-close").addEventListener("click", () => this.#close());
    byId("country-back").addEventListener("click", () => this.#back());
    byId("traffic-legend").append(...BREAKS.map((least, index) => {
      const last = index === BREAKS.length - 1;
      return create("span", `${number(least)}${last ? "+" : ""}`, { "data-class": `${index + 1}` });
    }));
    this.setTheme(theme);
  }

  get on(): boolean {
    return this.#on;
  }

  get selected(): string | null {
    return this.#selected;
  }

  /** The name of the country on show, or null. */
  get title(): string | null {
    return this.#selected === null ? null : (this.#find(this.#selected)?.name ?? null);
  }

  setPlaces(places: Places): void {
    this.#shade.setPlaces(places);
  }

  setTheme(theme: Theme): void {
    theme.traffic.forEach((colour, index) => {
      document.documentElement.style.setProperty(`--traffic-${index + 1}`, colour);
    });
    this.#panel.redraw();
  }

  setOn(on: boolean): void {
    if (on === this.#on) return;
    this.#on = on;
    this.#toggle.setAttribute("aria-pressed", String(on));
    this.#aside.hidden = !on;
    this.#shade.setOn(on);
    if (!on) this.choose(null, false);
    this.update();
    this.#actions.changed();
  }

  /** Shows one country, or all of them for null. */
  choose(iso: string | null, fly: boolean): void {
    if (iso !== null) this.setOn(true);
    const known = iso !== null && this.#find(iso) !== undefined ? iso : null;
    if (known !== null && fly) this.#shade.flyTo(known);
    if (known === this.#selected) return;
    this.#selected = known;
    this.#shade.choose(known);
    this.update();
    this.#aside.scrollTop = 0;
    if (known !== null) byId("countries-title").focus({ preventScroll: true });
    this.#actions.changed();
  }

  /** Takes one step back for the Escape key; false if there is none. */
  escape(): boolean {
    if (this.#selected !== null) this.#back();
    else if (this.#on) this.#close();
    else return false;
    return true;
  }

  /** A click that hits no aircraft. */
  click(point: PointLike): void {
    const iso = this.#shade.at(point);
    if (iso !== null) this.choose(iso, false);
  }

  /** Marks the country at these pixels as hovered and returns it. */
  hover(point: PointLike | null): CountryCount | null {
    const iso = point === null ? null : this.#shade.at(point);
    this.#shade.hover(iso);
    return iso === null ? null : (this.#find(iso) ?? null);
  }

  /** After the connection has returned. */
  retry(): void {
    this.#panel.retry();
  }

  /** After each picture. */
  update(): void {
    if (!this.#on) return;
    const { picture, live } = this.#actions.picture();
    this.#counts = picture.countries();
    this.#shade.setCounts(this.#counts);
    const ranks = ranked(this.#counts);
    const country = this.#selected === null ? undefined : this.#find(this.#selected);
    byId("countries-ranks").hidden = country !== undefined;
    byId("country").hidden = country === undefined;
    byId("country-back").hidden = country === undefined;
    setText(byId("countries-title"), country?.name ?? "Countries");
    if (country === undefined) {
      const over = ranks.reduce((sum, { count }) => sum + count, 0);
      setText(byId("countries-note"),
        `${number(over)} aircraft over ${number(ranks.length)} countries`);
      this.#list.show(ranks);
      this.#panel.hide();
    } else {
      setText(byId("countries-note"), note(country, ranks));
      this.#panel.show({ country, over: picture.over(country), time: picture.time, live });
    }
  }

  #find(iso: string): CountryCount | undefined {
    if (this.#counts.length === 0) this.#counts = this.#actions.picture().picture.countries();
    return this.#counts.find(({ iso_a2 }) => iso_a2 === iso);
  }

  #back(): void {
    const before = this.#selected;
    this.choose(null, false);
    // A country without aircraft is not in the list, so the title takes the focus first.
    byId("countries-title").focus({ preventScroll: true });
    if (before !== null) this.#list.focus(before);
  }

  #close(): void {
    this.setOn(false);
    this.#toggle.focus();
  }
}

function note(country: CountryCount, ranks: readonly CountryCount[]): string {
  const rank = ranks.findIndex(({ iso_a2 }) => iso_a2 === country.iso_a2) + 1;
  const aircraft = `${number(country.count)} aircraft`;
  return rank === 0 ? aircraft : `${aircraft} · rank ${rank} of ${ranks.length}`;
}
