// `npm start`: sets up, builds and shows the plugin at work against servers on this machine. Builds only what has changed.
// Everything after the set-up runs with the Node that it has installed: this one may be too old.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { run } from "./lib/run.mjs";
import { environment, packed, root } from "./lib/toolchain.mjs";

/** Starts both platforms, a gateway with the plugin and a scripted model, and explains what to try. */
const DEMO = "sandbox/demo.ts";
/** It serves its modules with Node's own stripping of types, which is called experimental. */
const QUIET = ["--disable-warning=ExperimentalWarning"];

try {
  await run("setup", process.execPath, ["scripts/setup.mjs"]);
  await run("package", "node", ["scripts/package.mjs"]);
  // With the terminal itself, since a demo is talked to.
  const tarball = join(packed, "release.tgz");
  const demo = spawn("node", [...QUIET, DEMO, "--tarball", tarball, ...process.argv.slice(2)], {
    cwd: root,
    env: environment(),
    stdio: "inherit",
  });
  // The terminal interrupts both; the demo decides when it is over.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => demo.kill("SIGTERM"));
  demo.on("close", (code) => (process.exitCode = code ?? 0));
} catch (error) {
  console.error(`\n✘ ${error.message}`);
  process.exitCode = 1;
}
