// The guards of the service and its visitors: limits, origins, headers.

import assert from "node:assert/strict";
import { once } from "node:events";
import * as http from "node:http";
import { after, before, describe, it } from "node:test";
import { start } from "./harness.mjs";

/** Requests a socket like a page of that origin; returns the answer's status and headers. */
async function upgrade(server, origin = null) {
  const { port } = new URL(server.url);
  const headers = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13" };
  headers["sec-websocket-key"] = "dGhlIHNhbXBsZSBub25jZQ==";
  if (origin !== null) headers.origin = origin;
  const request = http.request({ host: "127.0.0.1", port, path: "/api/live/world", headers });
  request.end();
  const [answer, socket] = await Promise.race([
    once(request, "upgrade"),
    once(request, "response"),
  ]);
  if (socket) socket.destroy();
  else answer.resume();
  return { status: answer.statusCode, headers: answer.headers };
}

describe("origins", () => {
  it("may open sockets only if they are the service's own or listed", async () => {
    const vars = { ALLOWED_ORIGINS: "https://a.example, https://b.example:8443" };
    const server = await start({ feed: "push", vars });
    try {
      // workerd drops an empty header: the Worker cannot distinguish it from none.
      for (const origin of [null, "", server.url, "https://a.example", "https://b.example:8443"]) {
        assert.equal((await upgrade(server, origin)).status, 101, origin ?? "no browser");
      }
      const near = ["https://a.example.evil", "http://a.example", "https://b.example", "null"];
      near.push("https://a.example/", "https://A.example", "*", server.url.replace(/\d$/, ""));
      for (const origin of near) assert.equal((await upgrade(server, origin)).status, 403, origin);
    } finally {
      await server.stop();
    }
  });

  it("may all open sockets if the list is `*`", async () => {
    const server = await start({ feed: "push", vars: { ALLOWED_ORIGINS: "*" } });
    try {
      assert.equal((await upgrade(server, "https://a.example")).status, 101);
    } finally {
      await server.stop();
    }
  });
});

describe("limits", () => {
  const LIMIT = 3;

  async function refusedAfterLimit(ask) {
    const statuses = [];
    let last;
    // A minute may end in between, and reset the count.
    while (statuses.length <= 2 * LIMIT && last?.status !== 429) {
      last = await ask();
      statuses.push(last.status);
    }
    assert.ok(statuses.length > LIMIT && statuses.at(-1) === 429, `${statuses}`);
    return last;
  }

  // attacks/reads.test.mjs tests the limit of reads.
  it("refuse a caller over the limit with 429 and Retry-After", async () => {
    const server = await start({ feed: "push", limits: LIMIT });
    try {
      const socket = await refusedAfterLimit(() => upgrade(server));
      assert.equal(socket.headers["retry-after"], "60");
      const push = await refusedAfterLimit(() => server.push("{", { token: null }));
      assert.equal(push.headers.get("retry-after"), "60");
      assert.match(push.headers.get("content-type"), /^application\/problem\+json/);
      assert.equal((await push.json()).status, 429);
      assert.equal((await server.get("/api/status")).status, 200, "reads count separately");
    } finally {
      await server.stop();
    }
  });
});

describe("a snapshot with too many rows", () => {
  it("is refused with 413 and the numbers", async () => {
    const server = await start({ feed: "push" });
    try {
      const rows = "[],".repeat(100_000);
      const answer = await server.push(`{"time":1767225600,"states":[${rows}[]]}`);
      assert.equal(answer.status, 413);
      const { detail } = await answer.json();
      assert.match(detail, /100001 rows, at most 100000/);
      const fits = await server.feed(`{"time":1767225600,"states":[${rows.slice(0, -1)}]}`);
      assert.equal(fits.rejected_count, 100_000);
      // More rows than an object's memory can hold.
      const flood = await server.push(`{"time":1767225601,"states":[${"1,".repeat(8_000_000)}1]}`);
      assert.equal(flood.status, 413);
      assert.match((await flood.json()).detail, /8000001 rows/);
      assert.equal((await server.get("/api/status")).status, 200);
    } finally {
      await server.stop();
    }
  });
});

describe("the page's headers", () => {
  let server;
  before(async () => {
    server = await start({ feed: "push" });
  });
  after(() => server.stop());

  it("allow no resources from other origins, and no framing", async () => {
    for (const path of ["/", "/app.js", "/style.css", "/decoder.wasm", "/icon.svg"]) {
      const answer = await server.get(path);
      await answer.arrayBuffer();
      assert.equal(answer.status, 200, path);
      const policy = parse(answer.headers.get("content-security-policy") ?? "");
      assert.equal(policy.get("default-src"), "'none'", path);
      for (const [name, sources] of policy) {
        const allowed = ["'none'", "'self'", "data:", "blob:", "'wasm-unsafe-eval'"];
        for (const source of sources.split(" ")) assert.ok(allowed.includes(source), name);
        const scripts = ["script-src", "worker-src", "style-src", "connect-src"].includes(name);
        if (scripts) assert.doesNotMatch(sources, /data:|blob:/, name);
      }
      for (const name of ["frame-ancestors", "base-uri", "form-action"]) {
        assert.equal(policy.get(name), "'none'", name);
      }
      assert.equal(answer.headers.get("x-content-type-options"), "nosniff", path);
      assert.equal(answer.headers.get("referrer-policy"), "no-referrer", path);
      assert.equal(answer.headers.get("cross-origin-opener-policy"), "same-origin", path);
    }
  });

  it("include nosniff on the API's answers", async () => {
    for (const path of ["/api/status", "/api/nothing", "/metrics", "/nothing"]) {
      const answer = await server.get(path);
      await answer.arrayBuffer();
      assert.equal(answer.headers.get("x-content-type-options"), "nosniff", path);
    }
  });
});

function parse(policy) {
  const directives = policy.split(";").map((directive) => directive.trim());
  return new Map(directives.map((directive) => directive.split(/ (.*)/s).slice(0, 2)));
}
