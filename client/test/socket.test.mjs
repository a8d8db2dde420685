// The live connection on a fake WebSocket and fake timers.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { BACKOFF_FIRST, BACKOFF_MAX, LiveSocket, PATIENCE, SILENCE } from "../app/data/socket.ts";

class FakeSocket {
  sent = [];
  closed = null;
  constructor(url, protocol) {
    Object.assign(this, { url, protocol });
  }
  send(text) {
    this.sent.push(text);
  }
  close(code) {
    this.closed = code;
  }
  open() {
    this.onopen();
  }
  frame(...bytes) {
    this.onmessage({ data: new Uint8Array(bytes).buffer });
  }
  text(data) {
    this.onmessage({ data });
  }
  /** The server's close, or the network's (1006). */
  end(code) {
    this.onclose({ code });
  }
}

/** Returns a socket with its receiver, whose answers a test chooses. */
function setUp({ random = 1, position = null, isOutdated } = {}) {
  const made = [];
  const states = [];
  const receiver = { at: position, answer: { ack: 1, digest: 9 }, frames: [] };
  receiver.position = () => receiver.at;
  receiver.take = (frame) => {
    receiver.frames.push([...frame]);
    return receiver.answer;
  };
  const socket = new LiveSocket({
    url: "wss://example/api/live/world",
    protocol: "frames.v7",
    receiver,
    onState: (state) => states.push(state),
    ...(isOutdated === undefined ? {} : { isOutdated }),
    random: () => random,
    connect: (url, protocol) => {
      made.push(new FakeSocket(url, protocol));
      return made.at(-1);
    },
  });
  return { socket, made, states, receiver };
}

/** Lets all pending promises settle. */
const settled = () => new Promise((resolve) => { setImmediate(resolve); });

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
});

test("frames are applied and acknowledged", () => {
  const { socket, made, receiver } = setUp();
  socket.start();
  assert.equal(made[0].url, "wss://example/api/live/world");
  assert.equal(made[0].protocol, "frames.v7");
  made[0].open();
  receiver.answer = { ack: 7, digest: 4_294_967_295 };
  made[0].frame(1, 2, 3);
  assert.deepEqual(receiver.frames, [[1, 2, 3]]);
  assert.deepEqual(made[0].sent, ['{"ack":7,"digest":4294967295}']);
  assert.deepEqual(socket.state, { kind: "live" });
});

test("a lost connection is resumed from the last sequence", () => {
  const { socket, made, receiver } = setUp();
  socket.start();
  made[0].open();
  receiver.at = { epoch: "00000000000000ff", sequence: 12 };
  made[0].frame(1);
  made[0].end(1006);
  assert.equal(socket.state.kind, "waiting");
  mock.timers.tick(BACKOFF_MAX);
  assert.equal(made[1].url, "wss://example/api/live/world?epoch=00000000000000ff&sequence=12");
});

test("waits double up to a maximum, with full jitter", () => {
  const waits = (random) => {
    const { socket, made, states } = setUp({ random });
    socket.start();
    for (let i = 0; i < 9; i++) {
      made.at(-1).end(1006);
      mock.timers.tick(BACKOFF_MAX);
    }
    const now = () => states.filter((state) => state.kind === "waiting");
    return now().map((state, i) => state.until - BACKOFF_MAX * i);
  };
  mock.timers.setTime(0);
  const longest = waits(1);
  assert.deepEqual(longest.slice(0, 3), [1, 2, 4].map((n) => n * 2 * BACKOFF_FIRST));
  assert.equal(longest.at(-1), BACKOFF_MAX);
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 0 });
  assert.ok(waits(0).every((wait) => wait <= 0));
});

test("a short wait follows a connection that lasted", () => {
  const { socket, made, states } = setUp();
  socket.start();
  for (let i = 0; i < 4; i++) {
    made.at(-1).end(1006);
    mock.timers.tick(BACKOFF_MAX);
  }
  made.at(-1).open();
  mock.timers.tick(20_000);
  const now = Date.now();
  made.at(-1).end(1006);
  assert.equal(states.at(-1).until - now, BACKOFF_FIRST);
});

test("silence causes a ping, and more silence a new connection", () => {
  const { socket, made } = setUp();
  socket.start();
  made[0].open();
  mock.timers.tick(SILENCE);
  assert.deepEqual(made[0].sent, ["ping"]);
  made[0].text("pong");
  mock.timers.tick(SILENCE);
  mock.timers.tick(PATIENCE - 1);
  assert.equal(made[0].closed, null);
  mock.timers.tick(1);
  assert.equal(made[0].closed, 1000);
  assert.equal(socket.state.kind, "waiting");
});

