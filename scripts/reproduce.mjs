// Proves that core.wasm is the same wherever it is built: compiles the sources that git knows twice, each time from
// nothing, in a folder and a target folder of its own, and compares the two modules with each other and with the built one.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { coreHash } from "./lib/core.mjs";
import { run, stopwatch } from "./lib/run.mjs";
import { root } from "./lib/toolchain.mjs";

/** Of different lengths and depths, as paths that leak into a module would show. */
const FOLDERS = ["one", "another/one/deeper"];
/** What a build needs beside the sources. */
const TOOLS = ["node_modules", ".tools"];

const elapsed = stopwatch();
const home = mkdtempSync(join(tmpdir(), "reproduce-"));
try {
  const hashes = [];
  for (const folder of FOLDERS) {
    const copy = join(home, folder);
    copySources(copy);
    // Inherited, it would hold what another build made.
    const env = { CARGO_TARGET_DIR: join(copy, "made here") };
    await run(`clean build in ${copy}`, "node", [join(copy, "scripts/build.mjs")], { env });
    hashes.push(coreHash(readFileSync(join(copy, "dist/core.wasm"))));
    rmSync(copy, { recursive: true });
  }
  const built = join(root, "dist/core.wasm");
  if (existsSync(built)) hashes.push(coreHash(readFileSync(built)));
  const [first, second, here] = hashes;
  if (first !== second) throw new Error(`two clean builds made two modules: ${first} and ${second}`);
  if (here !== undefined && here !== first) {
    throw new Error(`dist/core.wasm is ${here}, and the sources make ${first}: build again`);
  }
  console.log(`\n✔ reproduced (${elapsed()}): core.wasm is ${first}${here ? ", as is dist/core.wasm" : ""}`);
} catch (error) {
  console.error(`\n✘ reproduce: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(home, { recursive: true, force: true });
}

function copySources(to) {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root });
  const files = listed.toString().split("\0").filter(Boolean);
  for (const file of files.filter((name) => !TOOLS.includes(name) && existsSync(join(root, name)))) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(root, file), join(to, file));
  }
  for (const tool of TOOLS) if (existsSync(join(root, tool))) symlinkSync(join(root, tool), join(to, tool));
}
