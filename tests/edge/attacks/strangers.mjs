// Attackers of several kinds. Each performs one act at a time, and starts again when it was closed.
//
// An act throws if the server gives a wrong answer. Answers are counted, so that a test can show
// that the attacks took place.

import assert from "node:assert/strict";
import * as http from "node:http";
import * as net from "node:net";
import * as zlib from "node:zlib";
import { sign } from "../access.mjs";
import { TOKEN, within } from "../harness.mjs";
import { BYTES } from "../live.mjs";
import { open } from "./raw.mjs";
import { header } from "./viewers.mjs";

const JSON_PROTOCOL = "overflight.json";
/** After this number of minutes a silent client has its 8 frames, and was closed as slow. */
const SILENT_ACTS = 14;
const HALF_CLOSED = 3;
const BOMB = zlib.gzipSync(Buffer.alloc(40 << 20, " "));

const LIES = [
  ({ sequence }) => ({ ack: sequence }),
  ({ sequence, digest }) => ({ ack: sequence, digest: (digest ^ 1) >>> 0 }),
  ({ sequence, digest }) => ({ ack: sequence + 1_000, digest }),
  ({ sequence, digest }) => ({ ack: sequence, digest, more: 1 }),
  ({ digest }) => ({ ack: Number.MAX_SAFE_INTEGER, digest }),
];
const JUNK = ["junk", "{}", "[1,2]", "", "\u0000", '{"ack":-1,"digest":0}', "Ping", "[".repeat(60)];
const JUNK_BYTES = [Buffer.alloc(0), Buffer.alloc(4), Buffer.from([0x99, 3])];
/** Not WebSocket: a reserved opcode, no mask, a close without end, and 2^63 bytes to come. */
const MALFORMED = [[0x83, 0x80, 0, 0, 0, 0], [0x81, 1, 65], [0x88, 0xfe], [0x82, 0xff, 128]];
const RESUMES = [
  "?epoch=0000000000000000&sequence=1", "?epoch=ffffffffffffffff&sequence=1",
  "?epoch=0123456789abcdef&sequence=18446744073709551615", "?epoch=x&sequence=1",
  "?epoch=1&sequence=-1", "?sequence=5", "?epoch=1", `?epoch=${"f".repeat(999)}&sequence=1`,
];
const READS = [
  "/api/flights/latest", "/api/flights/latest?country=US", "/api/regions", "/metrics",
  "/api/countries/RU/flights?within=60m", "/api/flights/latest?bbox=-180,-90,180,90",
  "/api/countries/US/history?step=1m", "/api/status", "/api/archive",
];
const ODD = [
  "/api/flights/%00", "/api//flights/latest", "/api/flights/latest?bbox=NaN,1,2,3", "/api/..%2f..",
  "/api/flights/9999-99-99T99:99:99Z", `/api/${"x".repeat(4_000)}`, "/api/live/%2e%2e", "/api?%",
  "/api/countries/%F0%9F/flights", "/api/dates?limit=99999999999999999999", "/metrics/../api",
];

/** Returns one attacker of a kind: `{kind, act, leave}`. `context` has the server, a key that the
 *  team of Access does not know, the attacker's address, its seeded `random`, and `count(what)`. */
export function attacker(kind, context) {
  const { server, random, address, count } = context;
  const sockets = [];
  const us = {
    ...context,
    sockets,
    pick: (list) => list[Math.floor(random() * list.length)],
    /** Opens a socket; returns `null` if there is no room for JSON, or a resume is refused. */
    async open(options = {}) {
      const raw = await open(server, { protocol: BYTES, address, ...options });
      count(raw.status);
      if (raw.status === 101) return raw;
      const known = options.query ? [400] : options.protocol === JSON_PROTOCOL ? [503] : [];
      assert.ok(known.includes(raw.status), `${kind}: ${raw.status} ${JSON.stringify(options)}`);
      return null;
    },
    /** Asserts that the socket is closed with one of these codes, after any messages. */
    async expectClose(raw, ...codes) {
      const code = await raw.closed();
      count(code);
      assert.ok(codes.includes(code), `${kind}: closed with ${code}, expected ${codes}`);
    },
    /** Sends a request, and asserts that the answer has one of these statuses. */
    async ask(path, statuses, init = {}) {
      const headers = { "cf-connecting-ip": address, ...init.headers };
      const answer = await server.fetch(path, { ...init, headers });
      await answer.arrayBuffer();
      count(answer.status);
      assert.ok(statuses.includes(answer.status), `${kind}: ${path} is ${answer.status}`);
    },
  };
  const act = () => KINDS[kind](us);
  return { kind, act, leave: () => sockets.splice(0).forEach((raw) => raw.drop()) };
}

