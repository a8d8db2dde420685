// The faults of a source, what `/api/status` shows for each, and when the source is polled again.
//
// docs/faults.md is this list; faults.test.mjs plays each fault and compares. `snapshot` and
// `token` answer a request for either, or return false for the normal answer; `socket` gets the
// connection. In `says` an ellipsis stands for any text. `stores`: the minute is stored despite
// the fault.

import * as zlib from "node:zlib";

/** Values that must not be revealed: in FEED_URL, as OPENSKY_CLIENT_SECRET, and as a token. */
export const SECRETS = ["a-key", "a-secret", "a-token"];

const ALL = ["opensky", "readsb", "account"];
const PULLED = ["opensky", "readsb"];
const MEGABYTE = 1 << 20;
const YEAR_SECONDS = 31_536_000;

const text = (body, type = "application/json") => (response, source) => {
  response.setHeader("content-type", type);
  response.end(typeof body === "function" ? body(source) : body);
};
const status = (code, headers = {}) => (response) => response.writeHead(code, headers).end("no");
const hang = () => {};

/** Sends headers, then one byte at a time without end. */
function drip(response) {
  response.flushHeaders();
  const timer = setInterval(() => response.write(" "), 50);
  response.on("close", () => clearInterval(timer));
}

const BOMB = zlib.gzipSync(Buffer.alloc(60 * MEGABYTE, " "));

/** Sends 60 megabytes of white space as fast as they are read. */
function flood(response, source, { declared = false } = {}) {
  const megabytes = 60;
  const block = Buffer.alloc(MEGABYTE, " ");
  if (declared) response.setHeader("content-length", megabytes * MEGABYTE);
  const more = () => {
    while (source.sent < megabytes * MEGABYTE) {
      source.sent += MEGABYTE;
      if (!response.write(block)) return response.once("drain", more);
    }
    return response.end();
  };
  more();
}

function breakOff(response, source) {
  response.setHeader("content-length", source.body().length);
  response.write(source.body().slice(0, 100), () => response.socket.destroy());
}

const zipped = (bytes) => (response) => {
  response.writeHead(200, { "content-encoding": "gzip" });
  response.end(bytes);
};

/** Sends the snapshot with each row changed. */
const rows = (change) => text((source) => {
  const { time, states } = source.snapshot;
  return source.body({ time, states: states.map(change) });
});

/** Sends the snapshot with this text, verbatim, as the first row's velocity. */
const velocity = (value) => text((source) => {
  const [first, ...others] = source.snapshot.states;
  const states = [first.with(9, "HERE"), ...others];
  return source.body({ time: source.snapshot.time, states }).replace('"HERE"', value);
});

const moved = (seconds) => (response, source) => {
  response.end(source.body({ ...source.snapshot, time: source.snapshot.time + seconds }));
};

const CLIENT = "it refuses OPENSKY_CLIENT_ID or OPENSKY_CLIENT_SECRET";
const NOT_A_SNAPSHOT = "not a snapshot: expected an object with …; the source sent …";
const TOO_LARGE = "the source sent more than the limit of 16777216 bytes";
const UNREACHABLE = "the source cannot be reached";
const LOST = "the connection was refused or lost";
const NO_TLS = "no connection could be made; if it uses TLS, check its certificate";
const BROKEN = "reading the source failed after … bytes";
const LATE = "the source did not answer within … s";
const STORES = { stores: true };
const wait = (again) => ({ again });
/** Hangs until the timeout ends it. */
const HANGS = { late: true };

/** The faults of one state: `[fault, feeds, detail, how to play it, more]`. */
const of = (state, list) => list.map(([fault, feeds, says, how, more = {}]) => {
  const played = typeof how === "function" ? { snapshot: how } : how;
  return { fault, feeds, state, says, again: "interval", ...played, ...more };
});

