// The ground: countries, borders, coasts, names and a graticule, from one TopoJSON file and no
// outside service. client/basemap.mjs makes that file from Natural Earth.

import type { Feature, FeatureCollection, MultiLineString, Point, Position } from "geojson";
import type {
  ExpressionSpecification, GeoJSONSource, LayerSpecification, Map, StyleSpecification,
} from "maplibre-gl";
import { feature, mesh } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import type { Theme } from "./theme.ts";

/** The properties of an outline; disputed land has no `iso_a2`. */
interface Country {
  name: string;
  iso_a2?: string;
  /** The place of the name. */
  label: [number, number];
  /** Square degrees of the country's largest part, shrunk toward the poles. */
  size: number;
}

type Countries = Topology<{ countries: GeometryCollection<Country> }>;

const EMPTY: FeatureCollection = { type: "FeatureCollection", features: [] };
const SOURCES = ["land", "border", "coast", "names"] as const;
type Parts = Record<(typeof SOURCES)[number], FeatureCollection | Feature>;

/** Where a country is, by its code: that of its largest part. */
export type Places = globalThis.Map<string, Pick<Country, "label" | "size">>;

/** Pixels of the line round a chosen country. */
export const OUTLINE_WIDTH = 1.8;

/** Above this zoom the coarse outlines show their corners, and the fine ones are fetched. */
export const FINE_ZOOM = 4.5;

export function style(theme: Theme, globe: boolean): StyleSpecification {
  const empty = { type: "geojson", data: EMPTY, tolerance: 0.8, maxzoom: 9 } as const;
  return {
    version: 8,
    projection: { type: globe ? "globe" : "mercator" },
    sources: {
      graticule: { type: "geojson", data: graticule(), tolerance: 0, maxzoom: 4 },
      ...Object.fromEntries(SOURCES.map((name) => [name, empty])),
      land: { ...empty, promoteId: "iso_a2" },
    },
    layers: layers(theme),
  };
}

function layers(theme: Theme): LayerSpecification[] {
  const widths = (from: number, to: number): ExpressionSpecification =>
    ["interpolate", ["linear"], ["zoom"], 1, from, 8, to];
  return [
    { id: "ocean", type: "background", paint: { "background-color": theme.ocean } },
    line("graticule", theme.graticule, widths(0.5, 0.8)),
    {
      id: "land", type: "fill", source: "land",
      paint: { "fill-color": theme.land, "fill-antialias": false },
    },
    traffic(theme),
    line("border", theme.border, widths(0.4, 1.2)),
    line("coast", theme.coast, widths(0.5, 1.2)),
    outline(theme),
    names(theme),
  ];
}

function line(id: string, colour: string, width: ExpressionSpecification): LayerSpecification {
  return {
    id, type: "line", source: id,
    paint: { "line-color": colour, "line-width": width },
  };
}

/** Countries by their traffic; country-shade.ts sets the class of each. */
function traffic(theme: Theme): LayerSpecification {
  const steps = theme.traffic.flatMap((colour, index) => [index + 1, colour]);
  const colour = ["step", ["coalesce", ["feature-state", "class"], 0], theme.land, ...steps];
  return {
    id: "traffic", type: "fill", source: "land", layout: { visibility: "none" },
    paint: {
      "fill-color": colour as ExpressionSpecification,
      "fill-antialias": false,
    },
  };
}

/** Round the chosen country, and more softly round the one under the pointer. */
function outline(theme: Theme): LayerSpecification {
  const is = (name: string): ExpressionSpecification =>
    ["boolean", ["feature-state", name], false];
  return {
    id: "country-outline", type: "line", source: "land", layout: { visibility: "none" },
    paint: {
      "line-color": theme.selected,
      "line-width": OUTLINE_WIDTH,
      "line-opacity": ["case", is("chosen"), 1, is("hovered"), 0.6, 0],
    },
  };
}

