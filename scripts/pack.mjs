// Packs both builds as npm would publish them, for the end-to-end stories and the demo: .cache/pack/*.tgz.
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "./lib/run.mjs";
import { packed, root } from "./lib/toolchain.mjs";

/** @param {"release" | "faults"} variant */
export async function pack(variant) {
  mkdirSync(packed, { recursive: true });
  const target = join(packed, `${variant}.tgz`);
  const folder = variant === "release" ? root : join(root, "target/faults");
  const lines = [];
  const args = ["pack", folder, "--silent", "--ignore-scripts", "--pack-destination", packed];
  await run(`pack ${variant}`, "npm", args, { onLine: (line) => lines.push(line.trim()) });
  const file = lines.findLast((line) => line.endsWith(".tgz"));
  if (file === undefined) throw new Error("npm pack named no file");
  rmSync(target, { force: true });
  renameSync(join(packed, file), target);
  return target;
}

if (import.meta.main) {
  try {
    for (const variant of process.argv.slice(2)) await pack(variant);
  } catch (error) {
    console.error(`\n✘ pack: ${error.message}`);
    process.exitCode = 1;
  }
}
