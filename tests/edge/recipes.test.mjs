// docs/archive.md: every command works.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { start, TOKEN } from "./harness.mjs";
import { faulty, iso } from "./snapshots.mjs";

const DOCUMENT = new URL("../../docs/archive.md", import.meta.url);
const DAY_SECONDS = 86_400;

describe("the recipes for time series", () => {
  it("work as they stand", async () => {
    const server = await start({ feed: "push" });
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "overflight-recipes-"));
    try {
      // The document's day is the day before today.
      const today = Math.floor(Date.now() / 1_000 / DAY_SECONDS) * DAY_SECONDS;
      const yesterday = iso(today - DAY_SECONDS).slice(0, 10);
      const time = today - DAY_SECONDS + 12 * 3_600 + 34 * 60;
      const row = faulty(1, "DLH9LF", "3c6444");
      [row[3], row[4]] = [time, time];
      await server.take({ time, states: [row] });
      const text = fs.readFileSync(DOCUMENT, "utf8").replaceAll("2026-11-20", yesterday);
      const blocks = [...text.matchAll(/```\n([^]*?)```/g)].map(([, commands]) => commands);
      assert.ok(blocks.length >= 5, `${blocks.length} blocks`);
      // curl must fail where the server refuses.
      fs.writeFileSync(path.join(folder, ".curlrc"), "fail\nsilent\nshow-error\n");
      const env = { ...process.env, CURL_HOME: folder, URL: server.url, TOKEN };
      for (const block of blocks) {
        const shell = ["-euo", "pipefail", "-c", block];
        const run = promisify(execFile)("bash", shell, { env, cwd: folder });
        await run.catch((error) => assert.fail(`${block}\n${error.stderr}`));
      }
      const files = fs.readdirSync(folder);
      for (const name of ["box.csv", "track.gpx", "123400.msgpack"]) {
        assert.ok(files.includes(name), `${name} is not among ${files}`);
      }
      const states = await server.json("/api/flights/latest");
      assert.deepEqual(states.map(({ callsign }) => callsign), ["DLH9LF"]);
    } finally {
      await server.stop();
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });
});