function names(theme: Theme): LayerSpecification {
  // A country's name appears once the country is wide enough to carry it.
  const shown = (zoom: number): ExpressionSpecification =>
    [">", ["get", "size"], 900 / 5 ** zoom];
  return {
    id: "names", type: "symbol", source: "names",
    filter: ["step", ["zoom"], shown(1), 2, shown(1.6), 3, shown(2.6), 4, shown(3.6), 5, true],
    layout: {
      "text-field": ["get", "name"],
      // No glyphs in the style: the browser draws these in the page's own typeface.
      "text-font": ["Inter Variable"],
      "text-size": [
        "interpolate", ["linear"], ["zoom"],
        1, ["interpolate", ["linear"], ["sqrt", ["get", "size"]], 8, 9, 35, 13],
        6, ["interpolate", ["linear"], ["sqrt", ["get", "size"]], 1, 12, 35, 20],
      ],
      "text-letter-spacing": 0.08,
      "text-max-width": 7,
      "text-padding": 6,
      "symbol-sort-key": ["-", 0, ["get", "size"]],
    },
    paint: {
      "text-color": theme.label,
      "text-halo-color": theme.halo,
      "text-halo-width": 1.2,
      "text-opacity": ["interpolate", ["linear"], ["zoom"], 6, 0.95, 9, 0.5],
    },
  };
}

/** Sets the colours of a theme on an existing map. */
export function repaint(map: Map, theme: Theme): void {
  for (const layer of layers(theme)) {
    for (const [name, value] of Object.entries(layer.paint ?? {})) {
      map.setPaintProperty(layer.id, name as Parameters<Map["setPaintProperty"]>[1], value);
    }
  }
}

/** Fetches the outlines and puts them into the map's sources. */
export async function loadOutlines(map: Map, url: string): Promise<Places> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  const topology = (await response.json()) as Countries;
  const parts = outlines(topology);
  for (const name of SOURCES) {
    map.getSource<GeoJSONSource>(name)?.setData(parts[name]);
  }
  return places(topology);
}

function places(topology: Countries): Places {
  const found: Places = new globalThis.Map();
  for (const { properties } of topology.objects.countries.geometries) {
    const { iso_a2, label, size } = properties as Country;
    if (iso_a2 === undefined || size < (found.get(iso_a2)?.size ?? 0)) continue;
    found.set(iso_a2, { label, size });
  }
  return found;
}

function outlines(topology: Countries): Parts {
  const countries = topology.objects.countries;
  const points = countries.geometries.map((country): Feature<Point> => {
    const { name, size, label } = country.properties as Country;
    return {
      type: "Feature",
      properties: { name, size },
      geometry: { type: "Point", coordinates: label },
    };
  });
  return {
    land: land(topology, countries),
    border: lines(mesh(topology, countries, (a, b) => a !== b)),
    coast: lines(mesh(topology, countries, (a, b) => a === b)),
    names: { type: "FeatureCollection", features: points },
  };
}

/** The countries for a flat map: Natural Earth's rings here cross the antimeridian. */
function land(topology: Countries, countries: GeometryCollection<Country>): FeatureCollection {
  const collection = feature(topology, countries);
  for (const { geometry } of collection.features) {
    if (geometry.type === "Polygon") geometry.coordinates.forEach(unrollRing);
    if (geometry.type === "MultiPolygon") geometry.coordinates.flat().forEach(unrollRing);
  }
  return collection;
}

function lines(geometry: MultiLineString): Feature<MultiLineString> {
  geometry.coordinates.forEach(unroll);
  return { type: "Feature", properties: {}, geometry };
}

/** Lets longitudes run on past 180 instead of jumping back across the map; MapLibre wraps them. */
function unroll(line: Position[]): void {
  line.forEach((point, i) => {
    const before = line[i - 1]?.[0] ?? point[0] ?? 0;
    point[0] = (point[0] ?? 0) + 360 * Math.round((before - (point[0] ?? 0)) / 360);
  });
}

/** A ring round the pole (Antarctica's) does not close: it is led past the pole. */
function unrollRing(ring: Position[]): void {
  unroll(ring);
  const from = ring[0]?.[0] ?? 0;
  const to = ring.at(-1)?.[0] ?? 0;
  if (Math.abs(to - from) > 180) ring.push([to, -90], [from, -90], [...(ring[0] ?? [])]);
}

/** Meridians and parallels each 30 degrees. */
function graticule(): Feature<MultiLineString> {
  const coordinates: number[][][] = [];
  for (let longitude = -180; longitude < 180; longitude += 30) {
    coordinates.push([[longitude, -85], [longitude, 85]]);
  }
  for (let latitude = -60; latitude <= 60; latitude += 30) {
    coordinates.push([[-180, latitude], [0, latitude], [180, latitude]]);
  }
  return { type: "Feature", properties: {}, geometry: { type: "MultiLineString", coordinates } };
}
