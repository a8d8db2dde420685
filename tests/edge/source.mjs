// A source that does what it is told: a sky, or one of the faults of faults.mjs.
//
// The Worker connects to it by itself, so that a connection may be refused, break, or never end.

import { once } from "node:events";
import * as http from "node:http";
import * as net from "node:net";
import * as tls from "node:tls";
import { selfSigned } from "./certificate.mjs";
import { SECRETS } from "./faults.mjs";
import { Skies } from "./skies.mjs";

/** How many aircraft its skies have. */
const AIRCRAFT = 30;

/** So long ago its first sky was, seconds: each further one is a minute later, and still past. */
const AGO_SECONDS = 50_000;

export class Source {
  #feed;
  #skies;
  #fault = null;
  #http = http.createServer((request, response) => this.#answer(request, response));
  #tcp = net.createServer((socket) => this.#accept(socket));
  #tls = tls.createServer(selfSigned(), (socket) => socket.end());
  #sockets = new Set();

  constructor(feed, seed) {
    this.#feed = feed;
    const time = Math.floor(Date.now() / 60_000) * 60 - AGO_SECONDS;
    this.#skies = new Skies(seed, AIRCRAFT, { time });
    /** What it was asked for, in order: paths. */
    this.asked = [];
    /** How many bytes it could write of what is not a sky. */
    this.sent = 0;
    this.sky = this.#skies.next();
  }

  async listen() {
    this.#tls.on("tlsClientError", () => {});
    for (const server of [this.#tcp, this.#tls]) {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
    }
    this.port = this.#tcp.address().port;
    return this;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Where TLS is spoken, with a certificate that nobody trusts. */
  get untrusted() {
    return `https://127.0.0.1:${this.#tls.address().port}/sky`;
  }

  /** The settings of a server that asks it. */
  get vars() {
    const vars = { FEED_URL: `${this.url}/sky?key=${SECRETS[0]}` };
    if (this.#feed !== "account") return vars;
    const account = { OPENSKY_CLIENT_ID: "me", OPENSKY_CLIENT_SECRET: SECRETS[1] };
    return { ...vars, ...account, OPENSKY_TOKEN_URL: `${this.url}/token` };
  }

  /** From now on it answers like this; `null` is well again. A sky a minute later is ready. */
  async play(fault) {
    this.#fault = fault;
    this.asked = [];
    this.sent = 0;
    this.sky = this.#skies.next();
    // A connection that is kept alive would hide these.
    if (fault?.refuses || fault?.socket) for (const socket of this.#sockets) socket.destroy();
    if (fault?.refuses) return this.#close(this.#tcp);
    if (this.#tcp.listening) return undefined;
    this.#tcp.listen(this.port, "127.0.0.1");
    return once(this.#tcp, "listening");
  }

  /** A sky as this feed writes it. */
  body({ time, states } = this.sky) {
    if (this.#feed !== "readsb") return JSON.stringify({ time, states });
    const aircraft = states?.map((row, index) => (
      { hex: row[0], flight: `TEST${index}`, lat: index, lon: index, seen: 1, seen_pos: 1 }));
    return JSON.stringify({ now: time, aircraft: aircraft ?? [] });
  }

  async close() {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all([this.#close(this.#tcp), this.#close(this.#tls)]);
  }

  async #close(server) {
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  }

  #accept(socket) {
    this.#sockets.add(socket);
    socket.on("error", () => {}).on("close", () => this.#sockets.delete(socket));
    if (this.#fault?.socket) this.#fault.socket(socket, this);
    else this.#http.emit("connection", socket);
  }

  #answer(request, response) {
    this.asked.push(request.url);
    response.on("error", () => {});
    response.setHeader("content-type", "application/json");
    const times = this.asked.filter((path) => path === request.url).length;
    const { [request.url === "/token" ? "token" : "sky"]: fault } = this.#fault ?? {};
    if (fault && fault(response, this, times) !== false) return undefined;
    if (request.url !== "/token") return response.end(this.body());
    return response.end(JSON.stringify({ access_token: SECRETS[2], expires_in: 1_800 }));
  }
}
