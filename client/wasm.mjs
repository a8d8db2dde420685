// Rust → wasm: a crate of the workspace, optimised, and the JavaScript that calls it.

import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync, globSync, mkdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Features that rustc's wasm32-unknown-unknown uses by default. */
const WASM_FEATURES = [
  "bulk-memory", "bulk-memory-opt", "call-indirect-overlong", "multivalue", "mutable-globals",
  "nontrapping-float-to-int", "reference-types", "sign-ext",
];

/**
 * Builds a crate as `target/<name>/<name>.js` and the wasm at `to`, optimised as cargo's `profile`
 * and wasm-opt's flag `level` say. Returns whether it built anything.
 */
export function compile({ crate, name, to, level, profile = "release" }) {
  run("cargo", [
    "build", "--locked", "--package", crate, "--profile", profile, "--quiet",
    "--target", "wasm32-unknown-unknown",
  ]);
  const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
  const file = `${crate.replaceAll("-", "_")}.wasm`;
  const compiled = join(target, "wasm32-unknown-unknown", profile, file);
  const out = join(root, "target", name);
  if (newer(to, [compiled]) && existsSync(join(out, `${name}.js`))) return false;
  mkdirSync(dirname(to), { recursive: true });
  run(wasmBindgen(), ["--target", "web", "--out-dir", out, "--out-name", name, compiled]);
  const features = WASM_FEATURES.map((feature) => `--enable-${feature}`);
  const bound = join(out, `${name}_bg.wasm`);
  run(join(root, "node_modules/.bin/wasm-opt"), [level, ...features, bound, "--output", to]);
  return true;
}

/** Its version must equal the crate's, so the project's tool comes before the machine's. */
function wasmBindgen() {
  const onPath = (process.env.PATH ?? "").split(delimiter).map((at) => join(at, "wasm-bindgen"));
  const cached = globSync(join(homedir(), ".cache/worker-build/**/wasm-bindgen"));
  const candidates = [
    process.env.WASM_BINDGEN_BIN, join(root, ".tools/bin/wasm-bindgen"), ...onPath, ...cached,
  ];
  const found = candidates.find((path) => path !== undefined && executable(path));
  if (found === undefined) {
    throw new Error("wasm-bindgen is missing: node scripts/setup.mjs installs it");
  }
  return found;
}

function executable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Whether the output exists and is as new as all its sources. */
export function newer(made, sources) {
  if (!existsSync(made)) return false;
  const time = statSync(made).mtimeMs;
  return sources.every((source) => statSync(source).mtimeMs <= time);
}

function run(command, args) {
  execFileSync(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
}
