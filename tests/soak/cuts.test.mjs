// The marathon: the real process is killed fifty times at random moments.

import { describe, it } from "node:test";
import { start } from "../edge/harness.mjs";
import { replayWithPowerCuts } from "../edge/cuts.mjs";

const CUTS = 50;
const SEED = Number(process.env.SEED ?? 53);

describe("fifty power cuts", () => {
  it(`lose no acknowledged minute and leave no garbage (SEED=${SEED})`, async (t) => {
    const server = await start({ feed: "push" });
    try {
      const started = performance.now();
      await replayWithPowerCuts(t, server, { seed: SEED, cuts: CUTS });
      t.diagnostic(`${Math.round((performance.now() - started) / 1_000)} s`);
    } finally {
      await server.stop();
    }
  });
});
