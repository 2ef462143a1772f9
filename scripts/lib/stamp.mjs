// Remembers from which files a package was made, so that it is not made again from the same.
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./toolchain.mjs";

/** Everything that a build or a package is made of, and what makes it. */
const INPUTS = [
  "src/**",
  "js/**",
  "skills/**",
  "scripts/{build,pack}.mjs",
  "scripts/lib/**",
  ".cargo/**",
  "{Cargo.toml,Cargo.lock,package.json,package-lock.json,openclaw.plugin.json,README.md,CHANGELOG.md,LICENSE}",
];
/** What a build writes between its sources. */
const BUILT = ["js/core/glue.js", "js/core/core.wasm"];

/** Whether this package is the one that was stamped last, and its files are what they were. */
export function isStamped(tarball) {
  const stamp = stampOf(tarball);
  return existsSync(tarball) && existsSync(stamp) && readFileSync(stamp, "utf8") === digest(tarball);
}

/** Notes down that this package was made from the files as they are. */
export function writeStamp(tarball) {
  writeFileSync(stampOf(tarball), digest(tarball));
}

function stampOf(tarball) {
  return `${tarball}.inputs`;
}

/** Of the package as well: somebody else may have put another one there. */
function digest(tarball) {
  const hash = createHash("sha256");
  const inputs = globSync(INPUTS, { cwd: root, withFileTypes: true, exclude: (entry) => isBuilt(entry) });
  const files = inputs.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of [...files.sort(), tarball]) {
    const bytes = readFileSync(file);
    hash.update(`${file} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest("hex");
}

function isBuilt({ parentPath, name }) {
  return BUILT.some((file) => join(root, file) === join(parentPath, name));
}
