// A copy of the sources that tools may change: every file that git has or does not ignore.

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

/** Copies the sources in `root` to the folder `tree`, and links the folders `linked` into it. What
 *  has changed in the copy is overwritten, and what the sources no longer have is removed. */
export function copySources(root, tree, linked) {
  const git = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const listed = spawnSync("git", git, { cwd: root, encoding: "utf8" }).stdout.split("\0");
  const wanted = new Set(listed.filter((file) => file && fs.existsSync(path.join(root, file))));
  fs.mkdirSync(tree, { recursive: true });
  for (const file of files(tree)) {
    if (!wanted.has(path.relative(tree, file))) fs.rmSync(file);
  }
  for (const file of wanted) {
    const [from, to] = [fs.readFileSync(path.join(root, file)), path.join(tree, file)];
    if (fs.existsSync(to) && from.equals(fs.readFileSync(to))) continue;
    fs.mkdirSync(path.dirname(to), { recursive: true });
    fs.writeFileSync(to, from);
  }
  for (const name of linked) {
    const link = path.join(tree, name);
    if (!fs.existsSync(link)) fs.symlinkSync(path.resolve(root, name), link);
  }
}

/** The paths of the files below a folder. Node's own recursion would follow links: through them
 *  the linked folders' files would be removed. */
function files(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const name = path.join(folder, entry.name);
    if (entry.isDirectory()) return files(name);
    return entry.isFile() ? [name] : [];
  });
}
