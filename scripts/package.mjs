// Builds and packs the release, unless the last package was made from the same files.
import { join } from "node:path";
import { run } from "./lib/run.mjs";
import { isStamped, writeStamp } from "./lib/stamp.mjs";
import { packed } from "./lib/toolchain.mjs";
import { pack } from "./pack.mjs";

const tarball = join(packed, "release.tgz");
try {
  if (isStamped(tarball)) {
    console.log("nothing has changed since the last one");
  } else {
    await run("build", "node", ["scripts/build.mjs"]);
    await pack("release");
    writeStamp(tarball);
  }
} catch (error) {
  console.error(`✘ package: ${error.message}`);
  process.exitCode = 1;
}
