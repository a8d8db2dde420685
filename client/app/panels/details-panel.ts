// The panel about the selected aircraft.

import { byId, create, setText } from "../page/element.ts";
import * as format from "../page/format.ts";
import { nameOf, type StateObject } from "../data/state.ts";

/** Seconds after which a position's age is marked: the position is mostly dead-reckoned. */
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

  /** `live` is false for a past minute, where aircraft do not move and cannot be followed. */
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

  /** Shows that the selected aircraft is not in the picture. */
  showGone(icao24: string): void {
    this.#panel.hidden = false;
    this.#follow.hidden = true;
    setText(byId("details-name"), icao24.toUpperCase());
    byId("details-identity").replaceChildren("Not received at this time");
    byId("details-emergency").hidden = true;
    for (const id of ["details-over", "details-figures", "details-rows"]) {
      byId(id).replaceChildren();
    }
  }

  #showCountry(state: StateObject): void {
    if (state.longitude === null) {
      byId("details-over").replaceChildren("Position unknown");
    } else {
      byId("details-over").replaceChildren(
        state.on_ground ? "On the ground in " : "Over ",
        create("b", state.current_country ?? "no country"),
      );
    }
  }
}

function showTiles(state: StateObject): void {
  const altitude = state.baro_altitude ?? state.geo_altitude;
  const onGround = { main: "On ground", other: "" };
  const tiles: [string, format.Pair][] = [
    ["Altitude", altitude === null && state.on_ground ? onGround : format.altitude(altitude)],
    ["Ground speed", format.speed(state.velocity)],
    ["Track", format.track(state.true_track)],
    ["Vertical rate", state.on_ground ? onGround : format.verticalRate(state.vertical_rate)],
  ];
  fill(byId("details-figures"), tiles.map(([name, { main, other }]) => [name, main, other]));
}

function showRows(state: StateObject, now: number): void {
  const age = state.time_position === null ? null : now - state.time_position;
  const { longitude, latitude } = state;
  const known = longitude !== null && latitude !== null;
  fill(byId("details-rows"), [
    ["Squawk", state.squawk ?? "–"],
    ["Position age", age === null ? "–" : format.duration(age)],
    ["Position source", format.positionSource(state.position_source)],
    ["Status", state.on_ground ? "On ground" : "Airborne"],
    ["Last position", known ? format.coordinates(longitude, latitude) : "–"],
  ]);
  byId("details-rows").classList.toggle("old", age !== null && age > OLD);
}

/** Fills a list of names and values. Elements are kept, so that a text selection survives. */
function fill(list: HTMLElement, rows: readonly (readonly string[])[]): void {
  while (list.childElementCount < rows.length) list.append(create("div", ""));
  rows.forEach((texts, index) => {
    const row = list.children[index];
    if (row === undefined) return;
    texts.forEach((text, column) => {
      const cell = row.children[column] ?? row.appendChild(create(column === 0 ? "dt" : "dd", ""));
      setText(cell as HTMLElement, text);
    });
  });
}
