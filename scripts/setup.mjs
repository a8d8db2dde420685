// Installs what the build needs and this machine lacks, and reports each step.
//
// Runs before every build, on the machine's own Node (20 or newer), and takes a fraction of a
// second when nothing is missing. Installs into node_modules/ and .tools/; outside the repository
// it only adds a target and components to the Rust toolchain.
//
// usage: node scripts/setup.mjs [test]     `test` also installs what only the tests need

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const bin = path.join(root, ".tools", "bin");
const WASM_TARGET = "wasm32-unknown-unknown";
const WORKER_BUILD_VERSION = "0.8.7";

process.chdir(root);

function say(text) {
  console.log(`setup: ${text}`);
}

function fail(text) {
  console.error(`setup: ${text}`);
  process.exit(1);
}

/** A command's output, trimmed; null if it is missing or fails. */
function output(command, ...args) {
  const done = spawnSync(command, args, { encoding: "utf8" });
  return done.status === 0 ? done.stdout.trim() : null;
}

/** Runs a command with its output visible. Returns whether it succeeded. */
function run(command, args, env = {}) {
  const done = spawnSync(command, args, { stdio: "inherit", env: { ...process.env, ...env } });
  return done.status === 0;
}

/** Whether version `a` is at least `b`, both like "1.91.0". */
function atLeast(a, b) {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  for (let place = 0; place < right.length; place += 1) {
    const difference = (left[place] ?? 0) - right[place];
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function rust() {
  const version = output("rustc", "--version")?.match(/^rustc (\d+\.\d+\.\d+)/)?.[1];
  const wanted = fs.readFileSync("Cargo.toml", "utf8").match(/^rust-version = "(.+)"/m)[1];
  if (!version) fail("rustc is missing. Install Rust from https://rustup.rs and try again.");
  if (!atLeast(version, wanted)) {
    fail(`rustc ${version} found, ${wanted} or newer needed: run \`rustup update stable\`.`);
  }
  if (!output("cargo", "--version")) fail("rustc is here but cargo is missing.");
}

function wasmTarget() {
  const installed = () => {
    const folder = output("rustc", "--print", "target-libdir", "--target", WASM_TARGET);
    return folder !== null && fs.existsSync(folder) && fs.readdirSync(folder).length > 0;
  };
  if (installed()) return;
  say(`adding the Rust target ${WASM_TARGET}`);
  if (run("rustup", ["target", "add", WASM_TARGET]) && installed()) return;
  fail(
    `the Rust target ${WASM_TARGET} is missing and rustup could not add it. On Debian, as root, ` +
      "`.ci/rust-from-debian` installs a Rust that has it; put /usr/bin first in PATH then.",
  );
}

/** Ensures a C compiler, which links; compiling worker-build also needs OpenSSL's headers. */
function compiler(forWorkerBuild) {
  const missing = [];
  if (!output("cc", "--version")) missing.push("build-essential");
  if (forWorkerBuild && process.platform === "linux") {
    if (!output("pkg-config", "--version")) missing.push("pkg-config");
    else if (output("pkg-config", "--modversion", "openssl") === null) missing.push("libssl-dev");
    if (missing.includes("pkg-config")) missing.push("libssl-dev");
  }
  if (missing.length === 0) return;
  if (process.platform === "darwin") fail("no C compiler: run `xcode-select --install`.");
  const install = `apt-get install -y --no-install-recommends ${missing.join(" ")}`;
  if (process.getuid?.() === 0 && output("apt-get", "--version")) {
    say(`installing ${missing.join(", ")} from the distribution`);
    if (run("apt-get", ["update", "-q"]) && run("bash", ["-c", install])) return;
  }
  fail(`${missing.join(", ")} missing. On Debian and Ubuntu: \`sudo ${install}\`.`);
}

/** Installs the npm packages that a folder's lock file names, checked by their hashes. */
function npmCi(folder, what) {
  const modified = (file) => {
    return fs.statSync(path.join(folder, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  };
  if (modified("node_modules/.package-lock.json") >= modified("package-lock.json")) return;
  say(`installing ${what}`);
  const args = ["ci", "--prefix", folder, "--no-audit", "--no-fund", "--loglevel=error"];
  if (!run("npm", args)) fail(`npm ci in ${folder} failed: see above.`);
}

function packages() {
  npmCi(".", "npm packages (about half a minute)");
  const version = output("node_modules/.bin/node", "--version") ?? process.version;
  if (!atLeast(version.slice(1), "22.12.0")) {
    fail(`node ${version} found, 22.12 or newer needed, and npm could not install it here.`);
  }
}

/** Whether .tools/bin has a tool of exactly this version. Links it there if the PATH has one. */
function found(tool, version) {
  const fits = (file) => output(file, "--version")?.split(/\s+/).includes(version) ?? false;
  const own = path.join(bin, tool);
  if (fits(own)) return true;
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => folder !== bin);
  const other = folders.map((folder) => path.join(folder, tool)).find((file) => fits(file));
  if (!other) return false;
  fs.mkdirSync(bin, { recursive: true });
  fs.rmSync(own, { force: true });
  fs.symlinkSync(other, own);
  return true;
}

/** Compiles a program into .tools/bin, optimised for compile time rather than speed. */
function install(what, ...args) {
  say(`compiling ${what} into .tools/ (once; some 3 minutes on two cores)`);
  const quick = {
    CARGO_PROFILE_RELEASE_OPT_LEVEL: "1",
    CARGO_PROFILE_RELEASE_LTO: "off",
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
  };
  const target = path.join(root, ".tools", "target");
  const all = ["install", "--locked", "--root", ".tools", "--target-dir", target, ...args];
  if (!run("cargo", all, quick)) fail("cargo install failed: see above.");
}

/** Installs the two programs that turn Rust into a Worker. No binaries are downloaded: both are
 *  compiled from crates whose checksums are in lock files, worker-build's own and
 *  scripts/wasm-bindgen/Cargo.lock. */
function tools() {
  const lock = fs.readFileSync("Cargo.lock", "utf8");
  const bindgen = lock.match(/name = "wasm-bindgen"\nversion = "(.+)"/)[1];
  const hasWorkerBuild = found("worker-build", WORKER_BUILD_VERSION);
  compiler(!hasWorkerBuild);
  if (!hasWorkerBuild) {
    install("worker-build", `worker-build@${WORKER_BUILD_VERSION}`, "--bin", "worker-build");
  }
  // The version must be the library's own, to the last digit.
  if (!found("wasm-bindgen", bindgen)) {
    install("wasm-bindgen", "--force", "--path", "scripts/wasm-bindgen");
    if (!found("wasm-bindgen", bindgen)) {
      fail(`scripts/wasm-bindgen/Cargo.toml names another version than Cargo.lock's ${bindgen}.`);
    }
  }
  fs.rmSync(path.join(root, ".tools", "target"), { recursive: true, force: true });
}

function testTools() {
  for (const component of ["rustfmt", "clippy"]) {
    if (output("cargo", component === "rustfmt" ? "fmt" : component, "--version")) continue;
    say(`adding the Rust component ${component}`);
    if (!run("rustup", ["component", "add", component])) fail(`cargo ${component} is missing.`);
  }
}

/** Installs the Python packages of a list into a folder of their own, target/NAME. They are only
 *  for tests, which are skipped where there is no Python. */
function python(name, list, what) {
  const folder = path.join("target", name);
  const mark = path.join(folder, "installed.txt");
  const wanted = fs.readFileSync(list, "utf8");
  if (fs.existsSync(mark) && fs.readFileSync(mark, "utf8") === wanted) return;
  if (output("python3", "-c", "import sys; assert sys.version_info >= (3, 11)") === null) {
    say(`no Python 3.11 or newer: the tests with ${what} will be skipped`);
    return;
  }
  say(`installing ${what} into ${folder} (about half a minute)`);
  const install = ["-m", "pip", "install", "-q", "--disable-pip-version-check"];
  install.push("--require-hashes", "--only-binary", ":all:", "-r", list);
  const ok =
    run("python3", ["-m", "venv", "--clear", folder]) &&
    run(path.join(folder, "bin", "python"), install);
  if (!ok) fail(`${what} could not be installed. On Debian: \`apt-get install python3-venv\`.`);
  fs.writeFileSync(mark, wanted);
}

rust();
packages();
wasmTarget();
tools();
if (process.argv[2] === "test") {
  testTools();
  npmCi("scripts/api-types", "what makes TypeScript types of the API's description");
  python("schemathesis", "tests/edge/schemathesis.txt", "Schemathesis");
  python("parquet", "tests/parquet/readers.txt", "DuckDB, Polars, pyarrow and PyIceberg");
}
