// A small snapshot to push: aircraft at known positions, in the format of `/states/all`.

/** Makes rows in OpenSky's columns from state objects; missing fields are null. */
export function snapshot(time, ...aircraft) {
  const states = aircraft.map((state) => [
    state.icao24, state.callsign ?? null, state.origin_country ?? "Germany",
    state.time_position ?? time, state.last_contact ?? time, state.longitude, state.latitude,
    state.baro_altitude ?? 11_000, state.on_ground ?? false, state.velocity ?? 0,
    state.true_track ?? 0, state.vertical_rate ?? 0, null, state.geo_altitude ?? null,
    state.squawk ?? null, false, 0,
  ]);
  return { time, states };
}

/** Returns the current Unix seconds. */
export function now() {
  return Math.floor(Date.now() / 1_000);
}
