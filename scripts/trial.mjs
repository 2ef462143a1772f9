// `npm run soak`, `storm`, `restarts` and so on: runs a trial with the Node that the plugin needs; its parameters are passed on.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { run } from "./lib/run.mjs";
import { root } from "./lib/toolchain.mjs";

const CORE = "js/core/core.wasm";
/** What must be built before each. */
const BUILT = {
  soak: CORE,
  kills: CORE,
  storm: CORE,
  disconnects: CORE,
  throttled: CORE,
  frozen: CORE,
  restarts: ".cache/pack/release.tgz",
  handover: ".cache/pack/faults.tgz",
};

const [trial = "", ...parameters] = process.argv.slice(2);
try {
  if (!(trial in BUILT)) throw new Error(`the trials are ${Object.keys(BUILT).join(", ")}`);
  if (!existsSync(join(root, BUILT[trial])))
    throw new Error("build first: `npm run build && node scripts/pack.mjs release faults`");
  await run(trial, "node", [`tests/${trial}/main.ts`, ...parameters]);
} catch (error) {
  console.error(`✘ ${error.message}`);
  process.exitCode = 1;
}
