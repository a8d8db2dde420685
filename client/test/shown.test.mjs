// Which picture is on show, however late or wrong the answers come.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Shown } from "../app/data/shown.ts";

const LIVE = { time: 2_000 };

/** A past minute that tells whether it was closed. */
function minute(date) {
  return { date, time: 1_000, closed: false, close() { this.closed = true; } };
}

/** What is shown where each date's minute comes when the test lets it. */
function shown() {
  const answers = {};
  const load = (date) => new Promise((resolve, reject) => { answers[date] = { resolve, reject }; });
  return { page: new Shown(LIVE, load), answers };
}

test("a late minute does not replace the one that was asked for after it", async () => {
  const { page, answers } = shown();
  const [first, second] = ["A", "B"].map(minute);
  const turns = [page.turnTo("A"), page.turnTo("B")];
  answers.B.resolve(second);
  assert.equal(await turns[1], true);
  answers.A.resolve(first);
  assert.equal(await turns[0], false);
  assert.deepEqual([page.picture, page.date, page.now], [second, "B", 1_000]);
  assert.deepEqual([first.closed, second.closed], [true, false]);
});

test("a minute that comes too late for live is closed, and so is one that was left", async () => {
  const { page, answers } = shown();
  const [left, late] = ["A", "B"].map(minute);
  const turn = page.turnTo("A");
  answers.A.resolve(left);
  await turn;
  const pending = page.turnTo("B");
  assert.equal(await page.turnTo(null), true);
  answers.B.resolve(late);
  assert.equal(await pending, false);
  assert.deepEqual([page.picture, page.date], [LIVE, null]);
  assert.deepEqual([left.closed, late.closed], [true, true]);
});

test("a failure leaves what is shown, and reports only the last request", async () => {
  const { page, answers } = shown();
  const shownFirst = minute("A");
  const turn = page.turnTo("A");
  answers.A.resolve(shownFirst);
  await turn;
  const [early, last] = [page.turnTo("B"), page.turnTo("C")];
  answers.B.reject(new Error("early"));
  answers.C.reject(new Error("last"));
  assert.equal(await early, false);
  await assert.rejects(last, /last/);
  assert.deepEqual([page.picture, shownFirst.closed], [shownFirst, false]);
});
