// Mutation testing: changes one expression of floors 0 to 3 at a time, and expects a test to fail.
//
//   node scripts/mutants.mjs
//
// cargo-mutants makes the changes (.cargo/mutants.toml says where, and which of them change nothing
// that is promised). SAMPLE is how many of all mutants are tried; SEED decides which. FILES, globs
// between spaces, tries every mutant of those files instead. The mutants are tried one by one in a
// copy of the sources under target/mutants, so that each is compiled incrementally.
//
// First every mutant meets the unit tests. Those that survive meet the tests in tests/ that belong
// to their module. A mutant that runs into the timeout counts as caught: the tests do not pass.

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { random } from "../client/test/random.mjs";
import { copySources } from "./sources.mjs";

const { FILES = "", SAMPLE = "300", SEED = "1" } = process.env;
const CAUGHT_MIN = 0.95;

const FOLDER = path.resolve("target/mutants");
const TREE = path.join(FOLDER, "tree");
/** What tests read though it is not in the repository. */
const LINKED = ["dist", "node_modules"];

/** The tests in tests/ for each module. The first path that a file's path begins with counts. */
const TESTS = [
  ["src/access", ["access"]],
  ["src/aircraft", ["laws", "fields", "golden", "exact"]],
  ["src/airspace/forecast", ["forecast"]],
  ["src/airspace", ["truth", "laws", "golden"]],
  ["src/archive/export", ["export"]],
  ["src/archive/pack", ["pack"]],
  ["src/archive/parquet", ["parquet"]],
  ["src/archive", ["laws", "reading", "jobs"]],
  ["src/earth/country", ["countries"]],
  ["src/earth", ["laws", "forecast", "countries"]],
  ["src/simulator", ["simulator", "simulated"]],
  ["src/feed", ["fields", "truth"]],
  ["src/hub", ["sessions", "text", "dormant", "hub", "reading", "simulation"]],
  ["src/jobs", ["jobs"]],
  ["src/ledger", ["history", "ledger"]],
  ["src/wire/codec/exact", ["exact", "pack"]],
  ["src/wire", ["golden", "laws", "fields", "hub", "text", "reading"]],
  ["src", ["openapi", "tidy"]],
];

/** The simulator's own tests take longer than all other unit tests together. */
const SIMULATOR = "simulator";
const SIMULATOR_FILES = "src/simulator";

/** Far beyond what the tests take: a mutant that does not end is recognised late, but surely. */
const TIMEOUTS = ["--timeout-multiplier=10", "--minimum-test-timeout=60"];

function run(args, options = {}) {
  const env = { ...process.env, CARGO_TARGET_DIR: path.join(FOLDER, "build") };
  const all = ["mutants", `--dir=${TREE}`, "--no-default-features", ...args];
  return spawnSync("cargo", all, { env, encoding: "utf8", maxBuffer: 2 ** 28, ...options });
}

/** The names of all mutants, or of those in these files. */
function list(globs = []) {
  const listed = run(["--list", "--json", ...globs.map((glob) => `--file=${glob}`)]);
  if (listed.status !== 0) throw new Error(listed.stderr);
  return JSON.parse(listed.stdout).map(({ name }) => name);
}

/** The names of the mutants to try. */
function choose(names) {
  const globs = FILES.split(/\s+/).filter(Boolean);
  if (globs.length > 0) return list(globs);
  const chance = random(Number(SEED));
  const drawn = names.map((name) => [chance(), name]).sort(([one], [other]) => one - other);
  return drawn.slice(0, Number(SAMPLE)).map(([, name]) => name);
}

/** Tries these mutants against these tests: the names of those caught, missed, and so on. */
function attempt(name, mutants, targets, filters = []) {
  if (mutants.length === 0) return { caught: [], missed: [], timeout: [], unviable: [] };
  console.log(`mutants: ${mutants.length} against ${name}`);
  const folder = path.join(FOLDER, "reports", name.replaceAll(/\W+/g, "-"));
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(path.join(folder, "mutants.out"), { recursive: true });
  // Its filters by name let every mutant that removes a field pass. So the others count as caught.
  const others = existing.filter((mutant) => !mutants.includes(mutant));
  fs.writeFileSync(path.join(folder, "mutants.out/caught.txt"), others.join("\n"));
  const args = ["--in-place", "--iterate", "--profile=mutants", `--output=${folder}`];
  args.push(...TIMEOUTS, ...targets.map((target) => `--cargo-arg=${target}`));
  if (filters.length > 0) args.push("--", "--", ...filters);
  const { status, signal } = run(args, { stdio: "inherit" });
  // 0: all caught; 2: some missed; 3: some timed out. Everything else is no result.
  if (![0, 2, 3].includes(status)) throw new Error(`cargo-mutants: ${signal ?? status}`);
  const read = (outcome) => {
    const text = fs.readFileSync(path.join(folder, "mutants.out", `${outcome}.txt`), "utf8");
    return text.split("\n").filter(Boolean);
  };
  const outcomes = ["caught", "missed", "timeout", "unviable"];
  return Object.fromEntries(outcomes.map((outcome) => [outcome, read(outcome)]));
}

/** The mutants by the tests that belong to their files. */
function byTests(mutants) {
  const groups = new Map();
  for (const mutant of mutants) {
    const [, tests] = TESTS.find(([prefix]) => mutant.startsWith(prefix));
    groups.set(tests, [...(groups.get(tests) ?? []), mutant]);
  }
  return groups;
}

const began = Date.now();
copySources(".", TREE, LINKED);
const existing = list();
const chosen = choose(existing);
console.log(`mutants: ${chosen.length} of ${existing.length}`);
const isOfSimulator = (mutant) => mutant.startsWith(SIMULATOR_FILES);
const simulated = chosen.filter(isOfSimulator);
const others = chosen.filter((mutant) => !isOfSimulator(mutant));
const results = [
  attempt("the unit tests", others, ["--lib"], [`--skip=${SIMULATOR}`]),
  attempt("the simulator's unit tests", simulated, ["--lib"]),
];
for (const [tests, mutants] of byTests(results.flatMap(({ missed }) => missed))) {
  results.push(attempt(tests.join(", "), mutants, tests.map((test) => `--test=${test}`)));
}
const all = (outcome) => new Set(results.flatMap((result) => result[outcome]));
const [caught, timeout, unviable] = ["caught", "timeout", "unviable"].map(all);
const missed = chosen.filter((name) => ![caught, timeout, unviable].some((set) => set.has(name)));
const viable = chosen.length - unviable.size;
const share = (viable - missed.length) / viable;

console.log(`\nmutants that no test noticed:${missed.length === 0 ? " none" : ""}`);
for (const name of missed.sort()) console.log(`  ${name}`);
const minutes = ((Date.now() - began) / 60_000).toFixed(1);
const which = FILES === "" ? `SEED=${SEED}` : FILES;
console.log(`${chosen.length} mutants (${which}) in ${minutes} min: ${caught.size} caught,`);
console.log(`${timeout.size} timeouts, ${missed.length} missed, ${unviable.size} unviable;`);
console.log(`${(100 * share).toFixed(1)} % caught, at least ${100 * CAUGHT_MIN} % expected`);
process.exitCode = share >= CAUGHT_MIN ? 0 : 1;
