// One address cannot fill a region.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { eventually, start } from "../harness.mjs";
import { BYTES } from "../live.mjs";
import { open } from "./raw.mjs";

const MOST = 3;
const protocol = BYTES;

describe("the sockets of one caller in a region", () => {
  let server;
  before(async () => {
    server = await start({ feed: "push", vars: { SOCKETS_PER_CALLER: `${MOST}` } });
  });
  after(() => server.stop());

  /** Opens sockets until one is refused; returns the accepted ones and the refused one. */
  async function fill(addresses, region = "world") {
    const raws = [];
    for (const address of addresses) {
      const raw = await open(server, { region, protocol, address });
      if (raw.status !== 101) return { raws, refused: raw };
      raws.push(raw);
    }
    return { raws, refused: null };
  }

  const times = (count, address) => Array(count).fill(address);

  it("are limited to SOCKETS_PER_CALLER, even across hibernation, then get 429", async () => {
    const { raws, refused } = await fill(times(MOST + 1, "192.0.2.1"));
    assert.equal(raws.length, MOST);
    assert.equal(refused.status, 429);
    assert.match(refused.head, /retry-after: 60/i);
    assert.match(refused.head, /application\/problem\+json/i);
    assert.ok((await server.evict("RegionObject", "world")) > 0);
    const { refused: again } = await fill(["192.0.2.1"]);
    assert.equal(again.status, 429);
    for (const address of ["192.0.2.2", "2001:db8::1"]) {
      assert.equal((await fill([address])).refused, null, "others are accepted");
    }
    assert.equal((await fill(["192.0.2.1"], "eu-west")).refused, null, "another region");
    raws[0].drop();
    await eventually(async () => !(await fill(["192.0.2.1"])).refused, "there is room for one");
    assert.equal((await fill(["192.0.2.1"])).refused.status, 429);
  });

  it("are counted per IPv6 /64 network, and a /48 network has four times as many", async () => {
    const hosts = ["2001:db8:1:1::1", "2001:db8:1:1::2", "2001:db8:1:1:ffff::", "2001:db8:1:1::4"];
    assert.equal((await fill(hosts)).raws.length, MOST);
    const networks = Array.from({ length: 20 }, (_, network) => `2001:db8:1:${network + 9}::1`);
    assert.equal((await fill(networks)).raws.length, 4 * MOST - MOST);
  });

  it("are not counted if the platform does not name the address", async () => {
    const bare = await start({ bare: true, vars: { SOCKETS_PER_CALLER: "1" } });
    try {
      for (let count = 0; count < 4; count += 1) {
        assert.equal((await open(bare, { protocol })).status, 101);
      }
    } finally {
      await bare.stop();
    }
  });

  it("have a validated limit, which is named if it is invalid", async () => {
    for (const most of ["0", "-1", "many", "32001", "1.5"]) {
      await server.restart({ vars: { SOCKETS_PER_CALLER: most } });
      const answer = await server.get("/api/status");
      assert.equal(answer.status, 503);
      const { detail } = await answer.json();
      assert.match(detail, /SOCKETS_PER_CALLER is ".*", expected a number from 1 to 32000/);
    }
  });
});
