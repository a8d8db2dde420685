// Downloads: types, several ranges, and real curl, interrupted and resumed.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { start } from "./harness.mjs";
import { random } from "../../client/test/random.mjs";
import { Snapshots } from "./snapshots.mjs";

const DAY = "2026-01-01";
const FILES = {
  "12-0123456789abcdef.pack": {
    key: `hours/${DAY}/12-0123456789abcdef.pack`, type: "application/vnd.overflight.pack",
  },
  "12.parquet": {
    key: `parquet/day=${DAY}/hour=12/states.parquet`, type: "application/vnd.apache.parquet",
  },
};

const BYTES = 3_000_000;

/** After how many bytes a connection is cut. */
const CUT_BYTES = 1_000_000;

/** Runs curl, which fails where the server refuses. */
const curl = (...args) => promisify(execFile)("curl", ["-sS", "-f", ...args]);

/** Starts a proxy that cuts each connection after so many bytes of the answer. */
async function cutting(url, bytes) {
  const { hostname, port } = new URL(url);
  const proxy = net.createServer((caller) => {
    const onward = net.connect(port, hostname);
    let rest = bytes;
    caller.pipe(onward);
    onward.on("data", (chunk) => {
      caller.write(chunk.subarray(0, rest));
      rest -= chunk.length;
      if (rest <= 0) {
        caller.end();
        onward.destroy();
      }
    });
    for (const socket of [caller, onward]) socket.on("error", () => caller.destroy());
  });
  await once(proxy.listen(0, "127.0.0.1"), "listening");
  return { url: `http://127.0.0.1:${proxy.address().port}`, close: () => proxy.close() };
}

describe("an hour as compressed CSV", () => {
  it("is made once, when the hour is over, and resumes like any file", async () => {
    const server = await start({ feed: "push" });
    try {
      const hour = `/api/archive/${DAY}/00.csv.gz`;
      const snapshots = new Snapshots(33, 400, { time: 1_767_225_600, columns: 18, step: 1_200 });
      const missing = async () => (await (await server.get(hour)).json()).detail;
      assert.match(await missing(), /no minute is stored yet|no minute from/);
      for (let minute = 0; minute < 3; minute += 1) await server.take(snapshots.next());
      assert.match(await missing(), /hour 00 of 2026-01-01 is not over/);
      await server.take(snapshots.next());
      const answer = await server.get(hour);
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get("content-type"), "application/gzip");
      assert.match(answer.headers.get("cache-control"), /immutable/);
      const disposition = `attachment; filename="${DAY}-00.csv.gz"`;
      assert.equal(answer.headers.get("content-disposition"), disposition);
      const bytes = Buffer.from(await answer.arrayBuffer());
      const dates = (await server.json("/api/dates?to=2026-01-01T00:59:59Z")).reverse();
      assert.equal(dates.length, 3);
      const texts = [];
      for (const date of dates) {
        texts.push(await (await server.get(`/api/flights/${date}.csv`)).text());
      }
      const rows = texts.map((text, place) => (place ? text.slice(text.indexOf("\n") + 1) : text));
      assert.equal(zlib.gunzipSync(bytes).toString(), rows.join(""));
      const part = await server.get(hour, { range: "bytes=100-" });
      assert.equal(part.status, 206);
      assert.deepEqual(Buffer.from(await part.arrayBuffer()), bytes.subarray(100));
      const exports = (await server.objects()).filter(({ key }) => key.startsWith("exports/"));
      assert.equal(exports.length, 1, "it is stored once");
      // A lifecycle rule deletes it; it is made again, with the same tag.
      await server.takeObject(exports[0].key);
      const again = await server.get(hour);
      assert.equal(again.headers.get("etag"), answer.headers.get("etag"));
      assert.deepEqual(Buffer.from(await again.arrayBuffer()), bytes);
      const none = await server.get(`/api/archive/${DAY}/05.csv.gz`);
      assert.equal(none.status, 404);
      await none.arrayBuffer();
    } finally {
      await server.stop();
    }
  });
});