test("a handshake that never ends times out", () => {
  const { socket, made } = setUp();
  socket.start();
  mock.timers.tick(PATIENCE);
  assert.equal(made[0].closed, 1000);
  assert.equal(socket.state.kind, "waiting");
});

test("after a refused frame the next connection does not resume and gets a keyframe", () => {
  const { socket, made, receiver } = setUp({ position: { epoch: "a", sequence: 3 } });
  socket.start();
  assert.match(made[0].url, /sequence=3$/);
  made[0].open();
  receiver.answer = null;
  made[0].frame(9);
  assert.deepEqual(made[0].sent, []);
  mock.timers.tick(BACKOFF_MAX);
  assert.doesNotMatch(made[1].url, /sequence/);
  made[1].open();
  receiver.answer = { ack: 4, digest: 8 };
  made[1].frame(9);
  made[1].end(1006);
  mock.timers.tick(BACKOFF_MAX);
  assert.match(made[2].url, /sequence=3$/, "it resumes from a frame applied since");
});

test("repeatedly refused frames mean that the page is outdated", () => {
  const { socket, made, receiver } = setUp();
  receiver.answer = null;
  socket.start();
  for (let i = 0; i < 3; i++) {
    made.at(-1).open();
    made.at(-1).frame(1);
    mock.timers.tick(BACKOFF_MAX);
  }
  assert.deepEqual(socket.state, { kind: "refused", reason: "outdated" });
  assert.equal(made.length, 3);
});

test("a page whose protocol is refused at the handshake is outdated", async () => {
  const { socket, made } = setUp({ isOutdated: async () => true });
  socket.start();
  made[0].end(1006);
  await settled();
  assert.deepEqual(socket.state, { kind: "refused", reason: "outdated" });
  mock.timers.tick(10 * BACKOFF_MAX);
  assert.equal(made.length, 1);
});

test("a failed handshake asks whether the page is outdated until it is answered", async () => {
  let asked = 0;
  let answer = () => Promise.reject(new Error("the server cannot be reached"));
  const isOutdated = () => {
    asked += 1;
    return answer();
  };
  const { socket, made } = setUp({ isOutdated });
  const fail = async () => {
    made.at(-1).end(1006);
    await settled();
    mock.timers.tick(BACKOFF_MAX);
  };
  socket.start();
  await fail();
  await fail();
  assert.equal(asked, 2, "there was no answer yet");
  answer = async () => false;
  await fail();
  await fail();
  assert.deepEqual([asked, socket.state.kind], [3, "connecting"]);
  made.at(-1).open();
  made.at(-1).end(1006);
  await settled();
  assert.equal(asked, 3, "the handshake was well");
  mock.timers.tick(BACKOFF_MAX);
  await fail();
  assert.equal(asked, 4, "it opened meanwhile, so the server may be another");
});

test("an answer that comes when the socket is open again changes nothing", async () => {
  let tell;
  const isOutdated = () => new Promise((resolve) => { tell = resolve; });
  const { socket, made } = setUp({ isOutdated });
  socket.start();
  made[0].end(1006);
  mock.timers.tick(BACKOFF_MAX);
  made[1].open();
  tell(true);
  await settled();
  assert.deepEqual(socket.state, { kind: "live" });
});

test("each close code has its own reaction", () => {
  const after = (code) => {
    const { socket, made } = setUp({ position: { epoch: "a", sequence: 3 } });
    socket.start();
    made[0].open();
    const now = Date.now();
    made[0].end(code);
    const wait = (socket.state.until ?? NaN) - now;
    mock.timers.tick(2 * BACKOFF_MAX);
    return { state: socket.state.kind, wait, url: made[1]?.url };
  };
  assert.equal(after(4000).wait, BACKOFF_FIRST, "a restart is over soon");
  assert.doesNotMatch(after(4002).url, /sequence/, "a mistake is not repeated");
  assert.equal(after(4003).state, "refused");
  assert.match(after(4008).url, /sequence=3/, "slow: the server decides what is sent");
  assert.ok(after(4009).wait >= BACKOFF_MAX, "too many: stay away for long");
});

test("a pause disconnects, and a start reconnects at once", () => {
  const { socket, made } = setUp({ position: { epoch: "a", sequence: 3 } });
  socket.start();
  made[0].open();
  socket.pause();
  assert.equal(made[0].closed, 1000);
  mock.timers.tick(10 * BACKOFF_MAX);
  assert.equal(made.length, 1, "nothing is tried while paused");
  socket.start();
  assert.match(made[1].url, /sequence=3/);
  socket.start();
  assert.equal(made.length, 2, "a second start changes nothing");
});
