// A server for the edge tests: the built Workers on workerd, with their storage in its own folder.
//
//   const server = await start({ feed: "push" });
//   await server.push(snapshot);  await server.get("/api/dates");  server.live("world");
//   await server.evict("RegionObject", "world");  await server.kill();  await server.restart();
//   await server.stop();
//
// Tests await events and never guess times; after LIMIT_MILLIS a hang fails with its name.

import { once } from "node:events";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import * as zlib from "node:zlib";
import { configured } from "./configured.mjs";
import { Live } from "./live.mjs";
import { take } from "./spare.mjs";

/** Far longer than any step takes on a slow machine. */
export const LIMIT_MILLIS = 60_000;
export const TOKEN = "a token for tests";

const LOG_CHARACTERS = 100_000;

// Bindings, flags, dates and asset routing come from wrangler.toml, so that they cannot differ.
const [CONFIGURED, JOBS] = await configured();

/** Returns the promise's value; after a timeout rejects with what was awaited. */
export async function within(promise, what, millis = LIMIT_MILLIS) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing after ${millis} ms`)), millis);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

/** The pause of `eventually` between two checks: on two cores, checking without a pause starves
 *  the server. */
const PAUSE_MILLIS = 25;

/** How many connections to a server a test may have left idle. */
const CONNECTIONS_MAX = 30;

/** How far `hurried` sets the clock forward at a time: less than any timeout. */
const HURRY_SECONDS = 1;

/** Systems choose ports from 32768 (Linux) or 49152 (macOS) on: below, nobody else gets one. */
const FIXED_PORTS = { first: 20_000, count: 10_000 };
let fixedPorts = 0;

/** Returns a port that stays free while nothing listens on it. One that the system chose would be
 *  given to another process meanwhile: several files of tests run at once. */
export async function fixedPort() {
  for (;;) {
    // Another process begins at another port.
    const port = FIXED_PORTS.first + ((process.pid * 10 + fixedPorts) % FIXED_PORTS.count);
    fixedPorts += 1;
    if (await refuses(port)) return port;
  }
}

/** Repeats a check until it is truthy; throws the last error, or `what`, if it never is. */
export async function eventually(check, what) {
  const deadline = Date.now() + LIMIT_MILLIS;
  for (;;) {
    try {
      const found = await check();
      if (found) return found;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    if (Date.now() > deadline) throw new Error(`never happened: ${what}`);
    await pause(PAUSE_MILLIS);
  }
}

/** Starts a server. `outbound` is the URL that plays the internet; `direct` lets the Worker
 *  connect to real addresses; `persist` is a folder that survives `stop`;
 *  `bare` leaves out the assets and Miniflare's entrance in front of the Worker; `staged` wraps
 *  the Worker in stage.mjs, for `ahead`, `crowd` and the variables STAGED_…; `limits` binds
 *  wrangler.toml's rate limits with this number of calls a minute (without it there are none:
 *  tests call more often than people); `queues` are Miniflare's settings for the consumers. */
export async function start(options = {}) {
  const server = new Server(options);
  await server.restart();
  return server;
}

class Server {
  #feed;
  #vars;
  #port;
  #outbound;
  #direct;
  #bare;
  #staged;
  #limits;
  #queues;
  #temporary;
  #child = null;
  #waiting = new Map();
  #calls = 0;
  #ahead = 0;
  #log = "";
  #lives = new Set();

  constructor({ feed = "push", persist, vars = {}, port = 0, outbound = null, ...ways }) {
    this.#feed = feed;
    this.#vars = vars;
    this.#port = port;
    this.#outbound = outbound;
    this.#direct = ways.direct ?? false;
    this.#bare = ways.bare ?? false;
    this.#staged = ways.staged ?? false;
    this.#limits = ways.limits ?? null;
    this.#queues = ways.queues ?? {};
    this.#temporary = !persist;
    this.persist = persist ?? fs.mkdtempSync(path.join(os.tmpdir(), "overflight-edge-"));
    this.url = null;
    /** The URL of a staged Worker's inspector. */
    this.inspector = null;
  }

  /** The output of the server and the Worker, for a failed test's message. */
  get log() {
    return this.#log;
  }

  /** The process group of the server and of its workerd. */
  get group() {
    return this.#child.pid;
  }

  /** Starts it again on the same storage, with other variables and queues if given; first stops
   *  it in an orderly way if it runs. */
  async restart({ vars: others = this.#vars, queues = this.#queues } = {}) {
    await this.#end();
    [this.#vars, this.#queues] = [others, queues];
    const worker = { ...CONFIGURED };
    const vars = { FEED: this.#feed, INGEST_TOKEN: TOKEN, ...this.#vars };
    worker.bindings = { ...worker.bindings, ...vars };
    if (this.#bare) delete worker.assets;
    const consumers = Object.entries(JOBS.queueConsumers).map(([name, settings]) => {
      return [name, { ...settings, ...queues }];
    });
    const jobs = { ...JOBS, queueConsumers: Object.fromEntries(consumers) };
    worker.ratelimits = limited(worker.ratelimits, this.#limits);
    const ways = { bare: this.#bare, staged: this.#staged, direct: this.#direct };
    const given = { port: this.#port, outbound: this.#outbound, persist: this.persist };
    const child = take();
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        this.#log = (this.#log + text).slice(-LOG_CHARACTERS);
      });
    }
    const ready = new Promise((resolve, reject) => {
      child.on("message", (message) => {
        if (message.ready) return resolve(message);
        const [done, failed] = this.#waiting.get(message.id);
        this.#waiting.delete(message.id);
        return "error" in message ? failed(new Error(message.error)) : done(message.result);
      });
      child.once("exit", (code) => {
        const error = new Error(`the server ended (${code}): ${this.#log}`);
        reject(error);
        for (const [, failed] of this.#waiting.values()) failed(error);
        this.#waiting.clear();
      });
    });
    child.send({ ...given, ...ways, worker, jobs });
    const started = await within(ready, "the server's start");
    [this.url, this.inspector] = [started.ready, started.inspector];
    if (this.#ahead > 0) await this.#setAhead(this.#ahead);
  }

  async #call(call, ...values) {
    const id = (this.#calls += 1);
    const answer = new Promise((...settle) => this.#waiting.set(id, settle));
    this.#child.send({ id, call, values });
    return within(answer, call);
  }

  /** Posts a body, as JSON unless it is text or bytes. `token: null` sends no token. */
  async push(body, { token = TOKEN, gzip = false, headers = {} } = {}) {
    const raw = typeof body === "string" || body instanceof Uint8Array;
    const bytes = raw ? body : JSON.stringify(body);
    const init = { method: "POST", headers: { ...headers }, body: bytes };
    if (token !== null) init.headers.authorization = `Bearer ${token}`;
    if (gzip) {
      init.headers["content-encoding"] = "gzip";
      init.body = zlib.gzipSync(bytes);
    }
    return this.fetch("/api/ingest", init);
  }

  /** Posts a snapshot that must be accepted; returns the receipt once all regions have it. */
  async feed(snapshot, options) {
    const answer = await this.take(snapshot, options);
    const has = ({ delivered }) => delivered !== null && delivered >= answer.date;
    const all = async () => (await this.json("/api/status")).regions.every(has);
    await eventually(all, `the regions have the minute of ${answer.date}`);
    return answer;
  }

  /** Posts a snapshot that must be accepted; returns the receipt. */
  async take(snapshot, options) {
    const answer = await this.push(snapshot, options);
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`push: ${answer.status} ${text} ${this.log}`);
    return JSON.parse(text);
  }

  async fetch(target, init = {}) {
    const signal = AbortSignal.timeout(LIMIT_MILLIS);
    return fetch(this.url + target, { redirect: "manual", signal, ...init });
  }

  /**
   * Gets a path. A test that compared 100,000 rows left its connection idle for seconds; the server
   * may have closed it, so a read whose connection is gone is sent once more (RFC 9110, 9.2.2).
   */
  async get(target, headers = {}) {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.fetch(target, { headers });
      } catch (error) {
        const isClosed = ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"].includes(error.cause?.code);
        if (!isClosed || tries === CONNECTIONS_MAX) throw error;
      }
    }
  }

  /** Returns the JSON at a path that must exist. */
  async json(target) {
    const answer = await this.get(target);
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${target}: ${answer.status} ${text} ${this.log}`);
    return JSON.parse(text);
  }

  /** Opens a WebSocket client of a region; `protocol: null` requests no subprotocol. */
  live(region, { protocol = "overflight.json", query = "", ack = true } = {}) {
    const url = `${this.url.replace("http", "ws")}/api/live/${region}${query}`;
    const live = new Live(url, protocol, { ack, within });
    this.#lives.add(live);
    return live;
  }

  /** Returns the current state of a region's object; `/api/regions` may be seconds old. */
  async region(name) {
    return this.#call("region", name);
  }

  /** Evicts an object, or all of a class, from memory; sockets hibernate. Returns their number. */
  async evict(className, name) {
    return this.#call("evict", className, name);
  }

  /** Returns how often a staged Worker called its bindings: `{archive, regions, ingest}`. */
  async calls() {
    return this.json("/api/stage/calls");
  }

  /** Sets a staged Worker's clock forward, and with it the timers that run. Restarts keep it. */
  async ahead(seconds) {
    this.#ahead += seconds;
    await this.#setAhead(seconds);
  }

  async #setAhead(seconds) {
    const answer = await this.get(`/api/stage/clock?seconds=${seconds}`);
    if (answer.status !== 200) throw new Error(`the clock: ${answer.status}`);
  }

  /** Stops a staged Worker's clock: only `ahead` moves it from now on. */
  async stopClock() {
    const answer = await this.get("/api/stage/clock?seconds=0&stop");
    if (answer.status !== 200) throw new Error(`the clock: ${answer.status}`);
  }

  /** Awaits what waits for a timer: a staged Worker's clock is set forward until it is settled. */
  async hurried(promise) {
    let isSettled = false;
    const settle = () => {
      isSettled = true;
    };
    promise.then(settle, settle);
    while (!isSettled) {
      await this.ahead(HURRY_SECONDS);
      await pause(PAUSE_MILLIS);
    }
    return promise;
  }

  /** Opens `size` sockets inside a staged Worker; they stay open as long as the returned one. */
  async crowd(region, size) {
    const url = `${this.url.replace("http", "ws")}/api/stage/crowd?region=${region}&size=${size}`;
    const crowd = new Live(url, null, { ack: false, within });
    this.#lives.add(crowd);
    const count = Number(await crowd.next());
    if (count !== size) throw new Error(`a crowd of ${count}, not ${size}`);
    return crowd;
  }

  /** Returns the keys in KV; replaces all values by the bytes if given. */
  async cached(bytes = null) {
    return this.#call("cached", bytes && [...bytes]);
  }

  /** Deletes an object from R2 behind the Worker's back; returns its bytes. */
  async takeObject(key) {
    return this.#call("takeObject", key);
  }

  /** Puts an object into R2 behind the Worker's back. */
  async giveObject(key, bytes) {
    return this.#call("giveObject", key, bytes);
  }

  /** Returns the custom metadata of an object in R2. */
  async metadata(key) {
    return this.#call("metadata", key);
  }

  /** Sends messages to the queue of jobs. */
  async remind(...messages) {
    return this.#call("remind", messages);
  }

  /** Returns every object in R2: `{key, size, etag}`, sorted by key. */
  async objects() {
    return this.#call("objects");
  }

  async dispatchScheduled() {
    return this.#call("scheduled");
  }

  /** Cuts the power: SIGKILL to the server and to workerd at once. */
  async kill() {
    const child = this.#child;
    this.#child = null;
    const ended = once(child, "exit");
    process.kill(-child.pid, "SIGKILL");
    await ended;
    // workerd is a separate process and has the storage open: it is gone when its port is.
    const port = Number(new URL(this.url).port);
    await eventually(() => refuses(port), `port ${port} closes`);
  }

  async #end() {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.disconnect();
    await within(ended, "the server's end");
  }

  /** Stops it, closes its clients, and removes its temporary storage. */
  async stop() {
    for (const live of this.#lives) live.close();
    await this.#end();
    if (this.#temporary) fs.rmSync(this.persist, { recursive: true, force: true });
  }
}

/** Returns the configured limits with another number, or none without a number. */
function limited(configured, limit) {
  const limits = limit === null ? [] : Object.entries(configured);
  const simple = (settings) => ({ ...settings.simple, limit });
  return Object.fromEntries(
    limits.map(([name, settings]) => [name, { ...settings, simple: simple(settings) }]),
  );
}

async function refuses(port) {
  const socket = net.connect(port, "127.0.0.1");
  const [outcome] = await Promise.race([
    once(socket, "connect").then(() => ["connected"]),
    once(socket, "error").then(([error]) => [error.code]),
  ]).catch((error) => [error.code]);
  socket.destroy();
  return outcome === "ECONNREFUSED";
}
