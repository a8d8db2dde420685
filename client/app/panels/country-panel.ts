// One country: its last day, the aircraft over it, and those that will enter it.

import {
  ApiError, fetchCountryFlights, fetchCountryHistory, reason, type Arrival, type HistoryPoint,
} from "../data/api.ts";
import { byId, setText } from "../page/element.ts";
import { FlightList, arriving, byName } from "./flight-list.ts";
import { number } from "../page/format.ts";
import { describe, drawHistory, reading, type Range } from "./history-chart.ts";
import type { CountryCount } from "../data/picture.ts";
import type { StateObject } from "../data/state.ts";

const DAY = 86_400;
/** Seconds after which the history is fetched anew: its hours change slowly. */
const HISTORY_AGE_MAX = 600;

/** A value from the server. */
type Loaded<T> =
  { kind: "loading" } | { kind: "ready"; value: T } | { kind: "failed"; why: string };
const LOADING = { kind: "loading" } as const;

/** What the panel shows of a picture. */
export interface CountryView {
  country: CountryCount;
  over: readonly StateObject[];
  /** Unix seconds. */
  time: number;
  live: boolean;
}

export class CountryPanel {
  readonly #over = byId<HTMLButtonElement>("country-over");
  readonly #arriving = byId<HTMLButtonElement>("country-coming");
  readonly #flights: FlightList;
  #view: CountryView | null = null;
  #showsArrivals = false;
  #arrivals: Loaded<Arrival[]> = LOADING;
  #history: Loaded<HistoryPoint[]> = LOADING;
  #historyTime = 0;
  #removeChart: () => void = () => {};
  /** Counts the shown countries, so that a late answer about another one is dropped. */
  #request = 0;
  #drawing = 0;

  constructor(open: (icao24: string) => void) {
    this.#flights = new FlightList(open);
    this.#over.addEventListener("click", () => this.#choose(false));
    this.#arriving.addEventListener("click", () => this.#choose(true));
    byId("country-retry").addEventListener("click", () => this.retry());
    byId("history-retry").addEventListener("click", () => this.retry());
  }

  /** Loads again what could not be loaded. */
  retry(): void {
    if (this.#arrivals.kind === "failed") {
      this.#arrivals = LOADING;
      this.#render();
      void this.#loadArrivals();
    }
    if (this.#history.kind === "failed") {
      this.#history = LOADING;
      void this.#renderHistory();
      void this.#loadHistory();
    }
  }

  /** Shows a country, or updates it from a new picture. */
  show(view: CountryView): void {
    const before = this.#view;
    const same = before?.country.iso_a2 === view.country.iso_a2 && before.live === view.live;
    this.#view = view;
    if (!same || (!view.live && before.time !== view.time)) {
      this.#request++;
      this.#arrivals = LOADING;
      this.#history = LOADING;
      this.#historyTime = 0;
      this.#showsArrivals = false;
      this.#flights.reset();
      void this.#renderHistory();
    }
    this.#render();
    // Before the first live frame the time, and so the day, is unknown.
    if (view.time === 0) return;
    if (view.time - this.#historyTime > HISTORY_AGE_MAX) void this.#loadHistory();
    if (view.live) void this.#loadArrivals();
  }

  hide(): void {
    this.#request++;
    this.#view = null;
    this.#removeChart();
    this.#removeChart = () => {};
  }

  /** Draws the chart again in the colours of a new theme. */
  redraw(): void {
    if (this.#view !== null) void this.#renderHistory();
  }

  #choose(showsArrivals: boolean): void {
    this.#showsArrivals = showsArrivals;
    this.#flights.reset();
    this.#render();
  }

  async #loadArrivals(): Promise<void> {
    const [request, iso] = [this.#request, this.#view?.country.iso_a2 ?? ""];
    const answer = await load(() => fetchCountryFlights(iso).then(arriving), {
      missing: "This server does not predict arriving flights",
      failed: "The arriving flights cannot be shown",
    });
    if (request !== this.#request) return;
    this.#arrivals = answer;
    this.#render();
  }

  async #loadHistory(): Promise<void> {
    const view = this.#view;
    if (view === null) return;
    const [request, [from, to]] = [this.#request, dayBefore(view)];
    this.#historyTime = view.time;
    const iso = view.country.iso_a2;
    const answer = await load(() => fetchCountryHistory(iso, date(from), date(to)), {
      missing: "This server keeps no history of countries",
      failed: "The last 24 hours cannot be shown",
    });
    if (request !== this.#request) return;
    this.#history = answer;
    void this.#renderHistory();
  }

  #render(): void {
    const view = this.#view;
    if (view === null) return;
    const { live, over } = view;
    this.#arriving.hidden = !live;
    const arrivals = this.#arrivals;
    setText(byId("country-over-count"), number(over.length));
    setText(byId("country-coming-count"),
      arrivals.kind === "ready" ? number(arrivals.value.length) : "–");
    this.#over.setAttribute("aria-pressed", String(!this.#showsArrivals));
    this.#arriving.setAttribute("aria-pressed", String(this.#showsArrivals));
    const listed = !this.#showsArrivals ? byName(over)
      : arrivals.kind === "ready" ? arrivals.value : [];
    this.#flights.show(listed);
    const failed = this.#showsArrivals && arrivals.kind === "failed";
    byId("country-retry").hidden = !failed;
    const message = this.#showsArrivals && arrivals.kind === "loading" ? "Loading"
      : this.#showsArrivals && arrivals.kind === "failed" ? arrivals.why
      : listed.length > 0 ? ""
      : this.#showsArrivals ? "No flight is predicted to enter within 30 minutes"
      : "No aircraft over this country";
    byId("country-message").hidden = message === "";
    setText(byId("country-message"), message);
  }

  async #renderHistory(): Promise<void> {
    const drawing = ++this.#drawing;
    const [history, view, box] = [this.#history, this.#view, byId("history-chart")];
    if (view === null) return;
    const points = history.kind === "ready" ? history.value : [];
    const message = history.kind === "loading" ? "Loading"
      : history.kind === "failed" ? history.why
      : points.length === 0 ? "No minutes are stored for these 24 hours" : "";
    setText(byId("history-message"), message);
    byId("history-message").hidden = message === "";
    byId("history-retry").hidden = history.kind !== "failed";
    setText(byId("history-reading"), "");
    this.#removeChart();
    this.#removeChart = () => {};
    box.setAttribute("aria-label", points.length > 0 ? describe(points) : "");
    box.hidden = points.length === 0;
    if (points.length === 0) return;
    const remove = await drawHistory(box, points, dayBefore(view), (point) => {
      setText(byId("history-reading"), point === null ? "" : reading(point));
    });
    if (drawing === this.#drawing) this.#removeChart = remove;
    else remove();
  }
}

function dayBefore({ time }: CountryView): Range {
  return [time - DAY, time];
}

function date(unix: number): string {
  return `${new Date(unix * 1_000).toISOString().slice(0, 19)}Z`;
}

/** Returns the answer, or in words why there is none. */
async function load<T>(
  fetch: () => Promise<T>, words: { missing: string; failed: string },
): Promise<Loaded<T>> {
  try {
    return { kind: "ready", value: await fetch() };
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) {
      return { kind: "failed", why: words.missing };
    }
    return { kind: "failed", why: `${words.failed}: ${reason(error)}` };
  }
}
