// How long a frame takes to the last of 4,000 clients after the first, and how much memory a socket
// takes: in a region, in a bare Durable Object on the same workerd, and in Node's `ws`.
//
// All three send the same bytes to the same clients. They take turns frame by frame, and each is
// idle before the next one sends. Miniflare's entry Worker, which Cloudflare does not have, is
// bypassed: with assets it proxies a socket through further Workers, which doubles its memory.
// `cargo bench` has written the snapshots to target/bench/.

import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { cost } from "../edge/attacks/cost.mjs";
import { start, within } from "../edge/harness.mjs";
import { acknowledgement, BYTES } from "../edge/live.mjs";
import { middle } from "./clock.mjs";

const CLIENTS = 4_000;
/** Snapshots before the clients connect, so that their memory is not counted as the sockets'. The
 *  CPU time of the last ones is that of a snapshot without the clients. */
const WARM_SNAPSHOTS = 5;
const MEASURED_SNAPSHOTS = 3;
/** A process that takes no CPU time for this long is idle. */
const REST_MILLIS = 200;

const program = (name) => fileURLToPath(new URL(`fanout/${name}.mjs`, import.meta.url));

/** Returns all figures of the fan-out. */
export async function fanout(out) {
  if (!existsSync("/proc/self/stat")) {
    console.log("bench: no /proc here, so no fanout figures");
    return {};
  }
  const names = readdirSync(out).filter((name) => /^snapshot-\d+\.json$/.test(name)).sort();
  const snapshots = names.map((name) => readFileSync(join(out, name)));
  const persist = mkdtempSync(join(tmpdir(), "overflight-fanout-"));
  const senders = [];
  try {
    await fillCache(persist, snapshots.shift());
    const ours = await Ours.start(persist, snapshots.splice(0, WARM_SNAPSHOTS));
    senders.push(ours);
    for (const name of ["bare_peer", "ws_peer"]) senders.push(await Peer.start(name));
    for (const sender of senders) await sender.open(ours.keyframe);
    for (const snapshot of snapshots) {
      const frame = await ours.send(snapshot);
      for (const peer of senders.slice(1)) await peer.send(frame);
    }
    return figures(senders);
  } finally {
    for (const sender of senders) await sender.stop();
    rmSync(persist, { recursive: true, force: true });
  }
}

function figures(senders) {
  const [us, bare, ws] = senders.map(({ spans, millis, bytes }) => {
    return { ms: middle(spans), cpu: middle(millis), kb: bytes / CLIENTS / 1_000 };
  });
  const alone = middle(senders[0].alone);
  return {
    "fanout.first_to_last_ms": us.ms,
    "fanout.bare_first_to_last_ms": bare.ms,
    "fanout.ws_first_to_last_ms": ws.ms,
    "fanout.times_bare_ms": us.ms / bare.ms,
    // Ours includes all work on the snapshot; all three include the acknowledgements.
    "fanout.cpu_ms": us.cpu,
    "fanout.cpu_ms_without_clients": alone,
    "fanout.bare_cpu_ms": bare.cpu,
    "fanout.ws_cpu_ms": ws.cpu,
    "fanout.times_bare_cpu": (us.cpu - alone) / bare.cpu,
    "fanout.kb_per_socket": us.kb,
    "fanout.bare_kb_per_socket": bare.kb,
    "fanout.ws_kb_per_socket": ws.kb,
    "fanout.times_bare_kb": us.kb / bare.kb,
  };
}

/** Puts the boundaries into KV: without the entry Worker there are no assets to read. */
async function fillCache(persist, snapshot) {
  const server = await start({ persist });
  await server.feed(snapshot);
  await server.stop();
}

/** A server with its crowd of clients. A subclass sets `url`, and what `cost` finds it by. */
class Sender {
  #crowd = null;
  #gone;
  /** From the first client to the last, milliseconds, and the CPU time, frame by frame. */
  spans = [];
  millis = [];
  /** How much the clients' connecting added to the process. */
  bytes = null;

