// Texts for people: numbers, the pill, the banners, links.

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatAddress, parseAddress } from "../app/page/address.ts";
import { problemText } from "../app/panels/banner.ts";
import * as format from "../app/page/format.ts";
import { pillText } from "../app/panels/pill.ts";

test("altitudes and speeds are given in both units", () => {
  assert.deepEqual(format.altitude(10_972.8), { main: "36,000 ft", other: "10,973 m" });
  assert.deepEqual(format.altitude(null), { main: "–", other: "" });
  assert.deepEqual(format.speed(231.5), { main: "450 kt", other: "833 km/h" });
  assert.deepEqual(format.verticalRate(0.2), { main: "Level", other: "" });
  assert.deepEqual(format.verticalRate(-9.75), { main: "−1,920 ft/min", other: "−9.8 m/s" });
});

test("a track is three digits and a point of the compass", () => {
  assert.deepEqual(format.track(84), { main: "084°", other: "E" });
  assert.deepEqual(format.track(359.7), { main: "000°", other: "N" });
  assert.deepEqual(format.track(null), { main: "–", other: "" });
});

test("an age has one or two units", () => {
  const ages = [-3, 0, 59.4, 60, 95, 600, 3_599, 3_600, 90_000, 400_000].map(format.duration);
  assert.deepEqual(ages, [
    "0 s", "0 s", "59 s", "1 min 0 s", "1 min 35 s", "10 min", "59 min", "1 h 0 min", "25 h 0 min",
    "4 d",
  ]);
});

test("emergency codes are named and others are not", () => {
  assert.equal(format.emergency("7700"), "General emergency");
  assert.equal(format.emergency("7600"), "Radio failure");
  assert.equal(format.emergency("7500"), "Unlawful interference");
  assert.equal(format.emergency("7000"), null);
  assert.equal(format.emergency(null), null);
});

test("coordinates have hemispheres", () => {
  assert.equal(format.coordinates(-0.4543, 51.47), "51.470° N, 0.454° W");
  assert.equal(format.coordinates(151.18, -33.95), "33.950° S, 151.180° E");
});

test("the pill distinguishes live, stale, waiting and past", () => {
  const pill = (change) => {
    const { tone, label, age } = pillText({
      socket: { kind: "live" }, date: null, time: 1_000, now: 1_012, ...change,
    });
    return `${tone}: ${label} ${age}`.trim();
  };
  assert.equal(pill({}), "live: Live 12 s old");
  assert.equal(pill({ now: 1_400 }), "warning: Stale 6 min 40 s old");
  assert.equal(pill({ time: 0 }), "quiet: Waiting for data");
  assert.equal(pill({ socket: { kind: "waiting", until: 0 } }), "warning: Reconnecting 12 s old");
  assert.equal(pill({ socket: { kind: "refused", reason: "outdated" } }),
    "alarm: Reload for the new version");
  assert.equal(pill({ date: "2025-07-06T22:19:36Z" }),
    "past: Past minute Sun, 6 Jul 2025, 22:19:36 UTC");
});

test("each fault state of the source has a text, and good states have none", () => {
  const words = (state, retry_at = null) => problemText({ state, retry_at });
  assert.equal(words("ok"), null);
  assert.equal(words("waiting"), null);
  const local = new Date(2026, 10, 21, 14, 5).getTime() / 1_000;
  assert.match(words("rate_limited", local), /^The source limits our requests until 14:05:/);
  assert.match(words("rate_limited"), /^The source limits our requests:/);
  for (const state of ["unreachable", "unauthorised", "stale", "paused"]) {
    assert.ok(words(state), state);
  }
});

test("a link restores the state that it was made from", () => {
  const address = {
    longitude: 11.575, latitude: 48.137, zoom: 6.2, flat: true, icao24: "3c6444",
    date: "2025-07-06T22:19:36Z", countries: true, country: "DE",
  };
  assert.deepEqual(parseAddress(formatAddress(address)), address);
  const { country, ...all } = address;
  assert.equal(country, "DE");
  assert.deepEqual(parseAddress(formatAddress({ ...all, country: null })), all);
});

test("unreadable parts of a link are ignored", () => {
  for (const fragment of [
    "", "#", "#view=", "#view=91,0,3", "#view=1,2", "#icao24=xyz", "#icao24=3c64444",
    "#date=yesterday", "#date=2025-13-41T00:00:00Z", "#country=DEU", "#country=D1",
    "#%E0%A4%A",
  ]) assert.deepEqual(parseAddress(fragment), {}, fragment);
});