describe("downloads", () => {
  let server;
  let bytes;
  let minute;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "overflight-downloads-"));
  before(async () => {
    server = await start({ feed: "push" });
    const next = random(31);
    bytes = Buffer.from(Array.from({ length: BYTES }, () => Math.floor(next() * 256)));
    for (const { key } of Object.values(FILES)) await server.giveObject(key, [...bytes]);
    await server.take(new Snapshots(31, 200, { time: 1_767_225_600 }).next());
    const [{ name }] = await server.json(`/api/archive/${DAY}`);
    minute = `/api/archive/${DAY}/${name}`;
  });
  after(async () => {
    await server.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const file = (name) => `/api/archive/${DAY}/${name}`;

  it("have their type, their name and a tag", async () => {
    for (const [name, { type }] of Object.entries(FILES)) {
      const head = await server.fetch(file(name), { method: "HEAD" });
      assert.equal(head.status, 200, name);
      assert.equal(head.headers.get("content-type"), type);
      const disposition = `attachment; filename="${DAY}-${name}"`;
      assert.equal(head.headers.get("content-disposition"), disposition);
      assert.equal(head.headers.get("overflight-simulated"), "false");
      assert.equal(/immutable/.test(head.headers.get("cache-control")), name.endsWith(".pack"));
      const etag = head.headers.get("etag");
      const known = await server.get(file(name), { "if-none-match": etag });
      assert.deepEqual([known.status, await known.text()], [304, ""]);
      const whole = await server.get(file(name));
      assert.ok(Buffer.from(await whole.arrayBuffer()).equals(bytes), name);
    }
    const missing = await server.get(file("13.parquet"));
    assert.equal(missing.status, 404);
    assert.match((await missing.json()).detail, /2026-01-01-13\.parquet is not stored/);
  });

  /** Returns the parts of a multipart body: `{type, range, bytes}` each (RFC 2046). */
  function parts(answer, body) {
    const [, boundary] = /^multipart\/byteranges; boundary=(.+)$/.exec(
      answer.headers.get("content-type"),
    );
    const found = [];
    let at = body.indexOf(`--${boundary}\r\n`);
    while (at >= 0) {
      const begin = body.indexOf("\r\n\r\n", at) + 4;
      const head = body.subarray(at, begin).toString();
      const end = body.indexOf(`\r\n--${boundary}`, begin);
      const [, type] = /Content-Type: (.*)\r\n/.exec(head);
      const [, range] = /Content-Range: (.*)\r\n/.exec(head);
      found.push({ type, range, bytes: body.subarray(begin, end) });
      const last = body.subarray(end).toString().startsWith(`\r\n--${boundary}--\r\n`);
      at = last ? -1 : end + 2;
    }
    return found;
  }

  it("have several parts where several ranges are asked for", async () => {
    const [name] = Object.keys(FILES);
    const range = "bytes=0-9, 1000-65999,-5";
    const answer = await server.get(file(name), { range });
    assert.equal(answer.status, 206);
    assert.equal(answer.headers.get("content-range"), null);
    const found = parts(answer, Buffer.from(await answer.arrayBuffer()));
    const expected = [[0, 10], [1_000, 66_000], [BYTES - 5, BYTES]];
    assert.equal(found.length, 3);
    for (const [place, [from, to]] of expected.entries()) {
      assert.equal(found[place].range, `bytes ${from}-${to - 1}/${BYTES}`);
      assert.equal(found[place].type, FILES[name].type);
      assert.ok(found[place].bytes.equals(bytes.subarray(from, to)), found[place].range);
    }
    // A minute, whose record is the ledger's, has parts too.
    const some = await server.get(minute, { range: "bytes=0-1,5-6" });
    const whole = Buffer.from(await (await server.get(minute)).arrayBuffer());
    const [one, two] = parts(some, Buffer.from(await some.arrayBuffer()));
    assert.deepEqual([one.bytes, two.bytes], [whole.subarray(0, 2), whole.subarray(5, 7)]);
    const all = await server.get(file(name), { range: "bytes=0-,0-" });
    assert.equal(all.status, 200, "more than the file is the whole file");
    await all.arrayBuffer();
    const changed = await server.get(file(name), { range, "if-range": '"another"' });
    assert.equal(changed.status, 200);
    await changed.arrayBuffer();
    const head = await server.fetch(file(name), { method: "HEAD", headers: { range } });
    assert.deepEqual([head.status, await head.text()], [206, ""]);
  });

  it("resume with curl after an interruption, to the same bytes", async () => {
    const target = path.join(folder, "resumed");
    const url = server.url + file("12.parquet");
    const proxy = await cutting(server.url, CUT_BYTES);
    const cut = await curl("-o", target, proxy.url + file("12.parquet")).catch((error) => error);
    proxy.close();
    // curl's error 18 is a partial file, 56 a connection that was reset.
    assert.ok([18, 56].includes(cut.code), `${cut.code}: ${cut.stderr}`);
    const { size } = fs.statSync(target);
    assert.ok(size > 0 && size < BYTES, `interrupted at ${size}`);
    await curl("-C", "-", "-o", target, url);
    assert.ok(fs.readFileSync(target).equals(bytes));
    const ranges = path.join(folder, "ranges");
    await curl("-r", "5-9,20-29", "-o", ranges, url);
    assert.equal(fs.readFileSync(ranges).toString("latin1").split("Content-Range").length, 3);
  });
});
