// Picking: the nearest aircraft within reach, and none through the globe.

import assert from "node:assert/strict";
import { test } from "node:test";
import { REACH, pick } from "../app/map/picking.ts";
import { project, relativeMatrix } from "../app/map/projection.ts";
import { Stage, mercatorX, mercatorY } from "./decoder.mjs";

const [WIDTH, HEIGHT] = [1_000, 800];
const TIME = 1_800_000_000;

/** Returns a flat view centred on the world, which is `pixels` wide. */
function flat(pixels) {
  const [sx, sy] = [(2 * pixels) / WIDTH, (-2 * pixels) / HEIGHT];
  return {
    globe: false, transition: 0, centreX: 0.5, width: WIDTH, height: HEIGHT,
    matrix: [sx, 0, 0, 0, 0, sy, 0, 0, 0, 0, 1, 0, -sx / 2, -sy / 2, 0, 1],
    fallback: [], clippingPlane: [],
  };
}

/** Returns the globe from far above longitude 0, latitude 0: beyond 90 degrees all is hidden. */
function globe() {
  return {
    ...flat(0), globe: true, transition: 1,
    matrix: [0.8, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
    clippingPlane: [0, 0, 1, 0],
  };
}

/** Returns aircraft without motion at these places. */
function at(...places) {
  const states = places.map(([longitude, latitude], i) => {
    const icao24 = (i + 1).toString(16).padStart(6, "0");
    return { icao24, longitude, latitude, time_position: TIME, last_contact: TIME };
  });
  return new Stage().show(states, TIME);
}

test("the nearest aircraft within reach is picked", () => {
  const view = flat(3_600);
  const snapshot = at([0, 0], [1, 0], [20, 20]);
  const [x, y] = [WIDTH / 2, HEIGHT / 2];
  assert.equal(pick(view, snapshot, TIME, 0, [x + 3, y]), 0);
  assert.equal(pick(view, snapshot, TIME, 0, [x + 8, y]), 1);
  assert.equal(pick(view, snapshot, TIME, 0, [x - REACH - 1, y]), -1);
  assert.equal(pick(view, at(), TIME, 0, [x, y]), -1);
});

test("points across the antimeridian are drawn beside their neighbours", () => {
  const view = { ...flat(3_600), centreX: 1 };
  const east = project(view, mercatorX(179), 0.5);
  const west = project(view, mercatorX(-179), 0.5);
  assert.ok(Math.abs(west[0] - east[0] - 20) < 1e-6, `${west[0] - east[0]} pixels for 2 degrees`);
});

test("the far side of the globe is neither drawn nor clickable", () => {
  const view = globe();
  assert.notEqual(project(view, mercatorX(80), mercatorY(0)), null);
  assert.equal(project(view, mercatorX(100), mercatorY(0)), null);
  const behind = at([180, 0]);
  assert.equal(pick(view, behind, TIME, 0, [WIDTH / 2, HEIGHT / 2]), -1);
});

test("a latitude is projected onto the sphere", () => {
  const [x, y] = project(globe(), mercatorX(0), mercatorY(30));
  assert.ok(Math.abs(x - WIDTH / 2) < 1e-6);
  assert.ok(Math.abs(y - (HEIGHT / 2) * (1 - Math.sin(Math.PI / 6))) < 1e-6);
});

test("a matrix relative to a point takes that point as its origin", () => {
  const { matrix } = flat(3_600);
  const moved = relativeMatrix(matrix, 0.3, 0.6);
  assert.ok(Math.abs(moved[12] - (matrix[0] * 0.3 + matrix[12])) < 1e-6);
  assert.ok(Math.abs(moved[13] - (matrix[5] * 0.6 + matrix[13])) < 1e-6);
});