/** Every kind of attacker by name, with its act. */
export const KINDS = {
  "acks without reading": async ({ open, pick, sockets, random }) => {
    if (sockets.length > 1) sockets.shift().drop();
    const raw = await open({ protocol: pick([BYTES, JSON_PROTOCOL]) });
    if (raw === null) return;
    sockets.push(raw);
    raw.send(JSON.stringify({ ack: Math.floor(random() * 80), digest: 0 }));
  },
  "wrong acks": async ({ open, pick, expectClose }) => {
    const protocol = pick([BYTES, JSON_PROTOCOL]);
    const raw = await open({ protocol });
    if (raw === null) return;
    raw.send(JSON.stringify(pick(LIES)(header((await raw.next()).data))));
    // A JSON client may be closed for lack of room before its lie is read.
    await expectClose(raw, 4002, ...(protocol === BYTES ? [] : [4008, 4009]));
    raw.drop();
  },
  "stale acks": async ({ open, expectClose }) => {
    const raw = await open();
    const { sequence, digest } = header((await raw.next()).data);
    for (let ack = 0; ack < 40; ack += 1) raw.send(JSON.stringify({ ack: sequence, digest }));
    await expectClose(raw, 4002);
    raw.drop();
  },
  "silent, bytes": (us) => silent(us, BYTES),
  "silent, JSON": (us) => silent(us, JSON_PROTOCOL),
  "junk": async ({ open, pick, expectClose }) => {
    const raw = await open();
    raw.send(pick([...JUNK, ...JUNK_BYTES]));
    await expectClose(raw, 4002);
    raw.drop();
  },
  "malformed": async ({ open, pick, sockets }) => {
    for (const raw of sockets.splice(0)) raw.drop();
    const raw = await open();
    raw.write(Buffer.from(pick(MALFORMED)));
    sockets.push(raw);
  },
  "long messages": async ({ open, pick, expectClose }) => {
    const raw = await open();
    const size = pick([65, 4_096, 65_535, 65_536, 1 << 20]);
    raw.send(pick([`{"ack":${"1".repeat(size - 8)}}`, Buffer.alloc(size)]));
    await expectClose(raw, 4002);
    raw.drop();
  },
  "connects and drops": async ({ open, server, count }) => {
    for (let times = 0; times < 4; times += 1) (await open()).drop();
    const { hostname, port } = new URL(server.url);
    const socket = net.connect(Number(port), hostname);
    socket.on("error", () => {});
    const half = "GET /api/live/world HTTP/1.1\r\n";
    await within(new Promise((resolve) => socket.write(half, resolve)), "half a request");
    socket.destroy();
    count("half a request");
  },
  "half-closed": async ({ open, sockets, expectClose }) => {
    if (sockets.length === HALF_CLOSED) {
      const oldest = sockets.shift();
      for (let more = 0; more < 3; more += 1) oldest.send("more junk");
      oldest.drop();
    }
    const raw = await open();
    sockets.push(raw);
    raw.send("junk");
    await expectClose(raw, 4002);
  },
  "absurd resumes": async ({ open, pick }) => {
    const raw = await open({ query: pick(RESUMES) });
    if (raw === null) return;
    assert.equal(header((await raw.next()).data).base, null, "an absurd place gets a keyframe");
    raw.drop();
  },
  "hammers reads": async ({ ask, pick, server, address }) => {
    const gone = new AbortController();
    const headers = { "cf-connecting-ip": address };
    const left = server.fetch(pick(READS), { headers, signal: gone.signal }).catch(() => {});
    const asked = [1, 2, 3].map(() => ask(pick(READS), [200, 503]));
    gone.abort();
    await Promise.all([left, ...asked]);
  },
  "bad pushes": async ({ ask, pick }) => {
    const gzip = { "content-encoding": "gzip" };
    const snapshot = JSON.stringify({ time: 1_900_000_000, states: [] });
    const [token, headers, body, status] = pick([
      [null, {}, snapshot, 401], [`${TOKEN}x`, {}, snapshot, 401], ["", gzip, BOMB, 401],
      [TOKEN, gzip, BOMB, 413], [TOKEN, gzip, "no gzip", 400], [TOKEN, {}, "{", 400],
    ]);
    if (token !== null) headers.authorization = `Bearer ${token}`;
    await ask("/api/ingest", [status], { method: "POST", headers: { ...headers }, body });
  },
  "forged commands": async ({ ask, pick, key }) => {
    const token = pick([await sign(key), "a.b.c", await sign(key, { header: { alg: "none" } })]);
    const path = `/api/admin/${pick(["pause", "resume", "pull", "retry-dead"])}`;
    await ask(path, [403], { method: "POST", headers: { "cf-access-jwt-assertion": token } });
  },
  "odd URLs": async ({ server, pick, count }) => {
    const { hostname, port } = new URL(server.url);
    const path = pick(ODD);
    const asked = new Promise((resolve, reject) => {
      const request = http.get({ hostname, port, path, agent: false }, (answer) => {
        answer.resume().on("end", () => resolve(answer.statusCode));
      });
      request.on("error", reject);
    });
    const status = await within(asked, path);
    count(status);
    assert.ok(status < 500, `${path.slice(0, 60)} is ${status}`);
  },
};

/** Stays silent for as long as it can; then reads everything, and asserts that it was closed for
 *  that. */
async function silent({ open, sockets, expectClose, state }, protocol) {
  state.acts = (state.acts ?? 0) + 1;
  if (sockets.length === 0) {
    const raw = await open({ protocol });
    if (raw === null) return;
    sockets.push(raw);
    state.acts = 0;
  }
  if (state.acts < SILENT_ACTS) return;
  const raw = sockets.shift();
  await expectClose(raw, 4008, 4009);
  raw.drop();
}
