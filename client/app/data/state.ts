// One aircraft's state as the API spells it: OpenSky's names, SI units, null for unknown.

export interface StateObject {
  icao24: string;
  callsign: string | null;
  origin_country: string | null;
  time_position: number | null;
  last_contact: number;
  longitude: number | null;
  latitude: number | null;
  baro_altitude: number | null;
  on_ground: boolean;
  velocity: number | null;
  true_track: number | null;
  vertical_rate: number | null;
  geo_altitude: number | null;
  squawk: string | null;
  spi: boolean;
  position_source: number | null;
  category: number | null;
  /** English name of the country underneath. */
  current_country: string | null;
}

/** What callers show as the aircraft's name: its callsign, else its address. */
export function nameOf(state: StateObject): string {
  return state.callsign || state.icao24.toUpperCase();
}
