// The token that a local server takes pushes with: INGEST_TOKEN where it is set, else a random one
// that stays in the server's folder of state. A word that everybody knows would let whatever runs
// in the developer's browser push, too.

import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

const { INGEST_TOKEN = "", STATE = ".wrangler/state" } = process.env;

/** 24 bytes are 32 letters of base64url, twice as many as the Worker wants at least. */
const RANDOM_BYTES = 24;

export const TOKEN_FILE = path.join(STATE, "ingest-token");

/** The token; it is made where there is none. */
export function localToken() {
  if (INGEST_TOKEN !== "") return INGEST_TOKEN;
  if (!fs.existsSync(TOKEN_FILE)) {
    fs.mkdirSync(STATE, { recursive: true });
    // Only its owner may read it. Whoever comes second keeps what the first one wrote.
    const file = { mode: 0o600, flag: "wx" };
    fs.writeFileSync(TOKEN_FILE, randomBytes(RANDOM_BYTES).toString("base64url"), file);
  }
  return fs.readFileSync(TOKEN_FILE, "utf8").trim();
}
