// The copy of the sources that `make mutants` changes.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { describe, it } from "node:test";
import { copySources } from "../../scripts/sources.mjs";

describe("the copy of the sources", () => {
  it("is what the sources are now, and linked folders keep their files", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "overflight-sources-"));
    const [root, tree] = ["root", "tree"].map((name) => path.join(folder, name));
    const write = (...names) => {
      const file = path.join(folder, ...names);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, names.at(-1));
    };
    try {
      for (const name of ["kept.rs", "changed.rs", "removed.rs"]) write("root", "src", name);
      write("root", "dist", "deep", "built");
      write("root", ".gitignore");
      fs.writeFileSync(path.join(root, ".gitignore"), "/dist\n");
      execFileSync("git", ["init", "--quiet"], { cwd: root });
      copySources(root, tree, ["dist"]);
      fs.writeFileSync(path.join(tree, "src/changed.rs"), "a mutant");
      fs.rmSync(path.join(root, "src/removed.rs"));
      copySources(root, tree, ["dist"]);
      assert.deepEqual(fs.readdirSync(path.join(tree, "src")).sort(), ["changed.rs", "kept.rs"]);
      assert.equal(fs.readFileSync(path.join(tree, "src/changed.rs"), "utf8"), "changed.rs");
      for (const place of [root, tree]) {
        assert.deepEqual(fs.readdirSync(path.join(place, "dist/deep")), ["built"], place);
      }
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });
});
