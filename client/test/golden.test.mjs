// The golden frames, read by the decoder that browsers run: to the last bit what was read natively.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { initSync, Sky } from "../../target/decoder/decoder.js";

const GOLDEN = new URL("../../tests/golden/", import.meta.url);
initSync({ module: readFileSync(new URL("../../dist/decoder.wasm", import.meta.url)) });

/** A row as the map draws it, of a state object. */
function row(state) {
  const known = (value) => value ?? NaN;
  return [
    parseInt(state.icao24, 16), state.longitude, state.latitude,
    state.time_position ?? state.last_contact, known(state.velocity), known(state.true_track),
    known(state.baro_altitude ?? state.geo_altitude), Number(state.on_ground),
    state.squawk === null ? NaN : parseInt(state.squawk, 8), known(state.category),
  ];
}

const names = readdirSync(GOLDEN).filter((name) => name.endsWith(".json"));
assert.ok(names.length > 0, "there are golden frames");

for (const name of names) {
  test(`the golden frames of ${name} are read as natively`, () => {
    const sky = new Sky();
    for (const { frame, leads_to } of JSON.parse(readFileSync(new URL(name, GOLDEN), "utf8"))) {
      sky.apply(Buffer.from(frame, "hex"));
      const { epoch, sequence, time, states } = leads_to;
      assert.deepEqual([sky.epoch, sky.sequence, sky.time], [epoch, sequence, time]);
      assert.equal(sky.count, states.length);
      for (const state of states) {
        assert.deepEqual(JSON.parse(sky.details(state.icao24)), state);
      }
      const placed = states.filter(({ longitude }) => longitude !== null);
      assert.deepEqual([...sky.rows()], placed.flatMap(row));
    }
  });
}
