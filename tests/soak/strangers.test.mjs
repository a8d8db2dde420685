// A simulated hour: two hundred attackers of every kind beside a thousand honest viewers.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { megabytes, MIB } from "../edge/attacks/cost.mjs";
import { mixed } from "../edge/attacks/mixed.mjs";

const SEED = Number(process.env.SEED ?? 53);

/** workerd's resident size: 831 and 873 MiB were measured, 375 of them before the attackers
 *  started. At most 32 MiB of text are unacknowledged; the runtime copies bombs and long texts. */
const BYTES_MAX = 2_000 * MIB;
const SIZE = { viewers: 1_000, attackers: 200, minutes: 60, aircraft: 1_000 };

describe("an hour beside two hundred attackers", () => {
  it(`costs a thousand honest viewers no frame (SEED=${SEED})`, async (t) => {
    const started = performance.now();
    const { bytes, millis } = await mixed(t, { seed: SEED, ...SIZE });
    t.diagnostic(`${Math.round((performance.now() - started) / 1_000)} s`);
    t.diagnostic(`${Math.round(millis / 1_000)} s of CPU time for the hour`);
    assert.ok(bytes < BYTES_MAX, megabytes(bytes));
  });
});
