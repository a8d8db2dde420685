// The golden frames, decoded and encoded by wasm in each host: Node, workerd, Chromium.
// `tests/golden.rs` recorded the expected bytes and states natively.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";
import { launch } from "../browser/chromium.mjs";
import { checker } from "./check.mjs";

const ROOT = new URL("../../", import.meta.url);
const WASM = { decoder: "dist/decoder.wasm", encoder: "target/encoder/encoder.wasm" };
const file = (path) => fileURLToPath(new URL(path, ROOT));

const names = readdirSync(file("tests/golden")).filter((name) => name.endsWith(".json"));
assert.ok(names.length > 0, "there are golden frames");
const golden = names.map((name) => [name, JSON.parse(readFileSync(file(`tests/golden/${name}`)))]);

/** For each host the function that finds the faults of a file's frames. */
const hosts = { Node: node(), workerd: workerd(), Chromium: chromium() };

for (const [host, starting] of Object.entries(hosts)) {
  // The test below reports a failure; until then it must not count as unhandled.
  starting.catch(() => {});
  for (const [name, frames] of golden) {
    test(`${host} decodes and encodes the golden frames of ${name} like native code`, async () => {
      const check = await starting;
      assert.deepEqual(await check(frames), []);
      const foreign = [{ ...frames[0], leads_to: frames[1].leads_to }];
      assert.notDeepEqual(await check(foreign), [], "another state is a fault");
    });
  }
}

async function node() {
  const compile = (path) => new WebAssembly.Module(readFileSync(file(path)));
  return checker({ decoder: compile(WASM.decoder), encoder: compile(WASM.encoder) });
}

async function workerd() {
  const module = (type) => (path) => ({ type, path: file(path) });
  const scripts = ["tests/golden/worker.mjs", "tests/golden/check.mjs"];
  const bindings = ["target/decoder/decoder.js", "target/encoder/encoder.js"];
  const miniflare = new Miniflare({
    cf: false,
    compatibilityDate: "2026-07-01",
    modulesRoot: file("."),
    modules: [
      ...[...scripts, ...bindings].map(module("ESModule")),
      ...Object.values(WASM).map(module("CompiledWasm")),
    ],
  });
  after(() => miniflare.dispose());
  const url = await miniflare.ready;
  return async (frames) => {
    const answer = await fetch(url, { method: "POST", body: JSON.stringify(frames) });
    return answer.json();
  };
}

async function chromium() {
  const browser = await launch();
  after(() => browser.close());
  const page = await browser.newPage();
  // A site that serves the repository's files, without a server.
  await page.route("http://repository.test/**", (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === "/") return route.fulfill({ contentType: "text/html", body: "" });
    return route.fulfill({ path: file(pathname.slice(1)) });
  });
  await page.goto("http://repository.test/");
  await page.evaluate(async (paths) => {
    const compile = async (path) => WebAssembly.compile(await (await fetch(path)).arrayBuffer());
    const [decoder, encoder] = [await compile(paths.decoder), await compile(paths.encoder)];
    const { checker } = await import("/tests/golden/check.mjs");
    window.check = checker({ decoder, encoder });
  }, WASM);
  return (frames) => page.evaluate((frames) => window.check(frames), frames);
}