  /** Connects the clients, each of which gets the keyframe. */
  async crowd(path) {
    await this.rest();
    const before = cost(this).bytes;
    this.#crowd = fork(program("crowd"));
    this.#gone = once(this.#crowd, "exit").then(() => Promise.reject(new Error("no crowd")));
    this.#gone.catch(() => {});
    this.#crowd.send({ url: this.url + path, clients: CLIENTS });
    await this.arrival();
    await this.rest();
    this.bytes = cost(this).bytes - before;
  }

  /** Resolves when the last client has the next frame. */
  async arrival() {
    const message = once(this.#crowd, "message");
    const [frame] = await within(Promise.race([message, this.#gone]), "a frame for all clients");
    return frame;
  }

  /** Has a frame sent, and waits until all clients have it and it is acknowledged. */
  async timed(send) {
    const before = cost(this).millis;
    const [{ first, last }, sent] = await Promise.all([this.arrival(), send()]);
    await this.rest();
    this.spans.push(last - first);
    this.millis.push(cost(this).millis - before);
    return sent;
  }

  /** Returns once the process takes no CPU time. */
  async rest() {
    let before;
    do {
      before = cost(this).millis;
      await pause(REST_MILLIS);
    } while (cost(this).millis > before);
  }

  stop() {
    this.#crowd?.disconnect();
  }
}

/** The built Worker, to which snapshots are pushed. */
class Ours extends Sender {
  /** The CPU time of each snapshot before the clients connected, milliseconds. */
  #alone = [];

  static async start(persist, snapshots) {
    const ours = new Ours();
    ours.server = await start({ persist, bare: true });
    ours.url = ours.server.url;
    ours.group = ours.server.group;
    ours.viewer = ours.server.live("world", { protocol: BYTES });
    await ours.#read();
    for (const snapshot of snapshots) {
      await ours.rest();
      const before = cost(ours).millis;
      await ours.#frame(snapshot);
      await ours.rest();
      ours.#alone.push(cost(ours).millis - before);
    }
    const newcomer = ours.server.live("world", { protocol: BYTES });
    ours.keyframe = await newcomer.next();
    newcomer.close();
    return ours;
  }

  async #read() {
    const frame = await this.viewer.next();
    this.viewer.send(acknowledgement(frame));
    return frame;
  }

  /** Pushes a snapshot and returns its frame. Nothing asks the server meanwhile whether all regions
   *  have it: those questions would take CPU time from the writes. */
  async #frame(snapshot) {
    await this.server.take(snapshot);
    return this.#read();
  }

  /** The CPU times of the last snapshots before the clients connected, milliseconds. */
  get alone() {
    return this.#alone.slice(-MEASURED_SNAPSHOTS);
  }

  open() {
    return this.crowd("/api/live/world");
  }

  /** Pushes a snapshot and returns the resulting frame. */
  send(snapshot) {
    return this.timed(() => this.#frame(snapshot));
  }

  async stop() {
    super.stop();
    await this.server.stop();
  }
}

/** Another server, which sends what is posted to it. */
class Peer extends Sender {
  static async start(name) {
    const peer = new Peer();
    // The leader of a process group, which its workerd joins, if it has one.
    peer.child = fork(program(name), { detached: true });
    const [{ url, pid }] = await within(once(peer.child, "message"), `${name}'s start`);
    return Object.assign(peer, { url, pid, group: peer.child.pid });
  }

  async #post(path, body) {
    const { status } = await fetch(this.url + path, { method: "POST", body });
    if (status !== 200) throw new Error(`${path}: ${status}`);
  }

  async open(keyframe) {
    // Not earlier: an object that is idle for ten seconds forgets it.
    await this.#post("/keyframe", keyframe);
    await this.crowd("/live");
  }

  send(frame) {
    return this.timed(() => this.#post("/send", frame));
  }

  stop() {
    super.stop();
    this.child.disconnect();
  }
}
