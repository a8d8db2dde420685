// Attackers of every kind beside honest viewers, while the clock is set forward minute by minute.
//
// Rate limits are off: calls that they would refuse are let through, so that the objects get all
// of them.

import assert from "node:assert/strict";
import { random } from "../../../client/test/random.mjs";
import { AUDIENCE, makeKey, playTeam, TEAM } from "../access.mjs";
import { eventually, start } from "../harness.mjs";
import { BYTES } from "../live.mjs";
import { asSent, expected, iso, Snapshots } from "../snapshots.mjs";
import { cost, megabytes } from "./cost.mjs";
import { attacker, KINDS } from "./strangers.mjs";
import { Viewer } from "./viewers.mjs";

const STEP_SECONDS = 60;
/** The number of viewers that connect at once. */
const SLICE = 50;
/** The share of viewers that read JSON. In `world` silent clients use the same budget of text. */
const JSON_PERCENT = 2;
/** The share of viewers that sometimes lose their connection; below, the chance per minute. */
const RESTLESS_PERCENT = 20;
const DROPS = 0.1;
const AWAY_MINUTES_MAX = 6;
/** The share of viewers of `world`; the others are spread over the other regions. */
const WORLD_PERCENT = 70;
const ATTACKER_ADDRESSES = 40;

/** Runs the attack and returns `{bytes, millis}`: workerd's largest resident size after the viewers
 *  had connected, and its CPU time. Fails if an honest viewer misses a frame or is closed. */
export async function mixed(t, { seed, viewers: size, attackers: strangers, minutes, aircraft }) {
  const [known, key] = await Promise.all(["team-1", "team-1"].map(makeKey));
  const team = await playTeam([known]);
  const vars = { ACCESS_TEAM_DOMAIN: TEAM, ACCESS_AUD: AUDIENCE };
  const server = await start({ feed: "push", staged: true, outbound: team.url, vars });
  const chance = random(seed);
  const snapshots = new Snapshots(seed, aircraft, { step: STEP_SECONDS });
  const pushed = [snapshots.next()];
  try {
    await server.feed(pushed[0]);
    const viewers = await audience(server, chance, size);
    const witness = await server.live("world").until(pushed[0].time);
    const first = witness.sequence;
    const { attackers, tally } = gather({ server, key, chance, count: strangers });
    const before = cost(server);
    let { bytes } = before;
    for (let minute = 1; minute <= minutes; minute += 1) {
      await server.ahead(STEP_SECONDS);
      const latest = first + minute - 1;
      const attacks = Promise.all(attackers.map(({ act }) => act()));
      attacks.catch(() => {});
      await comeAndGo(viewers, chance, latest);
      pushed.push(snapshots.next());
      await server.feed(pushed.at(-1));
      const here = viewers.filter(({ isHere }) => isHere);
      await Promise.all(here.map((viewer) => viewer.follow(latest + 1)));
      await attacks;
      await witness.until(snapshots.time);
      for (const { region, digest } of here) {
        if (region === "world") assert.equal(digest, witness.digest, "one state for all");
      }
      bytes = Math.max(bytes, cost(server).bytes);
    }
    const { millis } = cost(server);
    await comeAndGo(viewers, () => 1, first + minutes, 0);
    for (const viewer of viewers) viewer.assertComplete();
    assert.deepEqual(witness.states().map(asSent), expected(pushed.at(-1)));
    const dates = pushed.map(({ time }) => iso(time)).reverse();
    assert.deepEqual(await server.json("/api/dates?limit=1000"), dates, "nobody else pushed");
    for (const one of attackers) one.leave();
    const staying = viewers.filter(({ region }) => region === "world").length + 1;
    await eventually(() => has(server, staying), `${staying} sockets stay`);
    report(t, { viewers, tally });
    t.diagnostic(`workerd had ${megabytes(before.bytes)} with the viewers,`);
    t.diagnostic(`and ${megabytes(bytes)} at most`);
    return { bytes, millis: millis - before.millis };
  } finally {
    await server.stop();
    team.close();
  }
}

/** Connects the honest viewers, each from its own address. */
async function audience(server, chance, size) {
  const regions = (await server.json("/api/regions")).map(({ name }) => name);
  const others = regions.filter((name) => name !== "world");
  const viewers = Array.from({ length: size }, (_, index) => {
    const isWorld = chance() * 100 < WORLD_PERCENT;
    const region = isWorld ? "world" : others[Math.floor(chance() * others.length)];
    const isText = chance() * 100 < JSON_PERCENT;
    const protocol = isText ? "overflight.json" : BYTES;
    const address = `10.0.${index >> 8}.${index & 255}`;
    const viewer = new Viewer(server, { region, protocol, address });
    // JSON clients of `world` may find no room while silent ones use it up.
    const isRestless = chance() * 100 < RESTLESS_PERCENT && !(isText && isWorld);
    return Object.assign(viewer, { isRestless, away: 0 });
  });
  for (let from = 0; from < size; from += SLICE) {
    await Promise.all(viewers.slice(from, from + SLICE).map((viewer) => viewer.connect()));
  }
  return viewers;
}

/** Disconnects some restless viewers for a while, and resumes those whose time is over. */
async function comeAndGo(viewers, chance, latest, drops = DROPS) {
  const back = [];
  for (const viewer of viewers.filter(({ isRestless }) => isRestless)) {
    if (viewer.isHere && chance() < drops) {
      viewer.drop();
      viewer.away = 1 + Math.floor(chance() * AWAY_MINUTES_MAX);
    } else if (!viewer.isHere && (drops === 0 || (viewer.away -= 1) === 0)) {
      back.push(viewer.connect().then(() => viewer.follow(latest)));
    }
  }
  await Promise.all(back);
}

/** Returns attackers, equally many of each kind, and the tally of the answers that they get. */
function gather({ server, key, chance, count }) {
  const kinds = Object.keys(KINDS);
  const tally = Object.fromEntries(kinds.map((kind) => [kind, {}]));
  const attackers = Array.from({ length: count }, (_, index) => {
    const kind = kinds[index % kinds.length];
    const address = `198.51.100.${index % ATTACKER_ADDRESSES}`;
    const counted = (what) => {
      tally[kind][what] = (tally[kind][what] ?? 0) + 1;
    };
    const own = random(Math.floor(chance() * 2 ** 32));
    return attacker(kind, { server, key, address, random: own, count: counted, state: {} });
  });
  return { attackers, tally };
}

/** Whether `world` has this number of sockets; its answer is cached for 15 s. */
async function has(server, sockets) {
  await server.ahead(16);
  const regions = await server.json("/api/regions");
  return regions.find(({ name }) => name === "world").subscribers === sockets;
}

function report(t, { viewers, tally }) {
  const sum = (name) => viewers.reduce((total, viewer) => total + viewer[name], 0);
  t.diagnostic(`${sum("frames")} frames were read, viewers resumed ${sum("resumes")} times,`);
  t.diagnostic(`${sum("keyframes")} of them with a keyframe in place of ${sum("skipped")} frames`);
  for (const [kind, counts] of Object.entries(tally)) {
    t.diagnostic(`${kind}: ${JSON.stringify(counts)}`);
  }
}
