// `npm run release -- --dry-run`: everything that publishing does, except publishing; no registry is asked.
// `npm run release -- --publish` publishes with provenance, in a CI that can sign it.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { coreHash } from "./lib/core.mjs";
import { packageProblems, releaseProblems } from "./lib/release.mjs";
import { run, stopwatch } from "./lib/run.mjs";
import { environment, root } from "./lib/toolchain.mjs";
import { pack } from "./pack.mjs";

const PUBLISH = ["publish", "--provenance", "--access", "public", "--ignore-scripts"];

const flags = process.argv.slice(2);
const isPublishing = flags.includes("--publish");
const elapsed = stopwatch();

try {
  if (isPublishing === flags.includes("--dry-run")) throw new Error("say --dry-run or --publish");
  check();
  await run("build", "node", ["scripts/build.mjs"]);
  const tarball = await pack("release");
  inspect(tarball);
  if (isPublishing) await run("publish", "npm", [...PUBLISH, tarball]);
  else console.log(`\nNot run: npm ${[...PUBLISH, tarball].join(" ")}`);
  console.log(`✔ ${isPublishing ? "published" : "dry run"} (${elapsed()})`);
} catch (error) {
  console.error(`\n✘ release: ${error.message}`);
  process.exitCode = 1;
}

function check() {
  const problems = releaseProblems({
    pkg: JSON.parse(read("package.json")),
    cargo: read("Cargo.toml"),
    changelog: read("CHANGELOG.md"),
    changes: execFileSync("git", ["status", "--porcelain"], { cwd: root, encoding: "utf8" }),
    env: process.env,
  });
  const stopping = isPublishing ? problems : problems.filter(({ isFor }) => isFor === "all");
  for (const { text } of problems.filter((one) => !stopping.includes(one))) console.log(`⚠ before publishing: ${text}`);
  if (stopping.length > 0) throw new Error(stopping.map(({ text }) => text).join("\n"));
}

function inspect(tarball) {
  const listed = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8", env: environment() });
  const files = listed.split("\n").flatMap((path) => (path.endsWith("/") ? [] : path.replace(/^package\//, "") || []));
  const problems = packageProblems(files);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  const bytes = readFileSync(tarball);
  const integrity = createHash("sha512").update(bytes).digest("base64");
  const { components } = JSON.parse(read("dist/sbom.cdx.json"));
  console.log(`\n${files.length} files in ${(bytes.length / 1024).toFixed(1)} KB, sha512-${integrity}`);
  console.log(
    `core ${coreHash(readFileSync(join(root, "dist/core.wasm")))}, ${components.length} components in dist/sbom.cdx.json`,
  );
}

function read(file) {
  return readFileSync(join(root, file), "utf8");
}
