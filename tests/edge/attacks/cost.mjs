// The cost of a server as the kernel counts it, measured on its workerd process.

import { readFileSync, readdirSync } from "node:fs";

/** Linux counts CPU time in these ticks on all hardware. */
const TICKS_PER_SECOND = 100;

/** The resident bytes and the CPU milliseconds of a server's workerd, both threads and kernel. A
 *  server that is one process itself has its `pid`. */
export function cost(server) {
  const pid = server.pid ?? workerd(server);
  const [, fields] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
  // proc(5): utime and stime are fields 14 and 15; the name is the second.
  const [user, system] = fields.split(" ").slice(11, 13).map(Number);
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return {
    bytes: Number(/VmRSS:\s+(\d+) kB/.exec(status)[1]) * 1024,
    millis: ((user + system) * 1_000) / TICKS_PER_SECOND,
  };
}

/** Returns the cost that an action adds: `{bytes, millis}`, and the action's `result`. */
export async function added(server, act) {
  const before = cost(server);
  const result = await act();
  const after = cost(server);
  return { bytes: after.bytes - before.bytes, millis: after.millis - before.millis, result };
}

export const MIB = 2 ** 20;

/** Formats bytes as MiB. */
export const megabytes = (bytes) => `${(bytes / MIB).toFixed(1)} MiB`;

/** Returns the process id of the server's workerd. */
function workerd(server) {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const read = (file) => readFileSync(`/proc/${pid}/${file}`, "utf8");
    try {
      const group = Number(read("stat").split(") ")[1].split(" ")[2]);
      if (read("comm").trim() === "workerd" && group === server.group) return pid;
    } catch (error) {
      // Processes may end during this loop.
      if (!["ENOENT", "ESRCH"].includes(error.code)) throw error;
    }
  }
  throw new Error("no workerd: does this system have /proc?");
}
