// `npm run screenshots`: takes the playground's pictures in docs/images anew. Look at them before they are committed.
import { ensureChromium } from "./lib/chromium.mjs";
import { run } from "./lib/run.mjs";
import { pack } from "./pack.mjs";

try {
  await run("setup", process.execPath, ["scripts/setup.mjs"]);
  if ((await ensureChromium()) === undefined) {
    throw new Error("there is no Chromium on PATH: install it (`apt-get install chromium`) and run this again");
  }
  await run("build", "node", ["scripts/build.mjs"]);
  const tarball = await pack("release");
  await run("screenshots", "node", ["tests/page/screenshots.ts", "--tarball", tarball]);
} catch (error) {
  console.error(`\n✘ ${error.message}`);
  process.exitCode = 1;
}
