// The rows of state objects as the map draws them, written apart from the decoder that makes them.

/** Ten numbers; what is unknown is NaN. */
export function row(state) {
  const known = (value) => value ?? NaN;
  return [
    parseInt(state.icao24, 16), state.longitude, state.latitude,
    state.time_position ?? state.last_contact, known(state.velocity), known(state.true_track),
    known(state.baro_altitude ?? state.geo_altitude), Number(state.on_ground),
    state.squawk === null ? NaN : parseInt(state.squawk, 8), known(state.category),
  ];
}

/** Those of all that have a position, by address. */
export function rowsOf(states) {
  const placed = states.filter(({ longitude }) => longitude !== null);
  placed.sort((a, b) => (a.icao24 < b.icao24 ? -1 : 1));
  return Float64Array.from(placed.flatMap(row));
}
