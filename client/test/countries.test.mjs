// Countries on the map: classes, ranks, outlines.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ranked } from "../app/panels/country-list.ts";
import { BREAKS, classOf } from "../app/map/country-scale.ts";
import { arriving, byName } from "../app/panels/flight-list.ts";
import { themeFor } from "../app/map/theme.ts";

test("a class begins at its break, and a count of zero is class 0", () => {
  const classes = [0, 1, 9, 10, 29, 30, 99, 100, 299, 300, 999, 1_000, 3_000].map(classOf);
  assert.deepEqual(classes, [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]);
});

test("in both themes lightness alone distinguishes each class from the next", () => {
  for (const light of [false, true]) {
    const { land, traffic, name } = themeFor(light);
    assert.equal(traffic.length, BREAKS.length, name);
    const steps = [land, ...traffic].map(lightness);
    for (let i = 1; i < steps.length; i++) {
      const step = (steps[i] - steps[i - 1]) * (light ? -1 : 1);
      assert.ok(step > 4, `${name}: class ${i} is ${step.toFixed(1)} L* from the previous one`);
    }
  }
});

test("countries are ranked by count, then by name, and empty ones are left out", () => {
  const country = (name, count) => ({ name, iso_a2: name.slice(0, 2).toUpperCase(), count });
  const ranks = ranked([
    country("Chad", 3), country("Peru", 0), country("Åland Islands", 3), country("Fiji", 40),
  ]);
  assert.deepEqual(ranks.map(({ name }) => name), ["Fiji", "Åland Islands", "Chad"]);
});

test("flights over a country are sorted by name, and arriving ones by time", () => {
  const flight = (icao24, callsign, enters_in) => ({ icao24, callsign, enters_in });
  const flights = [flight("000003", null, 60), flight("000002", "ZZ", 0), flight("000001", "A", 5)];
  const ids = (list) => list.map(({ icao24 }) => icao24);
  assert.deepEqual(ids(byName(flights)), ["000001", "000002", "000003"]);
  assert.deepEqual(ids(arriving(flights)), ["000001", "000003"]);
});

test("every country of the API has an outline at both scales, with the same name", () => {
  const table = readFileSync("src/earth/country/countries.tsv", "utf8").split("\n")
    .filter((line) => /^[A-Z]{2}\t/.test(line)).map((line) => line.split("\t"));
  assert.ok(table.length > 200);
  for (const scale of ["50m", "10m"]) {
    const { objects } = JSON.parse(readFileSync(`dist/countries-${scale}.json`, "utf8"));
    const outlined = objects.countries.geometries.map(({ properties }) => properties);
    for (const [code, , name] of table) {
      const names = outlined.filter(({ iso_a2 }) => iso_a2 === code).map((found) => found.name);
      assert.ok(names.includes(name), `${scale}: ${code} ${name} is not among [${names}]`);
    }
  }
});

/** Returns the CIE L* of "#rrggbb". */
function lightness(hex) {
  const linear = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const y = 0.212_6 * linear[0] + 0.715_2 * linear[1] + 0.072_2 * linear[2];
  return 116 * Math.cbrt(y) - 16;
}
