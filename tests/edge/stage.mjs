// The built Worker with a stage around it: a clock that tests set forward, a crowd of sockets in a
// region, a KV, a queue, an archive, a region or an Ingest object that fails, and counted calls and
// memory.
//
// The Worker's code is the real one; the clock and the failures are staged. The crowd's sockets
// begin inside workerd, so that tens of thousands of them need no ports and no file descriptors.

import { mostBytes, wasmBytes } from "./instances.mjs";
import Worker, { IngestObject as Ingest } from "../../build/index.js";

export * from "../../build/index.js";

const visitor = { format: "Binary", caller: null, caller_max: 32_000 };
/** What the Worker asks a region for a client of bytes: `RegionQuestion` of src/ask/region.rs. */
const FOLLOW = JSON.stringify({ Follow: { visitor, resume: null, has_offered: false } });

let ahead = 0;
/** The machine's time at which the clock was stopped. */
let stopped = null;
const MachineDate = Date;

globalThis.Date = class extends MachineDate {
  constructor(...given) {
    super(...(given.length === 0 ? [Date.now()] : given));
  }

  static now() {
    return (stopped ?? MachineDate.now()) + ahead;
  }
};

/** How often a timer looks at the clock, and how short a timer is that does not. */
const LOOK_MILLIS = 20;
const SHORT_MILLIS = 500;

const machineTimeout = globalThis.setTimeout;

// Timers run on the same clock. An interval counts as a timeout to `clearTimeout` (HTML, 8.7).
globalThis.setTimeout = (act, millis = 0, ...given) => {
  if (millis < SHORT_MILLIS) return machineTimeout(act, millis, ...given);
  const due = Date.now() + millis;
  const timer = setInterval(() => {
    if (Date.now() < due) return;
    clearInterval(timer);
    act(...given);
  }, LOOK_MILLIS);
  return timer;
};

/** The platform rings alarms by the machine's clock. One that is set already stays where it is: it
 *  is set anew by an object that was evicted. */
function setAlarmsByOurClock(storage) {
  const prototype = Object.getPrototypeOf(storage);
  if (Object.hasOwn(prototype, "isStaged")) return;
  const { setAlarm } = prototype;
  prototype.isStaged = true;
  prototype.setAlarm = function staged(time, ...options) {
    return setAlarm.call(this, Number(time) - ahead, ...options);
  };
}

/** The answer to every call of a binding, by the variables STAGED_KV and STAGED_QUEUE. */
const ANSWERS = {
  hangs: () => new Promise(() => {}),
  fails: () => Promise.reject(new Error("this is staged to fail")),
};

function staged(name, Binding, calls, how) {
  const answer = ANSWERS[how];
  const answers = Object.fromEntries(calls.map((call) => [call, answer]));
  return answer ? { [name]: Object.assign(new Binding(), answers) } : {};
}

// The crate `worker` recognises a queue by its class name.
class WorkerQueue {}

/** How a region fails, by the second word of the variable STAGED_REGION; the first is its name. */
const FAILURES = {
  retryable: () => Promise.reject(Object.assign(new Error("staged"), { retryable: true })),
  overloaded: () => {
    const both = { retryable: true, overloaded: true };
    return Promise.reject(Object.assign(new Error("staged"), both));
  },
  hangs: () => new Promise(() => {}),
};

/** The number of calls of the staged region, and whether it works again. */
const region = { attempts: 0, healed: false };

/** The regions as Ingest sees them. The crate `worker` recognises a binding by its class name. */
class DurableObjectNamespace {
  constructor(real, staged) {
    [this.name, this.way] = staged.split(" ");
    this.real = real;
  }

  getByName(name, options) {
    if (name !== this.name || region.healed) return this.real.getByName(name, options);
    const fetch = () => {
      region.attempts += 1;
      return FAILURES[this.way]();
    };
    return { fetch };
  }
}

export class IngestObject extends Ingest {
  #deaf;

  constructor(state, env) {
    setAlarmsByOurClock(state.storage);
    const calls = ["get", "getWithMetadata", "put", "list", "delete"];
    const kv = staged("BOUNDARIES", Object, calls, env.STAGED_KV);
    const queue = staged("JOBS", WorkerQueue, ["send", "sendBatch"], env.STAGED_QUEUE);
    const regions = env.STAGED_REGION
      ? { REGION: new DurableObjectNamespace(env.REGION, env.STAGED_REGION) }
      : {};
    super(state, { ...env, ...kv, ...queue, ...regions });
    this.#deaf = env.STAGED_EARS === "deaf";
  }

  async fetch(request) {
    if (this.#deaf && new URL(request.url).pathname === "/ask") {
      const question = await request.clone().json();
      if (question.Message !== undefined) return new Response(null, { status: 500 });
    }
    return super.fetch(request);
  }
}

/** The Worker's calls per binding; below, whether the archive answers. */
const calls = { archive: 0, regions: 0, ingest: 0 };
let released = false;

/** Wraps one method of a binding. The crate `worker` inspects its constructor. */
function watched(binding, method, before) {
  return new Proxy(binding, {
    get(target, name) {
      const value = target[name];
      if (typeof value !== "function" || name === "constructor") return value;
      if (name !== method) return value.bind(target);
      return (...given) => before(() => target[name](...given));
    },
  });
}

export default class extends Worker {
  constructor(context, env) {
    const counted = (name) => (call) => {
      calls[name] += 1;
      return call();
    };
    const archive = async (call) => {
      calls.archive += 1;
      // No request may await another's promise.
      while (env.STAGED_ARCHIVE === "waits" && !released) await scheduler.wait(10);
      return call();
    };
    super(context, {
      ...env,
      ARCHIVE: watched(env.ARCHIVE, "get", archive),
      REGION: watched(env.REGION, "getByName", counted("regions")),
      INGEST: watched(env.INGEST, "getByName", counted("ingest")),
    });
  }

  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/api/stage/clock") {
      ahead += Number(searchParams.get("seconds")) * 1_000;
      if (searchParams.has("stop")) stopped ??= MachineDate.now();
      return new Response();
    }
    if (pathname === "/api/stage/calls") return Response.json(calls);
    if (pathname === "/api/stage/release") {
      released = true;
      return new Response();
    }
    if (pathname === "/api/stage/memory") {
      return Response.json({ wasm: wasmBytes(), ...mostBytes() });
    }
    if (pathname === "/api/stage/region") {
      region.healed ||= searchParams.has("heal");
      return Response.json(region);
    }
    if (pathname === "/api/stage/crowd") {
      return crowd(this.env.REGION.getByName(searchParams.get("region")), searchParams.get("size"));
    }
    return super.fetch(request);
  }
}

/** Returns a socket that gets a message once `size` others are open; they close with it. */
async function crowd(region, size) {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  const headers = { Upgrade: "websocket", "Overflight-Question": FOLLOW };
  const sockets = [];
  const open = async () => {
    while (sockets.length < size) {
      const { webSocket } = await region.fetch("https://region/", { headers });
      webSocket.accept();
      sockets.push(webSocket);
    }
    server.send(String(sockets.length));
  };
  server.addEventListener("close", () => sockets.forEach((socket) => socket.close()));
  open().catch((error) => server.close(1011, String(error)));
  return new Response(null, { status: 101, webSocket: client });
}
