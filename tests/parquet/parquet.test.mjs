// What others read in the archive's Parquet files: DuckDB, Polars, pyarrow and PyIceberg, from
// folders and over HTTP. read.py has the tests; this starts it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as http from "node:http";
import * as os from "node:os";
import * as path from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const PYTHON = path.join(HERE, "../../target/parquet/bin/python");
/** `cargo test` builds the examples. */
const WRITER = path.join(HERE, "../../target/debug/examples/parquet");
/** Far longer than the 10 seconds that it takes on two busy cores. */
const LIMIT_MILLIS = 300_000;

// scripts/setup.mjs installs the readers if there is a Python, and prints a note if there is none.
const skip = fs.existsSync(PYTHON) ? false : "the readers are not installed: Python is missing";

/** Runs a program to its end, and expects success. */
async function run(program, args) {
  const child = spawn(program, args, { timeout: LIMIT_MILLIS, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => (output += text));
  }
  const [code] = await once(child, "close");
  assert.equal(code, 0, output);
  return output;
}

/** Serves a folder by byte ranges, like R2. */
async function serve(folder) {
  const server = http.createServer((request, response) => {
    const bytes = fs.readFileSync(path.join(folder, decodeURIComponent(request.url)));
    const range = request.headers.range?.match(/^bytes=(\d*)-(\d*)$/);
    const headers = { "accept-ranges": "bytes", etag: '"1"' };
    if (!range) {
      response.writeHead(200, { ...headers, "content-length": bytes.length });
      return response.end(request.method === "HEAD" ? undefined : bytes);
    }
    const [, from, to] = range;
    const start = from === "" ? bytes.length - Number(to) : Number(from);
    const last = bytes.length - 1;
    const end = from === "" || to === "" ? last : Math.min(Number(to), last);
    const part = bytes.subarray(start, end + 1);
    const span = `bytes ${start}-${end}/${bytes.length}`;
    response.writeHead(206, { ...headers, "content-range": span, "content-length": part.length });
    response.end(request.method === "HEAD" ? undefined : part);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return server;
}

describe("a Parquet file", { skip }, () => {
  it("is read by others, whose values equal the source's by bits", async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "overflight-parquet-"));
    const server = await serve(folder);
    try {
      await run(WRITER, [path.join(folder, "parquet")]);
      fs.renameSync(path.join(folder, "parquet/responses"), path.join(folder, "responses"));
      const url = `http://127.0.0.1:${server.address().port}`;
      const output = await run(PYTHON, [path.join(HERE, "read.py"), folder, url]);
      assert.match(output, /Ran \d+ tests/);
    } finally {
      server.close();
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });
});
