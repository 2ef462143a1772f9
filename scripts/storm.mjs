// `npm run storm`: runs the storm with the Node that the plugin needs; its parameters are passed on.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { run } from "./lib/run.mjs";
import { root } from "./lib/toolchain.mjs";

try {
  if (!existsSync(join(root, "js/core/core.wasm"))) throw new Error("build first: `npm run build`");
  await run("storm", "node", ["tests/storm/main.ts", ...process.argv.slice(2)]);
} catch (error) {
  console.error(`✘ ${error.message}`);
  process.exitCode = 1;
}
