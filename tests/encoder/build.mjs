// Builds the Worker's side as wasm for tests and the bench, optimised as worker-build does it.

import { fileURLToPath } from "node:url";
import { compile } from "../../client/wasm.mjs";

const to = fileURLToPath(new URL("../../target/encoder/encoder.wasm", import.meta.url));
compile({ crate: "overflight-encoder", name: "encoder", to, level: "-O" });
