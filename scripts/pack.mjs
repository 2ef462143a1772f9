// Packs what the build made: .cache/pack/release.tgz, and faults.tgz for the tests that break it on purpose.
import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { run } from "./lib/run.mjs";
import { root } from "./lib/toolchain.mjs";

const cache = join(root, ".cache/pack");

try {
  rmSync(cache, { recursive: true, force: true });
  for (const [variant, folder] of [
    ["release", root],
    ["faults", join(root, "target/faults")],
  ]) {
    const out = join(cache, variant);
    mkdirSync(out, { recursive: true });
    await run(`Tarball, ${variant}`, "npm", ["pack", folder, "--silent", "--pack-destination", out]);
    const [file] = readdirSync(out);
    const tarball = `${out}.tgz`;
    renameSync(join(out, file), tarball);
    rmSync(out, { recursive: true });
    console.log(`${(statSync(tarball).size / 1024).toFixed(1)} KB  ${tarball}`);
  }
} catch (error) {
  console.error(`✘ pack: ${error.message}`);
  process.exitCode = 1;
}
