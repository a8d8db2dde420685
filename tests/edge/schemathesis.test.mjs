// Schemathesis generates valid and invalid requests from /api/openapi.json, and compares the
// server's answers with it. Its settings are in schemathesis.toml.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { start, TOKEN, within } from "./harness.mjs";
import { Snapshots } from "./snapshots.mjs";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const PROGRAM = path.join(HERE, "../../target/schemathesis/bin/schemathesis");
const SETTINGS = path.join(HERE, "schemathesis.toml");
/** Far longer than the minute that it takes on two busy cores. */
const LIMIT_MILLIS = 300_000;

// scripts/setup.mjs installs it if there is a Python, and prints a note if there is none.
const skip = fs.existsSync(PROGRAM) ? false : "Schemathesis is not installed: Python is missing";

describe("every valid or invalid request", { skip }, () => {
  it("is answered as described", async () => {
    const server = await start({ feed: "push" });
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "overflight-schemathesis-"));
    try {
      const snapshots = new Snapshots(98, 50, { time: 1_767_225_600 });
      for (let minute = 0; minute < 3; minute += 1) await server.feed(snapshots.next());
      const args = [`--config-file=${SETTINGS}`, "run", `${server.url}/api/openapi.json`];
      args.push("--checks=all", `--header=Authorization: Bearer ${TOKEN}`, "--no-color");
      // It stores a database of examples in its working directory.
      const child = spawn(PROGRAM, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
      let output = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text) => (output += text));
      }
      const [code] = await within(once(child, "close"), "Schemathesis", LIMIT_MILLIS);
      assert.equal(code, 0, output);
      assert.match(output, /\d+ passed/);
    } finally {
      await server.stop();
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });
});
