// The fine regions in a view of the map: a pure function.

export interface Region {
  name: string;
  /** West, south, east, north, degrees; none crosses the antimeridian. */
  bbox: [number, number, number, number];
}

/** What the map shows. */
export interface View {
  /** Degrees, of its middle. */
  longitude: number;
  latitude: number;
  /** MapLibre's: at 0 the equator has 512 CSS pixels. */
  zoom: number;
  /** CSS pixels. */
  width: number;
  height: number;
  /** Degrees. */
  bearing: number;
  pitch: number;
}

/**
 * Regions open from the first zoom on and close below the second: with a single threshold, pinching
 * about it would open and close sockets. At 7 a pixel is 600 m at the equator and less elsewhere,
 * so `world`'s error of up to 1,360 m becomes visible.
 */
export const OPEN_ZOOM = 7;
export const CLOSE_ZOOM = 6.5;
/** At zoom 7 a page of 1,280 pixels shows 7 degrees, and the narrowest region has 6. */
export const REGIONS_MAX = 6;

/** Degrees: web mercator does not reach the poles. */
const LATITUDE_MAX = 89;

/** Returns the regions in a view, nearest to its centre first; `open` are open already. */
export function chooseRegions(
  regions: readonly Region[], view: View, open: ReadonlySet<string>,
): string[] {
  if (view.zoom < (open.size > 0 ? CLOSE_ZOOM : OPEN_ZOOM)) return [];
  const { across, along } = halves(view);
  const seen = regions.map(({ name, bbox }) => ({ name, away: distance(bbox, view) }));
  return seen
    .filter(({ away: [east, north] }) => east < across && north < along)
    .sort((a, b) => length(a.away, view) - length(b.away, view))
    .slice(0, REGIONS_MAX)
    .map(({ name }) => name);
}

/** Returns half the view's size, degrees of longitude and of latitude. */
function halves(view: View): { across: number; along: number } {
  const turn = view.bearing * (Math.PI / 180);
  const [sine, cosine] = [Math.abs(Math.sin(turn)), Math.abs(Math.cos(turn))];
  // A tilted view reaches farther.
  const reach = 0.5 / Math.max(Math.cos(view.pitch * (Math.PI / 180)), 0.1);
  const perPixel = 360 / (512 * 2 ** view.zoom);
  const scale = cosineOf(view.latitude) * perPixel;
  const along = (view.width * sine + view.height * cosine) * reach * scale;
  // On the globe meridians converge towards a pole.
  const edge = Math.min(Math.abs(view.latitude) + along, LATITUDE_MAX);
  const across = (view.width * cosine + view.height * sine) * reach * scale / cosineOf(edge);
  return { across, along };
}

/** Degrees east or west, and north or south, from the view's middle to a box; 0 within it. */
function distance([west, south, east, north]: Region["bbox"], view: View): [number, number] {
  const half = (east - west) / 2;
  const off = Math.abs(view.longitude - (west + half)) % 360;
  return [
    Math.max(Math.min(off, 360 - off) - half, 0),
    Math.max(south - view.latitude, view.latitude - north, 0),
  ];
}

function length([east, north]: [number, number], { latitude }: View): number {
  return Math.hypot(east * cosineOf(latitude), north);
}

function cosineOf(latitude: number): number {
  return Math.cos(latitude * (Math.PI / 180));
}
