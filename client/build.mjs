// Builds the map into dist/: the decoder (Rust → wasm), the app (TypeScript → one file), the
// outlines of the countries, and what the page links to. What is up to date is not built again.

import { execFileSync } from "node:child_process";
import {
  accessSync, constants, copyFileSync, existsSync, globSync, mkdirSync, statSync,
} from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { writeBasemap } from "./basemap.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const app = join(root, "client/app");
const dist = join(root, "dist");
/** The decoder's JavaScript and types; the app imports them from there. */
const decoder = join(root, "target/decoder");
const bin = (name) => join(root, "node_modules/.bin", name);

/** Features that rustc's wasm32-unknown-unknown uses by default. */
const WASM_FEATURES = [
  "bulk-memory", "bulk-memory-opt", "call-indirect-overlong", "multivalue", "mutable-globals",
  "nontrapping-float-to-int", "reference-types", "sign-ext",
];

mkdirSync(dist, { recursive: true });
buildDecoder();
buildBasemap();
await buildApp();
copyStatic();

function buildDecoder() {
  run("cargo", [
    "build", "--package", "overflight-client", "--release", "--target", "wasm32-unknown-unknown",
    "--quiet",
  ]);
  const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
  const compiled = join(target, "wasm32-unknown-unknown/release/overflight_client.wasm");
  const wasm = join(dist, "decoder.wasm");
  if (newer(wasm, [compiled]) && existsSync(join(decoder, "decoder.js"))) return;
  run(wasmBindgen(), [
    "--target", "web", "--out-dir", decoder, "--out-name", "decoder", compiled,
  ]);
  const features = WASM_FEATURES.map((feature) => `--enable-${feature}`);
  run(bin("wasm-opt"), [
    "-Oz", ...features, join(decoder, "decoder_bg.wasm"), "--output", wasm,
  ]);
  report("decoder.wasm");
}

function buildBasemap() {
  for (const scale of ["50m", "10m"]) {
    const to = join(dist, `countries-${scale}.json`);
    if (newer(to, [join(root, "client/basemap.mjs"), join(root, "package-lock.json")])) continue;
    writeBasemap(scale, to);
    report(`countries-${scale}.json`);
  }
}

async function buildApp() {
  await build({
    entryPoints: { app: join(app, "main.ts"), style: join(app, "style.css") },
    outdir: dist,
    bundle: true,
    format: "esm",
    target: ["es2022", "chrome120", "firefox121", "safari17"],
    minify: true,
    legalComments: "linked",
    assetNames: "[name]",
    loader: { ".woff2": "file" },
    logLevel: "warning",
  });
  report("app.js");
}

function copyStatic() {
  for (const name of ["index.html", "icon.svg", "_headers"]) {
    copyFileSync(join(app, name), join(dist, name));
  }
  // MapLibre's worker as a file of its own: the page's security policy allows no code from blobs.
  const maplibre = join(root, "node_modules/maplibre-gl/dist");
  copyFileSync(join(maplibre, "maplibre-gl-worker.mjs"), join(dist, "map-worker.js"));
}

/** Its version must be the crate's, so a tool of the project goes before the machine's. */
function wasmBindgen() {
  const onPath = (process.env.PATH ?? "").split(delimiter).map((at) => join(at, "wasm-bindgen"));
  const cached = globSync(join(homedir(), ".cache/worker-build/**/wasm-bindgen"));
  const candidates = [
    process.env.WASM_BINDGEN_BIN, join(root, ".tools/bin/wasm-bindgen"), ...onPath, ...cached,
  ];
  const found = candidates.find((path) => path !== undefined && executable(path));
  if (found === undefined) {
    throw new Error(
      "wasm-bindgen is missing: cargo install wasm-bindgen-cli --version 0.2.130 --root .tools",
    );
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

function newer(made, sources) {
  if (!existsSync(made)) return false;
  const time = statSync(made).mtimeMs;
  return sources.every((source) => statSync(source).mtimeMs <= time);
}

function run(command, args) {
  execFileSync(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
}

function report(name) {
  console.log(`dist/${name}: ${Math.round(statSync(join(dist, name)).size / 1024)} KiB`);
}
