// Builds the map into dist/: the decoder (Rust → wasm), the app (TypeScript → one file), the
// outlines of the countries, and the static files. Parts that are up to date are not built again.

import { copyFileSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { writeBasemap } from "./basemap.mjs";
import { writeDocs } from "./docs.mjs";
import { compile, newer } from "./wasm.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const app = join(root, "client/app");
const dist = join(root, "dist");

mkdirSync(dist, { recursive: true });
buildDecoder();
buildBasemap();
await buildApp();
copyStatic();

function buildDecoder() {
  const to = join(dist, "decoder.wasm");
  const built = compile({
    crate: "overflight-client", name: "decoder", to, level: "-Oz", profile: "decoder",
  });
  if (built) report("decoder.wasm");
}

function buildBasemap() {
  for (const scale of ["50m", "10m"]) {
    const to = join(dist, `countries-${scale}.json`);
    const sources = ["client/basemap.mjs", "package-lock.json", "src/earth/country/countries.tsv"];
    if (newer(to, sources.map((source) => join(root, source)))) continue;
    writeBasemap(scale, to);
    report(`countries-${scale}.json`);
  }
}

async function buildApp() {
  await build({
    entryPoints: {
      app: join(app, "main.ts"),
      style: join(app, "styles/style.css"),
      pages: join(app, "styles/pages.css"),
    },
    outdir: dist,
    bundle: true,
    format: "esm",
    // Modules that are imported on demand become files of their own.
    splitting: true,
    chunkNames: "[name]",
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
  for (const name of ["404.html", "favicon.ico", "robots.txt"]) {
    copyFileSync(join(app, "pages", name), join(dist, name));
  }
  writeDocs(join(root, "src/openapi.json"), join(dist, "docs.html"));
  // The files that PROTOCOL.md names, for decoders that others write.
  const protocol = join(dist, "protocol/v3");
  mkdirSync(protocol, { recursive: true });
  for (const [folder, names] of [
    ["src/wire/codec", ["fine.bin", "display.bin", "shared.bin", "airlines.txt"]],
    ["src/aircraft", ["blocks.tsv"]],
  ]) {
    for (const name of names) copyFileSync(join(root, folder, name), join(protocol, name));
  }
  // MapLibre's worker as a file of its own: the page's security policy allows no code from blobs.
  const maplibre = join(root, "node_modules/maplibre-gl/dist");
  copyFileSync(join(maplibre, "maplibre-gl-worker.mjs"), join(dist, "map-worker.js"));
}

function report(name) {
  console.log(`dist/${name}: ${Math.round(statSync(join(dist, name)).size / 1024)} KiB`);
}
