// Natural Earth's countries (npm world-atlas, public domain) → the map's own TopoJSON: the same
// arcs, with the country's code, a place for each name and the size of what it names.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { feature } from "topojson-client";

const require = createRequire(import.meta.url);
const FINEST = "10m";

/** The country and name of each feature: the Worker's own table. */
const COUNTRIES = new Map(
  readFileSync(new URL("../src/earth/country/countries.tsv", import.meta.url), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .flatMap((line) => {
      const [code, , name, features] = line.split("\t");
      // Land that belongs to no country has a name on the map, but no code.
      const country = code === "-" ? {} : { iso_a2: code };
      // The first feature is the country itself, the others are far parts with names of their own.
      return features.split(";").map((key, index) =>
        [key, index === 0 && code !== "-" ? { ...country, name } : country]);
    }),
);

/** Writes the outlines of world-atlas' `countries-<scale>` to `to`. */
export function writeBasemap(scale, to) {
  const topology = read(scale);
  if (scale !== FINEST) addMissing(topology, read(FINEST));
  const named = new Set();
  for (const geometry of topology.objects.countries.geometries) {
    const outline = feature(topology, geometry).geometry;
    const part = largest(outline.type === "Polygon" ? [outline.coordinates] : outline.coordinates);
    const [longitude, latitude] = insidePoint(part.map(thinned));
    const country = COUNTRIES.get(key(geometry));
    if (country === undefined) throw new Error(`${key(geometry)} is not in countries.tsv`);
    // An island may share its country's id (Ashmore's is Australia's); the mainland comes first.
    const own = named.has(key(geometry)) ? { name: geometry.properties.name } : {};
    named.add(key(geometry));
    geometry.properties = {
      name: geometry.properties.name,
      ...country,
      ...own,
      label: [round(longitude), round(latitude)],
      size: round(area(part[0]) * Math.cos(latitude * (Math.PI / 180))),
    };
    delete geometry.id;
  }
  writeFileSync(to, JSON.stringify(topology));
}

function read(scale) {
  const source = require.resolve(`world-atlas/countries-${scale}.json`);
  const topology = JSON.parse(readFileSync(source, "utf8"));
  delete topology.objects.land;
  return topology;
}

/** A feature's key in countries.tsv: its id, or its name if it has none. */
function key(geometry) {
  return geometry.id ?? geometry.properties.name;
}

/** Adds countries that a coarser scale omits (Gibraltar, Tuvalu) from the finest scale. */
function addMissing(topology, fine) {
  const countries = topology.objects.countries.geometries;
  const there = new Set(countries.map((geometry) => COUNTRIES.get(key(geometry))?.iso_a2));
  const { scale, translate } = topology.transform;
  for (const geometry of fine.objects.countries.geometries) {
    if (there.has(COUNTRIES.get(key(geometry))?.iso_a2)) continue;
    const { type, coordinates } = feature(fine, geometry).geometry;
    const polygons = type === "Polygon" ? [coordinates] : coordinates;
    const arcs = polygons.map((rings) => rings.map((ring) => {
      const grid = ring.map((point) =>
        point.map((value, axis) => Math.round((value - translate[axis]) / scale[axis])));
      const deltas = grid.map((point, i) =>
        point.map((value, axis) => value - (grid[i - 1]?.[axis] ?? 0)));
      return [topology.arcs.push(deltas) - 1];
    }));
    countries.push({ ...geometry, type: "MultiPolygon", arcs });
  }
}

/** Thins a ring out for placing a name in it. */
function thinned(ring) {
  const every = Math.ceil(ring.length / 200);
  return ring.filter((_, i) => i % every === 0);
}

function round(value) {
  return Math.round(value * 100) / 100;
}

function largest(polygons) {
  return polygons.reduce((best, polygon) => (area(polygon[0]) > area(best[0]) ? polygon : best));
}

/** Square degrees of a ring. */
function area(ring) {
  let sum = 0;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    sum += ring[j][0] * ring[i][1] - ring[i][0] * ring[j][1];
  }
  return Math.abs(sum) / 2;
}

/** Approximates the pole of inaccessibility: the best point of a grid, then of finer grids. */
function insidePoint(polygon) {
  const longitudes = polygon[0].map((point) => point[0]);
  const latitudes = polygon[0].map((point) => point[1]);
  let [west, east] = [Math.min(...longitudes), Math.max(...longitudes)];
  let [south, north] = [Math.min(...latitudes), Math.max(...latitudes)];
  let best = [(west + east) / 2, (south + north) / 2];
  let bestDistance = -Infinity;
  for (let round = 0; round < 4; round++) {
    const [width, height] = [(east - west) / 10, (north - south) / 10];
    for (let column = 0; column <= 10; column++) {
      for (let row = 0; row <= 10; row++) {
        const point = [west + column * width, south + row * height];
        const distance = insideDistance(polygon, point);
        if (distance > bestDistance) [best, bestDistance] = [point, distance];
      }
    }
    [west, east] = [best[0] - 2 * width, best[0] + 2 * width];
    [south, north] = [best[1] - 2 * height, best[1] + 2 * height];
  }
  return best;
}

/** Degrees to the nearest edge, negative outside; names are wide, so height counts double. */
function insideDistance(polygon, [x, y]) {
  const stretch = Math.cos(y * (Math.PI / 180)) / 2;
  let within = false;
  let nearest = Infinity;
  for (const ring of polygon) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [ax, ay] = ring[i];
      const [bx, by] = ring[j];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) within = !within;
      const [ex, ey] = [(bx - ax) * stretch, by - ay];
      const [px, py] = [(x - ax) * stretch, y - ay];
      const length = ex * ex + ey * ey;
      const t = length === 0 ? 0 : Math.max(0, Math.min(1, (px * ex + py * ey) / length));
      nearest = Math.min(nearest, Math.hypot(px - t * ex, py - t * ey));
    }
  }
  return within ? nearest : -nearest;
}
