// A few attackers of every kind beside honest viewers. `make soak` runs a simulated hour of it.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { megabytes, MIB } from "./cost.mjs";
import { mixed } from "./mixed.mjs";

const SEED = Number(process.env.SEED ?? 57);

/** workerd's resident size: 228 MiB were measured, of which 190 before the attackers started. */
const BYTES_MAX = 800 * MIB;

describe("attackers of every kind at once", () => {
  it(`cost honest viewers no frame (SEED=${SEED})`, async (t) => {
    const size = { viewers: 50, attackers: 20, minutes: 6, aircraft: 500 };
    const { bytes, millis } = await mixed(t, { seed: SEED, ...size });
    t.diagnostic(`${millis} ms of CPU time`);
    assert.ok(bytes < BYTES_MAX, megabytes(bytes));
  });
});
