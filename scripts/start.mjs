// `npm start`: sets up, builds and shows the plugin at work against servers on this machine. Builds only what has changed.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { run } from "./lib/run.mjs";
import { isStamped, writeStamp } from "./lib/stamp.mjs";
import { pack, packed } from "./pack.mjs";
import { environment, root } from "./lib/toolchain.mjs";

/** Starts both platforms, a gateway with the plugin and a scripted model, and explains what to try. */
const DEMO = "sandbox/demo.ts";
/** It serves its modules with Node's own stripping of types, which is called experimental. */
const QUIET = ["--disable-warning=ExperimentalWarning"];

try {
  await run("setup", process.execPath, ["scripts/setup.mjs"]);
  const tarball = join(packed, "release.tgz");
  if (isStamped(tarball)) {
    console.log("✔ build: nothing has changed since the last one");
  } else {
    await run("build", "node", ["scripts/build.mjs"]);
    await pack("release");
    writeStamp(tarball);
  }
  // With the terminal itself, since a demo is talked to.
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
