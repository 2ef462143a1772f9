// Every check, in the order in which a failure is cheapest to learn. Stops at the first that fails.
// The host's versions have `npm run matrix`, and the core's hash `npm run reproduce`.
// With --no-e2e, without the stories in a real gateway, which take minutes.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ensureChromium } from "./lib/chromium.mjs";
import { run, stopwatch } from "./lib/run.mjs";
import { cargoTargetDir, root, versionOf } from "./lib/toolchain.mjs";

/** Lines by which cargo, nextest and node sum up what they ran. */
const SUMMARY = /^\s*(test result:|Summary \[|ℹ (tests|pass|fail|skipped) )/;

const WASM_CLIPPY = ["clippy", "--lib", "--target", "wasm32-unknown-unknown"];
const DENY = ["--", "-D", "warnings"];
/** A folder of its own: the core's library has one file name, whichever features its dependencies were built with. */
const FUZZ_TARGET = join(cargoTargetDir, "fuzz");
/** Without libFuzzer, whose build needs a C++ compiler. */
const FUZZ = ["--manifest-path", "fuzz/Cargo.toml", "--no-default-features", "--target-dir", FUZZ_TARGET];

/** Their long forms are `npm run <name>`. */
const TRIALS = ["disconnects", "storm", "throttled", "frozen", "soak"];

/** Left out where there is no Chromium and none can be installed. */
const PAGE_STORIES = "Page stories";
const GATEWAY_PAGE_STORIES = "Page stories, with a gateway";
const IN_A_BROWSER = [PAGE_STORIES, GATEWAY_PAGE_STORIES];

const NO_E2E = process.argv.includes("--no-e2e");

/** @type {[title: string, command: string, args: string[]][]} */
const checks = [
  ["Rust format", "cargo", ["fmt", "--check"]],
  ["Rust format, fuzz targets", "cargo", ["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"]],
  ["TypeScript format", "prettier", ["--check", "."]],
  ["Rust lints", "cargo", ["clippy", "--all-targets", ...DENY]],
  ["Rust lints, wasm", "cargo", [...WASM_CLIPPY, ...DENY]],
  ["Rust lints, wasm with faults", "cargo", [...WASM_CLIPPY, "--features", "faults", ...DENY]],
  // Also fails when js/core/protocol.ts differs from the Rust types.
  [
    "Rust tests",
    "cargo",
    versionOf("cargo-nextest") ? ["nextest", "run", "--no-fail-fast"] : ["test", "--no-fail-fast"],
  ],
  ["Fuzz targets", "cargo", ["clippy", ...FUZZ, "--all-targets", ...DENY]],
  ["Fuzz corpus", "cargo", ["test", ...FUZZ, "--lib"]],
  ["Build", "node", ["scripts/build.mjs"]],
  ["Build with faults", "node", ["scripts/build.mjs", "--faults"]],
  ["Pack", "node", ["scripts/pack.mjs", "release", "faults"]],
  ["Supply chain", "node", ["scripts/supply-chain.mjs"]],
  ["Types", "tsc", ["-p", "tsconfig.json"]],
  // By themselves: they know the browser's names, which the rest must not.
  ["Types of the playground's page", "tsc", ["-p", "sandbox/playground/page/tsconfig.json"]],
  ["Types of its stories", "tsc", ["-p", "tests/page/ui/tsconfig.json"]],
  ["TypeScript lints", "oxlint", ["--type-aware"]],
  ["JavaScript tests", "node", ["--test", ...tests("tests/js"), ...tests("tests/sandbox")]],
  ["Client stories", "node", ["--test", ...tests("tests/client")]],
  // In a real browser. Those with a gateway behind the page are the last ones.
  [PAGE_STORIES, "node", ["--test", "--test-concurrency=1", ...tests("tests/page/ui")]],
  // A trial whose sockets are slow to close must not hold up the check.
  ["Trials, small", "node", ["--test", "--test-force-exit", ...TRIALS.flatMap((trial) => tests(`tests/${trial}`))]],
  // Alone: its moments are those of the real clock.
  ["Kills, small", "node", ["--test", "--test-force-exit", ...tests("tests/kills")]],
  // Two at a time: each starts a gateway that takes a gigabyte, and waits for it as often as it works.
  ["End to end", "node", ["--test", "--test-concurrency=2", ...(NO_E2E ? [] : tests("tests/e2e"))]],
  [GATEWAY_PAGE_STORIES, "node", ["--test", "--test-concurrency=1", ...(NO_E2E ? [] : tests("tests/page/gateway"))]],
];

function tests(folder) {
  if (!existsSync(join(root, folder))) return [];
  const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  return files.filter((file) => file.endsWith(".test.ts")).map((file) => join(folder, file));
}

const elapsed = stopwatch();
const results = [];
for (const [title, command, args] of checks) {
  if (args[0] === "--test" && !args.some((argument) => argument.endsWith(".test.ts"))) continue;
  if (IN_A_BROWSER.includes(title) && (await ensureChromium()) === undefined) {
    const lines = [
      "NOT RUN: there is no Chromium on PATH. `apt-get install chromium`, or another browser of its kind.",
    ];
    console.log(`\n▷ ${title}\n  ${lines[0]}`);
    results.push({ title, outcome: "▷", took: "", lines });
    continue;
  }
  const took = stopwatch();
  const lines = [];
  const onLine = (line) => SUMMARY.test(line) && lines.push(line.trim());
  try {
    await run(title, command, args, { onLine });
    results.push({ title, outcome: "✔", took: took(), lines });
  } catch (error) {
    console.error(`✘ ${error.message}`);
    results.push({ title, outcome: "✘", took: took(), lines });
    process.exitCode = 1;
    break;
  }
}

console.log("\nChecks");
for (const { title, outcome, took, lines } of results) {
  console.log(`${outcome} ${took.padStart(8)}  ${title}`);
  for (const line of lines) console.log(`              ${line}`);
}
console.log(
  process.exitCode
    ? `✘ failed after ${elapsed()}; later checks were not run`
    : `✔ all passed in ${elapsed()}${leftOut()}`,
);

/** What was not run is said where nobody overlooks it. */
function leftOut() {
  const titles = results.filter(({ outcome }) => outcome === "▷").map(({ title }) => title);
  return titles.length === 0 ? "" : `; NOT RUN: ${titles.join(", ")}`;
}

// One line for whoever counts: the runners' own summaries, added up.
const summaries = results.flatMap(({ lines }) => lines).join("\n");
const sum = (pattern) =>
  [...summaries.matchAll(pattern)].reduce((total, [, cargo, node]) => total + Number(cargo ?? node), 0);
const [passed, failed] = [sum(/(\d+) passed|ℹ pass (\d+)/g), sum(/(\d+) failed|ℹ fail (\d+)/g)];
console.log(`\n${passed} passed, ${failed} failed`);
