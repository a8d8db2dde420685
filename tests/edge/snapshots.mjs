// Snapshots to push, generated from a seed, in the format of OpenSky's `/states/all`.
//
// They contain what real ones contain: padded, empty and null callsigns, aircraft without a
// position, exact zeros that are real coordinates, the antimeridian and the poles, impossible
// speeds, jumps, null columns, aircraft that come and go. `expected` returns what must be served.

import { random } from "../../client/test/random.mjs";

/** Rounds to the digits that a source prints, and never to minus zero, which JSON loses. */
function round(value, digits) {
  return Number(value.toFixed(digits)) + 0;
}

/** Areas of dense traffic: west, south, east, north, in degrees. */
const THICK = [[-10, 40, 25, 58], [-125, 28, -70, 48], [100, 5, 140, 42], [-70, -35, -40, 0]];
const ORIGINS = ["United States", "Germany", "China", "Kingdom of the Netherlands", "", null];
const POINTS = [[0, 0], [-180, 10.5], [180, -10.5], [12.25, 90], [-60.5, -90], [0, 51.4779]];

/** A generated world of aircraft; `next()` returns the response of its next minute. */
export class Snapshots {
  #random;
  #columns;
  #step;
  #aircraft = new Map();

  constructor(seed, count, { time = 1_767_225_600, columns = 17, step = 60 } = {}) {
    this.#random = random(seed);
    this.#columns = columns;
    this.#step = step;
    this.time = time - step;
    while (this.#aircraft.size < count) this.#arrive();
  }

  #between(low, high, digits = 4) {
    return round(low + this.#random() * (high - low), digits);
  }

  #pick(list) {
    return list[Math.floor(this.#random() * list.length)];
  }

  #chance(share) {
    return this.#random() < share;
  }

  #place() {
    if (this.#chance(0.02)) return this.#pick(POINTS);
    const [west, south, east, north] = this.#chance(0.8)
      ? this.#pick(THICK)
      : [-180, -80, 180, 80];
    return [this.#between(west, east), this.#between(south, north)];
  }

  #arrive() {
    const icao24 = Math.floor(this.#random() * 2 ** 24).toString(16).padStart(6, "0");
    if (this.#aircraft.has(icao24)) return;
    const letters = this.#pick(["DLH", "UAL", "AFR", "CCA", "N", "R  Q"]);
    const callsign = `${letters}${Math.floor(this.#random() * 1_000)}`.padEnd(8);
    const [longitude, latitude] = this.#place();
    const somewhere = this.#chance(0.97);
    this.#aircraft.set(icao24, {
      callsign: somewhere && this.#chance(0.05) ? this.#pick([null, "", "        "]) : callsign,
      origin: this.#pick(ORIGINS),
      longitude: somewhere ? longitude : null,
      latitude: somewhere ? latitude : null,
      altitude: this.#between(0, 12_500, 2),
      track: this.#between(0, 360, 2),
      velocity: this.#chance(0.01) ? 1_684.25 : this.#between(0, 280, 2),
      ground: this.#chance(0.1),
      category: Math.floor(this.#random() * 21),
    });
  }

  /** Advances a minute: most move, some turn or jump, one in a hundred is replaced by another. */
  next() {
    this.time += this.#step;
    const count = this.#aircraft.size;
    for (const [icao24, one] of this.#aircraft) {
      if (this.#chance(0.01)) this.#aircraft.delete(icao24);
      else if (one.longitude !== null && this.#chance(0.9)) this.#move(one);
    }
    while (this.#aircraft.size < count) this.#arrive();
    const states = [...this.#aircraft].map(([icao24, one]) => this.#row(icao24, one));
    return { time: this.time, states };
  }

  #move(one) {
    if (this.#chance(0.005)) [one.longitude, one.latitude] = this.#place();
    const radians = (one.track * Math.PI) / 180;
    const degrees = (one.velocity * this.#step) / 111_320;
    const latitude = one.latitude + degrees * Math.cos(radians);
    one.latitude = round(Math.max(-90, Math.min(90, latitude)), 4);
    const longitude = one.longitude + degrees * Math.sin(radians);
    one.longitude = round(((longitude + 540) % 360) - 180, 4);
    if (this.#chance(0.2)) one.track = this.#between(0, 360, 2);
  }

  #row(icao24, one) {
    const known = (value) => (this.#chance(0.03) ? null : value);
    const contact = this.time - Math.floor(this.#random() * 90);
    const row = [icao24, one.callsign, one.origin];
    row.push(one.longitude === null ? null : contact, contact, one.longitude, one.latitude);
    row.push(known(one.altitude), one.ground, known(one.velocity), known(one.track));
    row.push(known(this.#between(-20, 20, 2)), this.#chance(0.1) ? [1, 2] : null);
    row.push(known(one.altitude + 61.5), this.#chance(0.4) ? null : this.#squawk());
    row.push(this.#chance(0.01), this.#pick([0, 0, 0, 1, 2, 3]));
    if (this.#columns === 18) row.push(one.category);
    return row;
  }

  #squawk() {
    return Math.floor(this.#random() * 4_096).toString(8).padStart(4, "0");
  }
}

/** Rows without a usable address; pushed among good ones, only these are lost. */
export const FAULTS = [
  null,
  {},
  [],
  ["abc"],
  Array(19).fill(null),
  faulty(0, null),
  faulty(0, "xyzxyz"),
  faulty(0, 0xfa0170),
  faulty(0, "fa0170\u202e"),
];

/** Values that cost their field: its name, its column, the value, and what is served instead. */
export const DROPPED = [
  ["callsign", 1, "<img src=x onerror=alert(1)>", null],
  ["origin_country", 2, ["Nowhere"], null],
  ["time_position", 3, -1, null],
  ["last_contact", 4, "now", 1],
  ["longitude", 5, 200, null],
  ["latitude", 6, "51", null],
  ["baro_altitude", 7, 1e300, null],
  ["on_ground", 8, "yes", false],
  ["velocity", 9, -1, null],
  ["true_track", 10, 721, null],
  ["vertical_rate", 11, {}, null],
  ["geo_altitude", 13, true, null],
  ["squawk", 14, "9999", null],
  ["spi", 15, 2, false],
  ["position_source", 16, 256, null],
];

/** Returns a good row with this value in one column. */
export function faulty(column, value, icao24 = "fa0170") {
  const row = [icao24, "FAULT", "Nowhere", 1, 1, 5, 50, 1, false, 1, 1, 1, null, 1, "7000"];
  row.push(false, 0);
  row[column] = value;
  return row;
}

/** Returns the state objects a server must make of good rows, without the country that it adds. */
export function expected({ states }) {
  return (states ?? []).map(object).sort(byAddress);
}

function object(row) {
  const text = (value) => (value === null || value.trim() === "" ? null : value.trim());
  const placed = row[5] !== null && row[6] !== null;
  return {
    icao24: row[0],
    callsign: text(row[1]),
    origin_country: row[2] === "" ? null : row[2],
    time_position: row[3],
    last_contact: row[4],
    longitude: placed ? row[5] : null,
    latitude: placed ? row[6] : null,
    baro_altitude: row[7],
    on_ground: row[8],
    velocity: row[9],
    true_track: row[10] === 360 ? 0 : row[10],
    vertical_rate: row[11],
    geo_altitude: row[13],
    squawk: row[14],
    spi: row[15],
    position_source: row[16],
    category: row[17] ?? null,
  };
}

/** Returns a snapshot as readsb sends it, in some 140 bytes a row: without its other fields. */
export function readsb({ time, states }) {
  const whole = (value, unit) => (value === null ? null : Math.round(value / unit));
  const aircraft = states.map((row) => {
    const known = { hex: row[0], flight: row[1], lat: row[6], lon: row[5], seen: time - row[4] };
    const moving = { alt_baro: whole(row[7], 0.3048), gs: whole(row[9], 0.5144), track: row[10] };
    return { ...known, ...moving, squawk: row[14] };
  });
  return { now: time, aircraft };
}

/** Returns a snapshot as an array of state objects, in some 150 bytes a row. */
export function objects({ time, states }) {
  const load_date = iso(time);
  return states.map((row, index) => {
    const named = { icao24: row[0], callsign: row[1], last_contact: row[4] };
    const moving = { longitude: row[5], latitude: row[6], velocity: row[9], true_track: row[10] };
    return { ...named, ...moving, ...(index === 0 ? { load_date } : {}) };
  });
}

export function byAddress(a, b) {
  return a.icao24 < b.icao24 ? -1 : 1;
}

/** Returns a state object without the fields that the server adds. */
export function asSent({ current_country, load_date, ...state }) {
  return state;
}

/** Returns a snapshot's time as the API writes it. */
export function iso(time) {
  return new Date(time * 1_000).toISOString().replace(".000Z", "Z");
}
