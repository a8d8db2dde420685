// Pushes recorded OpenSky responses to a running server, in order, one every EVERY seconds.
//
// usage: node scripts/replay.mjs FILE|FOLDER…     .json or .json.gz; a folder's files by name
// Reads PORT, STATE, EVERY and INGEST_TOKEN from the environment. Exits 1 if the server refused any
// file. A minute older than the newest stored one (409) is reported and skipped; any other refusal
// ends the run.

import * as fs from "node:fs";
import * as path from "node:path";
import { localToken } from "./token.mjs";

/** How long a restarting server may be unavailable. */
const AWAY_MILLIS = 60_000;

const { PORT = "8787", EVERY = "2" } = process.env;
const token = localToken();
const everyMillis = Number(EVERY) * 1_000;
const url = `http://localhost:${PORT}/api/ingest`;

const sleep = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

function fail(text) {
  console.error(`replay: ${text}`);
  process.exit(1);
}

function filesIn(name) {
  const found = fs.statSync(name, { throwIfNoEntry: false });
  if (!found) fail(`${name}: no such file or folder`);
  if (!found.isDirectory()) return [name];
  const files = fs.readdirSync(name).filter((file) => /\.json(\.gz)?$/.test(file)).sort();
  if (files.length === 0) fail(`${name}: has no .json or .json.gz file`);
  return files.map((file) => path.join(name, file));
}

/**
 * Posts one file, and retries while the server is unavailable or fails. A snapshot that was taken
 * in after all is answered as a duplicate and changes nothing.
 */
async function push(file) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  if (file.endsWith(".gz")) headers["content-encoding"] = "gzip";
  const body = fs.readFileSync(file);
  const deadline = Date.now() + AWAY_MILLIS;
  for (;;) {
    try {
      const answer = await fetch(url, { method: "POST", headers, body });
      const text = await answer.text();
      if (answer.status < 500 || Date.now() > deadline) return { status: answer.status, text };
      await sleep(500);
    } catch (error) {
      const code = error.cause?.code ?? error.message;
      if (Date.now() > deadline) fail(`${url} does not answer (${code}): is \`make run\` running?`);
      await sleep(500);
    }
  }
}

/** The reason of a refusal: problem+json's detail, or the text itself. */
function reason(text) {
  try {
    const { title, detail } = JSON.parse(text);
    return detail ?? title ?? text;
  } catch {
    return text.slice(0, 500);
  }
}

const names = process.argv.slice(2);
if (names.length === 0) fail('nothing to push: make replay FILES="a.json b.json.gz folder"');
if (!(everyMillis >= 0)) fail(`EVERY is "${EVERY}"; expected seconds, 0 or more.`);

let refused = 0;
const files = names.flatMap(filesIn);
for (const [index, file] of files.entries()) {
  const started = performance.now();
  const { status, text } = await push(file);
  const millis = performance.now() - started;
  if (status === 200) {
    const { time, accepted, rejected_count: rejected, dropped, duplicate } = JSON.parse(text);
    const fields = dropped.map(({ field, count }) => `  ${field} dropped ${count}`).join("");
    const notes = `${fields}${duplicate ? "  duplicate" : ""}`;
    const counts = `accepted ${accepted}  rejected ${rejected}${notes}`;
    const date = new Date(time * 1_000).toISOString().replace(".000Z", "Z");
    console.log(`${path.basename(file)}  ${date}  ${counts}  ${millis.toFixed(0)} ms`);
  } else {
    refused += 1;
    console.error(`${path.basename(file)}  refused with ${status}: ${reason(text)}`);
    if (status !== 409) process.exit(1);
  }
  if (index + 1 < files.length) await sleep(Math.max(0, everyMillis - millis));
}
process.exit(refused === 0 ? 0 : 1);
