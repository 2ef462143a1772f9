// `npm run matrix`: installation and conversations on the oldest OpenClaw that the package claims and on the newest there
// is. Each is installed once into .cache/openclaw/<version>. Versions may be named instead: `npm run matrix -- 2026.9.6`.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, stopwatch } from "./lib/run.mjs";
import { environment, packed, root } from "./lib/toolchain.mjs";

const STORIES = ["tests/e2e/install.test.ts", "tests/e2e/conversation.test.ts"];

const elapsed = stopwatch();
try {
  if (!existsSync(join(packed, "release.tgz"))) {
    throw new Error("build first: `npm run build && node scripts/pack.mjs release faults`");
  }
  const named = process.argv.slice(2);
  const versions = named.length > 0 ? named : [...new Set([oldest(), newest()])];
  console.log(`OpenClaw ${versions.join(" and ")}`);
  const results = [];
  for (const version of versions) results.push([version, await works(version)]);
  for (const [version, ok] of results) console.log(`${ok ? "✔" : "✘"} OpenClaw ${version}`);
  console.log(`${elapsed()} in all`);
  if (!results.every(([, ok]) => ok)) process.exitCode = 1;
} catch (error) {
  console.error(`\n✘ matrix: ${error.message}`);
  process.exitCode = 1;
}

async function works(version) {
  try {
    const cli = await installed(version);
    const args = ["--test", "--test-concurrency=1", ...STORIES];
    await run(`stories on OpenClaw ${version}`, "node", args, { env: { SANDBOX_OPENCLAW: cli } });
    return true;
  } catch (error) {
    console.error(`✘ ${error.message}`);
    return false;
  }
}

/** @returns {Promise<string>} Its command line. */
async function installed(version) {
  const home = join(root, ".cache/openclaw", version);
  const folder = join(home, "node_modules/openclaw");
  const isThere = () =>
    existsSync(join(folder, "package.json")) &&
    JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version === version;
  if (!isThere()) {
    mkdirSync(home, { recursive: true });
    // Else npm looks for a project further up, and finds this one.
    writeFileSync(join(home, "package.json"), '{ "private": true }\n');
    const args = ["install", "--prefix", home, "--no-audit", "--no-fund", `openclaw@${version}`];
    await run(`OpenClaw ${version} into .cache/openclaw`, "npm", args);
  }
  if (!isThere()) throw new Error(`npm installed another OpenClaw than ${version}`);
  return join(folder, "openclaw.mjs");
}

function oldest() {
  const { peerDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return peerDependencies.openclaw.replace(/^>=/, "");
}

function newest() {
  const options = { cwd: root, env: environment(), encoding: "utf8" };
  return execFileSync("npm", ["view", "openclaw", "version"], {
    ...options,
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}
