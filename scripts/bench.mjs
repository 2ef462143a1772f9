// `npm run bench`, `npm run bench -- <a word of a probe's name>` and `npm run bench:peers`: run the benchmarks with the Node that the plugin needs.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { run } from "./lib/run.mjs";
import { root } from "./lib/toolchain.mjs";

const wishes = process.argv.slice(2);
const peers = wishes.includes("peers");

try {
  if (!existsSync(join(root, "js/core/core.wasm"))) throw new Error("build first: `npm run build`");
  // What costs verification, and what an agreement takes, can be seen only in the build with faults.
  if (!existsSync(join(root, "target/faults/dist/core.js")))
    await run("build", "node", ["scripts/build.mjs", "--faults"]);
  await run("bench", "node", peers ? ["bench/peers/main.ts"] : ["bench/main.ts", ...wishes]);
} catch (error) {
  console.error(`✘ ${error.message}`);
  process.exitCode = 1;
}
