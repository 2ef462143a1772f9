// Builds the package into dist/. With --faults, builds one that tests can break on purpose into target/faults/.
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { bundle } from "./lib/bundle.mjs";
import { compileCore, coreHash, writeGlue, writeModule } from "./lib/core.mjs";
import { licenses } from "./lib/licenses.mjs";
import { stopwatch } from "./lib/run.mjs";
import { sbom } from "./lib/sbom.mjs";
import { root } from "./lib/toolchain.mjs";

/**
 * Half of what an operator unpacks. It is compiled once, when the first account starts, in some milliseconds, and less
 * than half of it is downloaded. Both platforms are in it with all their calls, so it grows with what an agent can do,
 * and with every crash and refusal that is answered for: 786 KB when both channels were complete, 800 KB when answers
 * that a death kept from their askers were sent, 817 KB when those were that a living gateway loses.
 */
const MODULE_LIMIT = 832 * 1024;
/** What an operator unpacks; over a slow link a third of it is downloaded. */
const PACKAGE_LIMIT = 1536 * 1024;
/** npm packs these beside dist/. */
const PACKED = [
  "package.json",
  "openclaw.plugin.json",
  "README.md",
  "README.zh-CN.md",
  "CHANGELOG.md",
  "LICENSE",
  "skills",
  "assets",
];

const faults = process.argv.includes("--faults");
const elapsed = stopwatch();
// Sources load the core from beside themselves, so that nothing needs a bundle during development.
const coreDir = faults ? join(root, "target/faults/core") : join(root, "js/core");
const home = faults ? join(root, "target/faults") : root;
const dist = join(home, "dist");

try {
  const pkg = await compileCore({ faults });
  const [glue, module] = [join(coreDir, "glue.js"), join(coreDir, "core.wasm")];
  await writeGlue(pkg, glue);
  await writeModule(pkg, module);

  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  const metafile = await bundle({ out: dist, faults, glue });
  copyFileSync(module, join(dist, "core.wasm"));
  writeFileSync(join(dist, "LICENSES.txt"), licenses(metafile));
  if (!faults) writeFileSync(join(dist, "sbom.cdx.json"), JSON.stringify(await sbom()));
  if (faults) {
    for (const file of present(PACKED)) cpSync(join(root, file), join(home, file), { recursive: true });
  }
  report(module);
} catch (error) {
  console.error(`\n✘ build: ${error.message}`);
  process.exitCode = 1;
}

function present(files) {
  return files.filter((file) => existsSync(join(root, file)));
}

function report(module) {
  const files = sizes(dist);
  console.log(`\n${relative(root, dist)}/`);
  for (const [file, size] of files) console.log(`  ${kilobytes(size).padStart(9)}  ${file}`);
  const beside = present(PACKED).flatMap((file) => sizes(join(root, file)));
  const total = [...files, ...beside].reduce((sum, [, size]) => sum + size, 0);
  const about = `${kilobytes(total)} unpacked, of at most ${kilobytes(PACKAGE_LIMIT)}`;
  console.log(`✔ build (${elapsed()}): ${about}; core ${coreHash(readFileSync(module))}`);
  if (faults) return;
  const moduleSize = statSync(module).size;
  if (moduleSize > MODULE_LIMIT) throw new Error(`core.wasm has ${kilobytes(moduleSize)}, more than its limit`);
  if (total > PACKAGE_LIMIT) throw new Error(`the package has ${kilobytes(total)}, more than its limit`);
}

/** Files in or at a path with their sizes, largest first. */
function sizes(path) {
  if (statSync(path).isFile()) return [[relative(root, path), statSync(path).size]];
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((file) => [relative(path, file), statSync(file).size])
    .sort(([, a], [, b]) => b - a);
}

function kilobytes(bytes) {
  return `${(bytes / 1024).toFixed(1)} KB`;
}
