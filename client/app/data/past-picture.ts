// A past minute: the state objects of /api/flights/:date.

import type { Minute } from "./api.ts";
import type { CountryCount, Picture } from "./picture.ts";
import { rowsFromStates } from "./rows.ts";
import type { StateObject } from "./state.ts";

export class PastPicture implements Picture {
  readonly time: number;
  readonly simulated: boolean;
  readonly count: number;
  /** The date as the API names it. */
  readonly date: string;
  readonly #states: StateObject[];
  readonly #names: readonly CountryCount[];
  readonly #byIcao24: Map<string, StateObject>;

  /** `names` are all countries that there are; their counts do not matter. */
  constructor(
    date: string, { states, simulated }: Minute, names: readonly CountryCount[],
  ) {
    this.date = date;
    this.time = Date.parse(date) / 1000;
    this.simulated = simulated;
    this.count = states.length;
    this.#states = states;
    this.#names = names;
    this.#byIcao24 = new Map(states.map((state) => [state.icao24, state]));
  }

  rows(): Float64Array {
    return rowsFromStates(this.#states);
  }

  details(icao24: string): StateObject | null {
    return this.#byIcao24.get(icao24) ?? null;
  }

  countries(): CountryCount[] {
    const counts = new Map<string | null, number>();
    for (const { current_country: name } of this.#states) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return this.#names.map(({ name, iso_a2 }) => ({ name, iso_a2, count: counts.get(name) ?? 0 }));
  }

  over({ name }: CountryCount): StateObject[] {
    return this.#states.filter((state) => state.current_country === name);
  }

  search(query: string, limit: number): StateObject[] {
    const wanted = query.trim().toUpperCase();
    if (wanted === "") return [];
    const rank = (state: StateObject): number => {
      const callsign = state.callsign ?? "";
      if (callsign === wanted || state.icao24.toUpperCase() === wanted) return 0;
      if (callsign.startsWith(wanted)) return 1;
      return state.icao24.toUpperCase().startsWith(wanted) ? 2 : 3;
    };
    return this.#states
      .map((state) => ({ state, rank: rank(state) }))
      .filter((found) => found.rank < 3)
      .sort((a, b) => a.rank - b.rank || compareNames(a.state, b.state))
      .slice(0, limit)
      .map((found) => found.state);
  }
}

function compareNames(a: StateObject, b: StateObject): number {
  const left = a.callsign ?? a.icao24;
  const right = b.callsign ?? b.icao24;
  return left < right ? -1 : left > right ? 1 : 0;
}
