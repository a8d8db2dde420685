// The panel about the selected aircraft.

import { byId, create, setText } from "./element.ts";
import * as format from "./format.ts";
import { nameOf, type StateObject } from "./state.ts";

/** Seconds after which a position's age is marked: it is drawn where it should be, not where it is. */
const OLD = 60;

export interface DetailsActions {
  close(): void;
  centre(): void;
  follow(on: boolean): void;
}

export class DetailsPanel {
  readonly #panel = byId("details");
  readonly #follow = byId("follow");
  readonly #actions: DetailsActions;

  constructor(actions: DetailsActions) {
    this.#actions = actions;
    byId("details-close").addEventListener("click", () => actions.close());
    byId("centre").addEventListener("click", () => actions.centre());
    this.#follow.addEventListener("click", () => this.setFollowing(!this.following));
  }

  get open(): boolean {
    return !this.#panel.hidden;
  }

  get following(): boolean {
    return this.#follow.getAttribute("aria-pressed") === "true";
  }

  setFollowing(on: boolean): void {
    if (on === this.following) return;
    this.#follow.setAttribute("aria-pressed", String(on));
    setText(this.#follow, on ? "Following" : "Follow");
    this.#actions.follow(on);
  }

  close(): void {
    this.setFollowing(false);
    this.#panel.hidden = true;
  }

  /** `live` is false for a past minute, in which nothing can be followed. */
  show(state: StateObject, now: number, live: boolean): void {
    this.#panel.hidden = false;
    this.#follow.hidden = !live;
    setText(byId("details-name"), nameOf(state));
    byId("details-identity").replaceChildren(
      create("code", state.icao24),
      ` · ${state.origin_country || "unknown registration"}`,
    );
    const emergency = format.emergency(state.squawk);
    byId("details-emergency").hidden = emergency === null;
    setText(byId("details-emergency"), `${state.squawk} · ${emergency}`);
    this.#showCountry(state);
    showTiles(state);
    showRows(state, now);
  }

  /** The selected aircraft is in no frame any more. */
  showGone(icao24: string): void {
    this.#panel.hidden = false;
    this.#follow.hidden = true;
    setText(byId("details-name"), icao24.toUpperCase());
    byId("details-identity").replaceChildren("Not received in this picture");
    byId("details-emergency").hidden = true;
    for (const id of ["details-over", "details-figures", "details-rows"]) {
      byId(id).replaceChildren();
    }
  }

  #showCountry(state: StateObject): void {
    const where = state.on_ground ? "On the ground in " : "Over ";
    if (state.current_country !== null) {
      byId("details-over").replaceChildren(where, create("b", state.current_country));
    } else if (state.longitude === null) {
      byId("details-over").replaceChildren("Position unknown");
    } else {
      byId("details-over").replaceChildren("Over ", create("b", "no country's land"));
    }
  }
}

function showTiles(state: StateObject): void {
  const altitude = state.baro_altitude ?? state.geo_altitude;
  const tiles: [string, format.Pair][] = [
    ["Altitude", state.on_ground && altitude === null ? { main: "Ground", other: "" }
      : format.altitude(altitude)],
    ["Ground speed", format.speed(state.velocity)],
    ["Track", format.track(state.true_track)],
    ["Vertical rate", state.on_ground ? { main: "On ground", other: "" }
      : format.verticalRate(state.vertical_rate)],
  ];
  byId("details-figures").replaceChildren(...tiles.map(([name, pair]) => {
    const tile = create("div", "");
    tile.append(create("dt", name), create("dd", pair.main), create("dd", pair.other));
    return tile;
  }));
}

function showRows(state: StateObject, now: number): void {
  const age = state.time_position === null ? null : now - state.time_position;
  const rows: [name: string, value: string, attributes: Record<string, string>][] = [
    ["Squawk", state.squawk ?? "–", { class: "code" }],
    ["Position age", age === null ? "–" : format.duration(age),
      age !== null && age > OLD ? { "data-tone": "warning" } : {}],
    ["Position source", format.positionSource(state.position_source), {}],
    ["Status", state.on_ground ? "On ground" : "Airborne", {}],
  ];
  if (state.longitude !== null && state.latitude !== null) {
    rows.push(["Last position", format.coordinates(state.longitude, state.latitude), {}]);
  }
  byId("details-rows").replaceChildren(...rows.map(([name, value, attributes]) => {
    const row = create("div", "");
    row.append(create("dt", name), create("dd", value, attributes));
    return row;
  }));
}
