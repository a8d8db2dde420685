// A scripted source: it sends a snapshot, or plays one of the faults of faults.mjs.
//
// The Worker connects to it directly, so that a connection may be refused, break, or never end.

import { once } from "node:events";
import * as http from "node:http";
import * as net from "node:net";
import * as tls from "node:tls";
import { selfSigned } from "./certificate.mjs";
import { SECRETS } from "./faults.mjs";
import { fixedPort } from "./harness.mjs";
import { Snapshots } from "./snapshots.mjs";

/** The number of aircraft in its snapshots. */
const AIRCRAFT = 30;

/** The age of its first snapshot, seconds: each further one is a minute later, but still past. */
const AGO_SECONDS = 50_000;

export class Source {
  #feed;
  #snapshots;
  #fault = null;
  #http = http.createServer((request, response) => this.#answer(request, response));
  #tcp = net.createServer((socket) => this.#accept(socket));
  #tls = tls.createServer(selfSigned(), (socket) => socket.end());
  #sockets = new Set();

  constructor(feed, seed) {
    this.#feed = feed;
    const time = Math.floor(Date.now() / 60_000) * 60 - AGO_SECONDS;
    this.#snapshots = new Snapshots(seed, AIRCRAFT, { time });
    /** The requested paths, in order. */
    this.asked = [];
    /** The bytes that it could write of a flood. */
    this.sent = 0;
    this.snapshot = this.#snapshots.next();
  }

  async listen() {
    this.#tls.on("tlsClientError", () => {});
    // While connections are refused, nobody else may listen on its port.
    this.port = await fixedPort();
    this.#tcp.listen(this.port, "127.0.0.1");
    this.#tls.listen(0, "127.0.0.1");
    await Promise.all([this.#tcp, this.#tls].map((server) => once(server, "listening")));
    return this;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The URL of a TLS server with an untrusted certificate. */
  get untrusted() {
    return `https://127.0.0.1:${this.#tls.address().port}/snapshot`;
  }

  /** The settings of a server that polls it. */
  get vars() {
    const vars = { FEED_URL: `${this.url}/snapshot?key=${SECRETS[0]}` };
    if (this.#feed !== "account") return vars;
    const account = { OPENSKY_CLIENT_ID: "me", OPENSKY_CLIENT_SECRET: SECRETS[1] };
    return { ...vars, ...account, OPENSKY_TOKEN_URL: `${this.url}/token` };
  }

  /** Plays a fault from now on; `null` ends it. Prepares a snapshot a minute later. */
  async play(fault) {
    this.#fault = fault;
    this.asked = [];
    this.sent = 0;
    this.snapshot = this.#snapshots.next();
    // A kept-alive connection would hide these.
    if (fault?.refuses || fault?.socket) for (const socket of this.#sockets) socket.destroy();
    if (fault?.refuses) return this.#close(this.#tcp);
    if (this.#tcp.listening) return undefined;
    this.#tcp.listen(this.port, "127.0.0.1");
    return once(this.#tcp, "listening");
  }

  /** Returns a snapshot in this feed's format. */
  body({ time, states } = this.snapshot) {
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
    const { [request.url === "/token" ? "token" : "snapshot"]: fault } = this.#fault ?? {};
    if (fault && fault(response, this, times) !== false) return undefined;
    if (request.url !== "/token") return response.end(this.body());
    return response.end(JSON.stringify({ access_token: SECRETS[2], expires_in: 1_800 }));
  }
}
