// Serves bare_object.js on workerd, forked by fanout.mjs, and sends its address there.

import { readFileSync } from "node:fs";
import { Miniflare } from "miniflare";

const miniflare = new Miniflare({
  name: "bare",
  host: "127.0.0.1",
  port: 0,
  cf: false,
  compatibilityDate: "2026-07-01",
  compatibilityFlags: ["no_web_socket_compression"],
  modules: true,
  script: readFileSync(new URL("bare_object.js", import.meta.url), "utf8"),
  durableObjects: { BARE: { className: "BareObject", useSQLite: true } },
  unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
});

process.once("disconnect", () => miniflare.dispose());
await miniflare.ready;
process.send({ url: (await miniflare.unsafeGetDirectURL("bare")).origin });
