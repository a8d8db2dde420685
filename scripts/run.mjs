// Serves the map locally: `wrangler dev` on the built Workers, with their storage on disk.
//
// usage: node scripts/run.mjs [check]     `check` only tests whether it could start
//
// Reads PORT, STATE, FEED, FEED_URL and INGEST_TOKEN from the environment and reports a wrong one
// by name. Makes no requests to the internet unless FEED=opensky or FEED_URL requires it.

import { spawn } from "node:child_process";
import * as net from "node:net";
import { localToken, TOKEN_FILE } from "./token.mjs";
import { written } from "./workers.mjs";

const FEEDS = ["simulated", "opensky", "readsb", "push"];
const STOP_MILLIS = 5_000;
/** The Worker refuses shorter tokens. */
const TOKEN_LETTERS_MIN = 16;

const { PORT = "8787", STATE = ".wrangler/state", FEED = "simulated" } = process.env;
const { FEED_URL = "", INGEST_TOKEN = "" } = process.env;
const port = Number(PORT);
const url = `http://localhost:${port}`;

function fail(text) {
  console.error(`run: ${text}`);
  process.exit(1);
}

/** Whether nobody listens on the port at this host. */
async function isFree(host) {
  const server = net.createServer();
  return new Promise((resolve) => {
    server.once("error", (error) => resolve(error.code !== "EADDRINUSE"));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

async function start() {
  const configs = (await written()).map((file) => `--config=${file}`);
  const args = ["dev", ...configs, "--local", "--ip=localhost"];
  args.push(`--port=${port}`, `--persist-to=${STATE}`);
  args.push("--inspector-port=0", "--log-level=warn", "--show-interactive-dev-session=false");
  args.push(`--var=FEED:${FEED}`, `--var=INGEST_TOKEN:${localToken()}`);
  args.push(`--var=FEED_URL:${FEED_URL}`);
  const env = { ...process.env, CI: "1", CLOUDFLARE_CF_FETCH_ENABLED: "false" };
  return spawn("wrangler", args, { stdio: ["ignore", "inherit", "inherit"], env });
}

/** Waits until the server answers. The request also wakes Ingest, whose alarm then drives the feed:
 *  outside Cloudflare nothing fires the cron. */
async function ready() {
  for (;;) {
    try {
      const answer = await fetch(`${url}/api/status`, { signal: AbortSignal.timeout(30_000) });
      if (answer.ok) return;
      console.error(`run: /api/status answers ${answer.status}: ${await answer.text()}`);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

if (!Number.isInteger(port) || port < 1 || port > 65_535) {
  fail(`PORT is "${PORT}"; expected a number from 1 to 65535.`);
}
if (!FEEDS.includes(FEED)) fail(`FEED is "${FEED}"; expected one of ${FEEDS.join(", ")}.`);
if (FEED === "readsb" && FEED_URL === "") {
  fail("FEED_URL is empty; FEED=readsb needs the address of an aircraft.json.");
}
if (INGEST_TOKEN !== "" && INGEST_TOKEN.length < TOKEN_LETTERS_MIN) {
  fail(`INGEST_TOKEN is too short; expected ${TOKEN_LETTERS_MIN} letters or more, or none.`);
}
if (!(await isFree("127.0.0.1")) || !(await isFree("::1"))) {
  fail(`port ${port} is in use; choose another: \`make run PORT=${port + 1}\`.`);
}
if (process.argv[2] === "check") process.exit(0);

const wrangler = await start();
let stopping = false;
function stop() {
  if (stopping) return;
  stopping = true;
  wrangler.kill("SIGTERM");
  setTimeout(() => wrangler.kill("SIGKILL"), STOP_MILLIS).unref();
}
// On Ctrl-C the terminal signals wrangler too; this process only outlives it.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
wrangler.on("error", (error) => fail(`wrangler does not start: ${error.message}`));
wrangler.on("exit", (code) => process.exit(stopping ? 0 : (code ?? 1)));

await ready();
console.log(`\n  Overflight is at ${url}   (feed: ${FEED}; state: ${STATE}; Ctrl-C stops it)\n`);
if (INGEST_TOKEN === "") console.log(`  Pushes show the token in ${TOKEN_FILE}\n`);
