// The shown picture when answers come late, out of order, or not at all.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Shown } from "../app/data/shown.ts";

const LIVE = { time: 2_000 };

/** Returns a past minute that records whether it was closed. */
function minute(date) {
  return { date, time: 1_000, closed: false, close() { this.closed = true; } };
}

/** Returns a page whose minutes are loaded when the test answers. */
function shown() {
  const answers = {};
  const load = (date) => new Promise((resolve, reject) => { answers[date] = { resolve, reject }; });
  return { page: new Shown(LIVE, load), answers };
}

test("a late minute does not replace the one requested after it", async () => {
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

test("a minute that arrives after the return to live is closed, and so is a left one", async () => {
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

test("a failure keeps the shown minute, and only the last request reports it", async () => {
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
