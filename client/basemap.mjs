// Natural Earth's countries (npm world-atlas, public domain) → the map's own TopoJSON: the same
// arcs, with a place for each name and the size of what it names.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { feature } from "topojson-client";

const require = createRequire(import.meta.url);

/** Short names that Natural Earth abbreviates, written out where a map has room. */
const NAMES = {
  "Bosnia and Herz.": "Bosnia and Herzegovina",
  "Central African Rep.": "Central African Republic",
  "Dem. Rep. Congo": "DR Congo",
  "Dominican Rep.": "Dominican Republic",
  "Eq. Guinea": "Equatorial Guinea",
  "Falkland Is.": "Falkland Islands",
  "Fr. S. Antarctic Lands": "French Southern Lands",
  "Macedonia": "North Macedonia",
  "N. Cyprus": "Northern Cyprus",
  "S. Sudan": "South Sudan",
  "Solomon Is.": "Solomon Islands",
  "Turkey": "Türkiye",
  "United States of America": "United States",
  "W. Sahara": "Western Sahara",
  "eSwatini": "Eswatini",
};

/** Writes the outlines of world-atlas' `countries-<scale>` to `to`. */
export function writeBasemap(scale, to) {
  const source = require.resolve(`world-atlas/countries-${scale}.json`);
  const topology = JSON.parse(readFileSync(source, "utf8"));
  delete topology.objects.land;
  for (const geometry of topology.objects.countries.geometries) {
    const { name } = geometry.properties;
    const outline = feature(topology, geometry).geometry;
    const part = largest(outline.type === "Polygon" ? [outline.coordinates] : outline.coordinates);
    const [longitude, latitude] = insidePoint(part.map(thinned));
    delete geometry.id;
    geometry.properties = {
      name: NAMES[name] ?? name,
      label: [round(longitude), round(latitude)],
      size: round(area(part[0]) * Math.cos(latitude * (Math.PI / 180))),
    };
  }
  writeFileSync(to, JSON.stringify(topology));
}

/** Enough of a ring to place a name in it. */
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

/** About the pole of inaccessibility: the best of a grid, then of finer grids round it. */
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
