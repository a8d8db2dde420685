// What keeps the service and its visitors from harm: limits, origins, headers.

import assert from "node:assert/strict";
import { once } from "node:events";
import * as http from "node:http";
import { after, before, describe, it } from "node:test";
import { start } from "./harness.mjs";

/** Asks for a socket as a page of that origin does; the status, and the answer's headers. */
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
  it("may open sockets if they are the service's own or listed, and no others", async () => {
    const vars = { ALLOWED_ORIGINS: "https://a.example, https://b.example:8443" };
    const server = await start({ feed: "push", vars });
    try {
      // workerd drops an empty one: the Worker cannot tell it from none.
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

  it("may all open sockets where the list says so", async () => {
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
    // A minute of the clock may end in between, and its count with it.
    while (statuses.length <= 2 * LIMIT && last?.status !== 429) {
      last = await ask();
      statuses.push(last.status);
    }
    assert.ok(statuses.length > LIMIT && statuses.at(-1) === 429, `${statuses}`);
    return last;
  }

  // Reading has its limit in attacks/reads.test.mjs.
  it("turn away who asks too often, with 429 and when to come back", async () => {
    const server = await start({ feed: "push", limits: LIMIT });
    try {
      const socket = await refusedAfterLimit(() => upgrade(server));
      assert.equal(socket.headers["retry-after"], "60");
      const push = await refusedAfterLimit(() => server.push("{", { token: null }));
      assert.equal(push.headers.get("retry-after"), "60");
      assert.match(push.headers.get("content-type"), /^application\/problem\+json/);
      assert.equal((await push.json()).status, 429);
      assert.equal((await server.get("/api/status")).status, 200, "reading is counted apart");
    } finally {
      await server.stop();
    }
  });
});

describe("a sky of too many rows", () => {
  it("is refused with 413 and the numbers", async () => {
    const server = await start({ feed: "push" });
    try {
      const rows = "[],".repeat(75_000);
      const answer = await server.push(`{"time":1767225600,"states":[${rows}[]]}`);
      assert.equal(answer.status, 413);
      const { detail } = await answer.json();
      assert.match(detail, /75001 rows, at most 75000/);
      const fits = await server.feed(`{"time":1767225600,"states":[${rows.slice(0, -1)}]}`);
      assert.equal(fits.rejected_count, 75_000);
      // More rows than could be kept in an object's memory.
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

  it("let it load nothing from elsewhere, and let nobody frame it", async () => {
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

  it("come with the api's answers as far as they concern them", async () => {
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
