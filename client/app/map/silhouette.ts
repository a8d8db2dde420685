// The shapes of aircraft as a small atlas of signed distances, made from outlines when the page
// starts: sharp at every size, with an outline at no cost.

/** Texels along one side of a shape; the atlas is a row of them, in the order of SHAPE. */
export const CELL = 64;
/** How far from the edge the distances reach, in units of half a cell. */
export const SPREAD = 0.3;

type Point = readonly [x: number, y: number];
type Outline = readonly Point[];

// The right half of each, from the nose (north, y up) to the tail, within -1..1.
const JET: Outline = [
  [0, 0.92], [0.07, 0.82], [0.1, 0.66], [0.105, 0.34], [0.9, -0.2], [0.9, -0.34], [0.42, -0.18],
  [0.105, -0.12], [0.085, -0.52], [0.37, -0.74], [0.37, -0.86], [0.07, -0.78], [0, -0.9],
];
const LIGHT: Outline = [
  [0, 0.78], [0.1, 0.7], [0.12, 0.42], [0.9, 0.34], [0.9, 0.1], [0.12, 0.08], [0.07, -0.52],
  [0.36, -0.6], [0.36, -0.8], [0.06, -0.78], [0, -0.84],
];
const BODY: Outline = [
  [0, 0.52], [0.16, 0.42], [0.2, 0.16], [0.14, -0.12], [0.06, -0.3], [0.06, -0.72], [0.24, -0.72],
  [0.24, -0.84], [0, -0.84],
];

const DOT_RADIUS = 0.42;
const BLADE: Outline = turned([[0.07, 0.86], [0.07, -0.86], [-0.07, -0.86], [-0.07, 0.86]], 45);
const OTHER_BLADE: Outline = turned(BLADE, 90);
/** The rotor turns above the cabin, not above the middle of the shape. */
const lifted = (outline: Outline): Outline => outline.map(([x, y]) => [x, y + 0.14]);

const SHAPES: readonly ((point: Point) => number)[] = [
  (point) => inside(whole(JET), point),
  (point) => inside(whole(LIGHT), point),
  (point) => Math.max(
    inside(whole(BODY), point), inside(lifted(BLADE), point), inside(lifted(OTHER_BLADE), point),
  ),
  ([x, y]) => DOT_RADIUS - Math.hypot(x, y),
];

/** One byte per texel: 128 on the outline, more inside, less outside. Row 0 is the tail's. */
export function atlas(): { width: number; height: number; texels: Uint8Array } {
  const width = CELL * SHAPES.length;
  const texels = new Uint8Array(width * CELL);
  SHAPES.forEach((distance, shape) => {
    for (let row = 0; row < CELL; row++) {
      for (let column = 0; column < CELL; column++) {
        // A tenth of the cell stays free, so that neighbours do not bleed into each other.
        const point: Point = [centre(column) * 1.15, centre(row) * 1.15];
        const scaled = distance(point) / (2 * SPREAD) + 0.5;
        texels[row * width + shape * CELL + column] = Math.round(255 * clamp(scaled));
      }
    }
  });
  return { width, height: CELL, texels };
}

function centre(texel: number): number {
  return ((texel + 0.5) / CELL) * 2 - 1;
}

function clamp(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}

function whole(half: Outline): Outline {
  const mirrored = half.slice(1, -1).reverse().map(([x, y]): Point => [-x, y]);
  return [...half, ...mirrored];
}

function turned(outline: Outline, degrees: number): Outline {
  const cos = Math.cos((degrees * Math.PI) / 180);
  const sin = Math.sin((degrees * Math.PI) / 180);
  return outline.map(([x, y]): Point => [x * cos - y * sin, x * sin + y * cos]);
}

/** Distance to a closed outline, positive inside (even-odd). */
function inside(outline: Outline, [px, py]: Point): number {
  let distance = Infinity;
  let within = false;
  let [bx, by] = outline[outline.length - 1] ?? [0, 0];
  for (const [ax, ay] of outline) {
    const ex = bx - ax;
    const ey = by - ay;
    const length = ex * ex + ey * ey;
    const t = length === 0 ? 0 : clamp(((px - ax) * ex + (py - ay) * ey) / length);
    distance = Math.min(distance, Math.hypot(px - ax - t * ex, py - ay - t * ey));
    if (ay > py !== by > py && px < ax + ((py - ay) / (by - ay)) * (bx - ax)) within = !within;
    [bx, by] = [ax, ay];
  }
  return within ? distance : -distance;
}
