// One country: its last day, the aircraft over it, and those that are coming.

import {
  ApiError, fetchCountryFlights, fetchCountryHistory, reason, type ComingState, type HistoryPoint,
} from "../data/api.ts";
import { byId, setText } from "../page/element.ts";
import { FlightList, byName, coming } from "./flight-list.ts";
import { number } from "../page/format.ts";
import { describe, drawHistory, reading, type Range } from "./history-chart.ts";
import type { CountryCount } from "../data/picture.ts";
import type { StateObject } from "../data/state.ts";

const DAY = 86_400;
/** Seconds after which a day is fetched anew: its hours change slowly. */
const HISTORY_AGE_MAX = 600;

/** What was asked of the server. */
type Asked<T> = { kind: "loading" } | { kind: "ready"; value: T } | { kind: "failed"; why: string };
const LOADING = { kind: "loading" } as const;

/** What the panel shows of a picture. */
export interface Sight {
  country: CountryCount;
  over: readonly StateObject[];
  /** Unix seconds. */
  time: number;
  live: boolean;
}

export class CountryPanel {
  readonly #over = byId<HTMLButtonElement>("country-over");
  readonly #coming = byId<HTMLButtonElement>("country-coming");
  readonly #flights: FlightList;
  #sight: Sight | null = null;
  #showsComing = false;
  #arrivals: Asked<ComingState[]> = LOADING;
  #history: Asked<HistoryPoint[]> = LOADING;
  #historyTime = 0;
  #removeChart: () => void = () => {};
  /** Counts what was put on show, so that a late answer about another country is dropped. */
  #wish = 0;
  #drawing = 0;

  constructor(open: (icao24: string) => void) {
    this.#flights = new FlightList(open);
    this.#over.addEventListener("click", () => this.#choose(false));
    this.#coming.addEventListener("click", () => this.#choose(true));
    byId("country-retry").addEventListener("click", () => {
      this.#arrivals = LOADING;
      this.#render();
      void this.#askArrivals();
    });
    byId("history-retry").addEventListener("click", () => {
      this.#history = LOADING;
      void this.#renderHistory();
      void this.#askHistory();
    });
  }

  /** Shows a country, or what a new picture makes of it. */
  show(sight: Sight): void {
    const before = this.#sight;
    const same = before?.country.iso_a2 === sight.country.iso_a2 && before.live === sight.live;
    this.#sight = sight;
    if (!same || (!sight.live && before.time !== sight.time)) {
      this.#wish++;
      this.#arrivals = LOADING;
      this.#history = LOADING;
      this.#historyTime = 0;
      this.#showsComing = false;
      this.#flights.reset();
      void this.#renderHistory();
    }
    this.#render();
    // Before the first live frame it is not known which day is asked for.
    if (sight.time === 0) return;
    if (sight.time - this.#historyTime > HISTORY_AGE_MAX) void this.#askHistory();
    if (sight.live) void this.#askArrivals();
  }

  hide(): void {
    this.#wish++;
    this.#sight = null;
    this.#removeChart();
    this.#removeChart = () => {};
  }

  /** The chart's colours are those of the moment it was drawn. */
  redraw(): void {
    if (this.#sight !== null) void this.#renderHistory();
  }

  #choose(showsComing: boolean): void {
    this.#showsComing = showsComing;
    this.#flights.reset();
    this.#render();
  }

  async #askArrivals(): Promise<void> {
    const [wish, iso] = [this.#wish, this.#sight?.country.iso_a2 ?? ""];
    const answer = await ask(() => fetchCountryFlights(iso).then(coming), {
      missing: "This server does not predict which flights are coming",
      failed: "The coming flights cannot be shown",
    });
    if (wish !== this.#wish) return;
    this.#arrivals = answer;
    this.#render();
  }

  async #askHistory(): Promise<void> {
    const sight = this.#sight;
    if (sight === null) return;
    const [wish, [from, to]] = [this.#wish, dayBefore(sight)];
    this.#historyTime = sight.time;
    const iso = sight.country.iso_a2;
    const answer = await ask(() => fetchCountryHistory(iso, date(from), date(to)), {
      missing: "This server keeps no history of countries",
      failed: "The last 24 hours cannot be shown",
    });
    if (wish !== this.#wish) return;
    this.#history = answer;
    void this.#renderHistory();
  }

  #render(): void {
    const sight = this.#sight;
    if (sight === null) return;
    const { live, over } = sight;
    this.#coming.hidden = !live;
    const arrivals = this.#arrivals;
    setText(byId("country-over-count"), number(over.length));
    setText(byId("country-coming-count"),
      arrivals.kind === "ready" ? number(arrivals.value.length) : "–");
    this.#over.setAttribute("aria-pressed", String(!this.#showsComing));
    this.#coming.setAttribute("aria-pressed", String(this.#showsComing));
    const listed = !this.#showsComing ? byName(over)
      : arrivals.kind === "ready" ? arrivals.value : [];
    this.#flights.show(listed);
    const failed = this.#showsComing && arrivals.kind === "failed";
    byId("country-retry").hidden = !failed;
    const message = this.#showsComing && arrivals.kind === "loading" ? "Loading"
      : this.#showsComing && arrivals.kind === "failed" ? arrivals.why
      : listed.length > 0 ? ""
      : this.#showsComing ? "No flight is predicted to enter within 30 minutes"
      : "No aircraft over it in this picture";
    byId("country-message").hidden = message === "";
    setText(byId("country-message"), message);
  }

  async #renderHistory(): Promise<void> {
    const drawing = ++this.#drawing;
    const [history, sight, box] = [this.#history, this.#sight, byId("history-chart")];
    if (sight === null) return;
    const points = history.kind === "ready" ? history.value : [];
    const message = history.kind === "loading" ? "Loading"
      : history.kind === "failed" ? history.why
      : points.length === 0 ? "Nothing is stored of these 24 hours" : "";
    setText(byId("history-message"), message);
    byId("history-message").hidden = message === "";
    byId("history-retry").hidden = history.kind !== "failed";
    setText(byId("history-reading"), "");
    this.#removeChart();
    this.#removeChart = () => {};
    box.setAttribute("aria-label", points.length > 0 ? describe(points) : "");
    box.hidden = points.length === 0;
    if (points.length === 0) return;
    const remove = await drawHistory(box, points, dayBefore(sight), (point) => {
      setText(byId("history-reading"), point === null ? "" : reading(point));
    });
    if (drawing === this.#drawing) this.#removeChart = remove;
    else remove();
  }
}

function dayBefore({ time }: Sight): Range {
  return [time - DAY, time];
}

function date(unix: number): string {
  return `${new Date(unix * 1_000).toISOString().slice(0, 19)}Z`;
}

/** The answer, or in words why there is none. */
async function ask<T>(
  fetch: () => Promise<T>, words: { missing: string; failed: string },
): Promise<Asked<T>> {
  try {
    return { kind: "ready", value: await fetch() };
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) {
      return { kind: "failed", why: words.missing };
    }
    return { kind: "failed", why: `${words.failed}: ${reason(error)}` };
  }
}
