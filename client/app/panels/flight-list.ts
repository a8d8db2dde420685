// The aircraft over a country, or those that will enter it.

import type { Arrival } from "../data/api.ts";
import { byId, create, setText } from "../page/element.ts";
import { altitude, number, soon } from "../page/format.ts";
import { KeyedList } from "../page/keyed-list.ts";
import { nameOf, type StateObject } from "../data/state.ts";

/** Rows that are drawn before the reader asks for all: the busiest country has thousands. */
const ROWS_MAX = 100;

export type Flight = StateObject | Arrival;

export class FlightList {
  readonly #rows: KeyedList<Flight>;
  readonly #more = byId<HTMLButtonElement>("country-more");
  #flights: readonly Flight[] = [];
  #all = false;

  constructor(open: (icao24: string) => void) {
    this.#rows = new KeyedList<Flight>(
      byId("country-flights"),
      ({ icao24 }) => icao24,
      ({ icao24 }) => {
        const row = create("li", "");
        const button = create("button", "", { type: "button", class: "flight-row" });
        button.append(create("strong", ""), create("span", ""), create("span", ""));
        button.addEventListener("click", () => open(icao24));
        row.append(button);
        return row;
      },
      fill,
    );
    this.#more.addEventListener("click", () => {
      this.#all = true;
      this.show(this.#flights);
    });
  }

  /** Starts the next list short again. */
  reset(): void {
    this.#all = false;
  }

  show(flights: readonly Flight[]): void {
    this.#flights = flights;
    const shown = this.#all ? flights : flights.slice(0, ROWS_MAX);
    this.#rows.show(shown);
    this.#more.hidden = shown.length === flights.length;
    setText(this.#more, `Show all ${number(flights.length)}`);
  }
}

function fill(row: HTMLElement, flight: Flight): void {
  const [name, height, when] = [...(row.firstElementChild?.children ?? [])] as HTMLElement[];
  if (!name || !height || !when) return;
  setText(name, nameOf(flight));
  setText(height, flight.on_ground ? "On ground"
    : altitude(flight.baro_altitude ?? flight.geo_altitude).main);
  setText(when, "enters_in" in flight ? soon(flight.enters_in) : "");
}

/** Sorted by callsign; flights without one come last. */
export function byName(flights: readonly StateObject[]): StateObject[] {
  const named = flights.map((flight) => {
    return { flight, name: flight.callsign || `~${flight.icao24}` };
  });
  named.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return named.map(({ flight }) => flight);
}

/** The flights that are not over the country yet, soonest first. */
export function arriving(flights: readonly Arrival[]): Arrival[] {
  return flights
    .filter(({ enters_in }) => enters_in > 0)
    .sort((a, b) => a.enters_in - b.enters_in);
}
