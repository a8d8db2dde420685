// The ingest token of a local server: INGEST_TOKEN if it is set, else a random one in the server's
// state folder. A well-known token would let any page in the developer's browser push.

import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

const { INGEST_TOKEN = "", STATE = ".wrangler/state" } = process.env;

/** 24 bytes are 32 characters of base64url, twice the Worker's minimum. */
const RANDOM_BYTES = 24;

export const TOKEN_FILE = path.join(STATE, "ingest-token");

/** Returns the token; makes one if there is none. */
export function localToken() {
  if (INGEST_TOKEN !== "") return INGEST_TOKEN;
  if (!fs.existsSync(TOKEN_FILE)) {
    fs.mkdirSync(STATE, { recursive: true });
    // Only the owner may read it. "wx" never overwrites a token that another process wrote.
    const file = { mode: 0o600, flag: "wx" };
    fs.writeFileSync(TOKEN_FILE, randomBytes(RANDOM_BYTES).toString("base64url"), file);
  }
  return fs.readFileSync(TOKEN_FILE, "utf8").trim();
}
