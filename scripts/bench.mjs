// `npm run bench`: runs the benchmarks with the Node that the plugin needs.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { run } from "./lib/run.mjs";
import { root } from "./lib/toolchain.mjs";

try {
  if (!existsSync(join(root, "js/core/core.wasm"))) throw new Error("build first: `npm run build`");
  await run("bench", "node", ["bench/main.ts"]);
} catch (error) {
  console.error(`✘ ${error.message}`);
  process.exitCode = 1;
}
