// Mercator places to pixels on the CPU, as MapLibre's shaders do it, hidden side included.
//
// In scope: mercator, globe, and the blend between them. The sphere's formula is that of MapLibre's
// _projection_globe.vertex.glsl, so a picked aircraft is exactly a drawn one.

/** The projection of one drawn frame, copied from MapLibre's render arguments. */
export interface View {
  globe: boolean;
  matrix: ArrayLike<number>;
  /** The flat matrix, while the globe turns into the plane. */
  fallback: ArrayLike<number>;
  clippingPlane: ArrayLike<number>;
  /** 1 is all globe, 0 is all plane. */
  transition: number;
  /** The centre in mercator, to which the nearest copy of the world belongs. */
  centreX: number;
  /** CSS pixels. */
  width: number;
  height: number;
}

export type Pixel = [x: number, y: number];

/** Pixels from the top left, or null where the place is behind the globe or the camera. */
export function project(view: View, x: number, y: number): Pixel | null {
  const near = x + Math.round(view.centreX - x);
  const clip = view.globe ? projectGlobe(view, near, y) : transform(view.matrix, near, y, 0);
  if (clip === null || clip[3] <= 0) return null;
  return [
    (clip[0] / clip[3] * 0.5 + 0.5) * view.width,
    (0.5 - clip[1] / clip[3] * 0.5) * view.height,
  ];
}

type Vector4 = [number, number, number, number];

function projectGlobe(view: View, x: number, y: number): Vector4 | null {
  const turn = x * Math.PI * 2 + Math.PI;
  const t = Math.exp(Math.PI - y * Math.PI * 2);
  const sinLatitude = (t * t - 1) / (t * t + 1);
  const cosLatitude = (2 * t) / (t * t + 1);
  const sx = Math.sin(turn) * cosLatitude;
  const sz = Math.cos(turn) * cosLatitude;
  const p = view.clippingPlane;
  const side = sx * (p[0] ?? 0) + sinLatitude * (p[1] ?? 0) + sz * (p[2] ?? 0) + (p[3] ?? 0);
  // The shader clips where this is below zero; while the globe unrolls, the limit fades from 0.2.
  const hiding = Math.min(Math.max((view.transition - 0.2) / 0.8, 0), 1);
  if ((1 - side) * hiding > 1) return null;
  const round = transform(view.matrix, sx, sinLatitude, sz);
  if (view.transition > 0.999) return round;
  const flat = transform(view.fallback, x, y, 0);
  return flat.map((value, i) => value + ((round[i] ?? 0) - value) * view.transition) as Vector4;
}

/** Column-major 4x4 times (x, y, z, 1). */
function transform(m: ArrayLike<number>, x: number, y: number, z: number): Vector4 {
  const row = (i: number): number =>
    (m[i] ?? 0) * x + (m[i + 4] ?? 0) * y + (m[i + 8] ?? 0) * z + (m[i + 12] ?? 0);
  return [row(0), row(1), row(2), row(3)];
}

/** The matrix that takes places relative to (x, y): floats near zero are fine, near 0.5 coarse. */
export function relativeMatrix(m: ArrayLike<number>, x: number, y: number): Float32Array {
  const result = Float32Array.from(m);
  for (let i = 0; i < 4; i++) {
    result[12 + i] = (m[i] ?? 0) * x + (m[4 + i] ?? 0) * y + (m[12 + i] ?? 0);
  }
  return result;
}