export const FAULTS = [
  ...of("ok", [
    ["no aircraft: `states: null`", PULLED, null,
      text((source) => source.body({ time: source.snapshot.time, states: null })), STORES],
    ["rows of 18 columns", ["opensky"], null, rows((row) => [...row, 4]), STORES],
    ["a wrong content type", PULLED, null, text((source) => source.body(), "text/html"), STORES],
    ["a number as a string, in one row", ["opensky"], null, velocity('"250.5"'), STORES],
    ["401 once", ["account"], null,
      (response, _, times) => (times === 1 ? status(401)(response) : false), STORES],
  ]),
  ...of("unreachable", [
    ["an empty body", PULLED, NOT_A_SNAPSHOT, text("")],
    ["an HTML page", PULLED, NOT_A_SNAPSHOT, text("<html>Back soon</html>", "text/html")],
    ["truncated JSON", PULLED, "not a snapshot: EOF while parsing …",
      text((source) => source.body().slice(0, -20))],
    ["rows of 3 columns", ["opensky"],
      "none of the source's 30 rows are usable; row 0: row has 3 columns, expected 17 or 18",
      rows((row) => row.slice(0, 3))],
    ["`NaN` for a number", ["opensky"], "not a snapshot: expected value at line …",
      velocity("NaN")],
    ["`1e999` for a number", ["opensky"], "not a snapshot: number out of range …",
      velocity("1e999")],
    ["a megabyte of nesting", PULLED, "not a snapshot: …", text("[".repeat(MEGABYTE))],
    ["a megabyte of nesting in the rows", ["opensky"], "not a snapshot: …",
      text(({ snapshot }) => `{"time":${snapshot.time},"states":${"[".repeat(MEGABYTE)}`)],
    ["60 MB", PULLED, TOO_LARGE, flood, { bounded: true }],
    ["60 MB, with `Content-Length`", PULLED, TOO_LARGE,
      (response, source) => flood(response, source, { declared: true }), { bounded: true }],
    ["60 MB in 60 kB of gzip", PULLED, TOO_LARGE, zipped(BOMB)],
    ["a body that is not gzip", PULLED, `${BROKEN}: the body is not valid gzip`,
      zipped(Buffer.from("this is not gzip"))],
    ["truncated gzip", PULLED, `${BROKEN}: the gzip is truncated`,
      zipped(BOMB.subarray(0, 10_000))],
    ["a time far ahead", PULLED, "the source's time is …Z, … s ahead of ours",
      moved(3 * YEAR_SECONDS)],
    ["a time in milliseconds", ["opensky"],
      "time is …, expected Unix seconds from 2000 to 2100; the source sent …",
      text(({ snapshot }) => JSON.stringify({ ...snapshot, time: snapshot.time * 1_000 }))],
    ["404", PULLED, "the source answered 404: there is nothing at its URL", status(404)],
    ["500", ALL, "the source answered 500", status(500)],
    ["522", PULLED, "the source answered 522: the connection to it timed out", status(522)],
    ["a hang", ALL, LATE, hang, HANGS],
    ["a slow trickle without end", ALL, "the source sent … bytes in … s and did not finish",
      drip, HANGS],
    ["a reset in the middle of the body", ALL, `${BROKEN}: ${LOST}`, breakOff],
    ["a reset before it answers", PULLED, `${UNREACHABLE}: ${LOST}`,
      { socket: (socket) => socket.destroy() }],
    ["an answer that is not HTTP", PULLED, `${UNREACHABLE}: ${LOST}`,
      { socket: (socket) => socket.end("SSH-2.0-OpenSSH_9.6\r\n") }],
    ["a connection refused", ALL, `the … cannot be reached: ${LOST}`, { refuses: true }],
    ["TLS with an untrusted certificate", PULLED, `${UNREACHABLE}: ${NO_TLS}`,
      (response, source) => response.writeHead(302, { location: source.untrusted }).end()],
    ["`https` to a server without TLS", PULLED, `${UNREACHABLE}: ${NO_TLS}`, (response, source) => (
      response.writeHead(302, { location: source.url.replace("http", "https") }).end())],
    ["a redirect loop", PULLED, `${UNREACHABLE}: it redirects too often`,
      (response) => response.writeHead(302, { location: `/snapshot?key=${SECRETS[0]}` }).end()],
    ["an HTML page instead of a token", ["account"],
      "the token endpoint's answer has no usable access_token", { token: text("<html>") }],
    ["60 MB instead of a token", ["account"],
      "the token endpoint sent more than the limit of 65536 bytes", { token: flood },
      { bounded: true }],
    ["500 instead of a token", ["account"], "the token endpoint answered 500",
      { token: status(500) }],
    ["a hang instead of a token", ["account"], "the token endpoint did not answer within … s",
      { token: hang }, HANGS],
  ]),
  ...of("stale", [
    ["the time does not change", PULLED, "the source's time is still …Z", moved(-60)],
    ["the time goes back", PULLED, "the source's time is …Z, older than the stored …Z", moved(-61)],
  ]),
  ...of("unauthorised", [
    ["401", PULLED, "the source answered 401: it requires credentials", status(401)],
    ["401 even after a new login", ["account"],
      "the source answered 401: it requires credentials, and refuses a new token too",
      status(401)],
    ["403", PULLED, "the source answered 403: it denies us access", status(403)],
    ["400 instead of a token", ["account"], `the token endpoint answered 400: ${CLIENT}`,
      { token: status(400) }],
    ["401 instead of a token", ["account"], `the token endpoint answered 401: ${CLIENT}`,
      { token: status(401) }],
  ]),
  ...of("rate_limited", [
    ["429", PULLED, "the source asks us to wait but does not say how long", status(429)],
    ["429, `X-Rate-Limit-Retry-After-Seconds: 60394`", ["opensky", "account"],
      "the source asks us to wait 60394 s",
      status(429, { "x-rate-limit-retry-after-seconds": "60394" }), wait(60_394)],
    ["429, `Retry-After: 5000`", PULLED, "the source asks us to wait 5000 s",
      status(429, { "retry-after": "5000" }), wait(5_000)],
    ["429, `Retry-After: 9999999999`", PULLED, "the source asks us to wait 9999999999 s",
      status(429, { "retry-after": "9999999999" }), wait(86_400)],
    ["429, `Retry-After: soon`", PULLED, "the source asks us to wait but does not say how long",
      status(429, { "retry-after": "soon" })],
    ["429 instead of a token, `Retry-After: 5000`", ["account"],
      "the source asks us to wait 5000 s", { token: status(429, { "retry-after": "5000" }) },
      wait(5_000)],
  ]),
];

const AGAIN = (again) => {
  if (again === "interval") return "after the interval";
  return again === 86_400 ? "after a day" : `after ${again} s`;
};

/** The list as the table in docs/faults.md. */
export function table() {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const shown = ({ fault, state, says, again }) => (
    line([fault, `\`${state}\``, says ?? "", AGAIN(again)]));
  const head = [line(["the source", "`state`", "`detail`", "polled again"]), "|---|---|---|---|"];
  return [...head, ...FAULTS.map(shown)].join("\n");
}
