// Tests that take minutes and gigabytes: `make soak`. Each prints its measurements.

import assert from "node:assert/strict";
import { once } from "node:events";
import * as net from "node:net";
import { describe, it } from "node:test";
import { cost, megabytes } from "../edge/attacks/cost.mjs";
import { open } from "../edge/attacks/raw.mjs";
import { start } from "../edge/harness.mjs";
import { acknowledgement, BYTES } from "../edge/live.mjs";
import { Snapshots } from "../edge/snapshots.mjs";

const AIRCRAFT = 10_000;
const FRAMES = 100;
const STALLED = 60;
/** A client's unacknowledged frames besides the keyframe: the window, and one that exceeds it. */
const WINDOW_FRAMES = 9;

/** The most sockets of a region, and the slices in which they are opened. */
const MOST = 32_000;
const SLICE = 4_000;

/** Opens a client that reads the upgrade's answer, and then nothing more. */
async function stalled(server) {
  const { hostname, port } = new URL(server.url);
  const socket = net.connect(Number(port), hostname);
  socket.write([
    "GET /api/live/world HTTP/1.1", `Host: ${hostname}`, "Connection: Upgrade",
    "Upgrade: websocket", "Sec-WebSocket-Version: 13", `Sec-WebSocket-Protocol: ${BYTES}`,
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", "",
  ].join("\r\n"));
  await once(socket, "readable");
  assert.match(String(socket.read(12)), /HTTP\/1\.1 101/);
  return socket;
}

/** Returns workerd's growth while `world` sends frames beside clients that do not read. */
async function grown(clients) {
  const server = await start({ feed: "push" });
  try {
    const snapshots = new Snapshots(91, AIRCRAFT, { step: 20 });
    await server.feed(snapshots.next(), { gzip: true });
    const sockets = [];
    while (sockets.length < clients) sockets.push(await stalled(server));
    const reader = server.live("world", { protocol: BYTES });
    let last = await reader.next();
    const { byteLength: keyframe } = last;
    const before = cost(server).bytes;
    let bytes = 0;
    for (let frames = 0; frames < FRAMES; frames += 1) {
      reader.send(acknowledgement(last));
      await server.feed(snapshots.next(), { gzip: true });
      last = await reader.next();
      bytes += last.byteLength;
    }
    const growth = cost(server).bytes - before;
    for (const socket of sockets) socket.destroy();
    return { growth, keyframe, frame: bytes / FRAMES };
  } finally {
    await server.stop();
  }
}

describe("clients that stop reading", () => {
  it("cost a bounded amount while `world` sends a hundred frames", async (t) => {
    const alone = await grown(0);
    const beside = await grown(STALLED);
    const { keyframe, frame } = beside;
    const each = (beside.growth - alone.growth) / STALLED;
    const window = keyframe + WINDOW_FRAMES * frame;
    t.diagnostic(`a keyframe has ${megabytes(keyframe)}, a frame ${megabytes(frame)}`);
    t.diagnostic(`workerd grew by ${megabytes(alone.growth)} alone`);
    t.diagnostic(`and by ${megabytes(beside.growth)} beside ${STALLED} clients that do not read`);
    const unbounded = megabytes(FRAMES * frame);
    t.diagnostic(`${megabytes(each)} each; its window is ${megabytes(window)}, all ${unbounded}`);
    assert.ok(each < 2 * window, "a client costs its window, not what it misses");
    assert.ok(4 * window < FRAMES * frame, "enough frames to distinguish the two");
  });
});

describe("a region with 32,000 sockets", () => {
  it("refuses the next with 503, and serves the others", async (t) => {
    const server = await start({ feed: "push", staged: true });
    try {
      const snapshots = new Snapshots(92, 100);
      await server.feed(snapshots.next());
      const first = server.live("world");
      await first.frame();
      const started = performance.now();
      // Each slice fits into the timeout of a call.
      for (let open = 1; open < MOST; open += SLICE) {
        await server.crowd("world", Math.min(SLICE, MOST - open));
      }
      t.diagnostic(`opened in ${Math.round((performance.now() - started) / 1_000)} s`);
      t.diagnostic(`workerd holds ${megabytes(cost(server).bytes)}`);
      assert.equal((await server.region("world")).subscribers, MOST);
      assert.equal((await open(server)).status, 503);
      const sent = performance.now();
      const snapshot = snapshots.next();
      await server.feed(snapshot);
      await first.until(snapshot.time);
      t.diagnostic(`a frame for all of them: ${Math.round(performance.now() - sent)} ms`);
    } finally {
      await server.stop();
    }
  });
});
