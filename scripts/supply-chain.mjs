// What others wrote and the package contains: its licences, its sources, and what is known against it. What can't be asked
// from here, because a registry or a database is out of reach, is said and fails nothing.
import { spawnSync } from "node:child_process";
import { inventory } from "./lib/inventory.mjs";
import { environment, root } from "./lib/toolchain.mjs";

/** An answer over a slow line; a registry that is out of reach is not waited for any longer. */
const PATIENCE_MS = 120_000;

const problems = [...policies(), ...crateAdvisories(), ...(await npmAdvisories())];
for (const problem of problems) console.error(`✘ ${problem}`);
if (problems.length > 0) process.exitCode = 1;

/** Licences, duplicates and sources of the crates, as deny.toml wants them. Needs no network. */
function policies() {
  const { status, out } = ask("cargo-deny", ["--offline", "check", "licenses", "bans", "sources"]);
  if (status !== 0) return [`cargo-deny: ${out}`];
  console.log("✔ crates: licences, duplicates and sources are as deny.toml wants them");
  return [];
}

function crateAdvisories() {
  const { status, out } = ask("cargo-deny", ["check", "advisories"]);
  if (status === 0) console.log("✔ crates: no advisory");
  else if (/failed to (fetch|load|acquire)|unable to access|timed out/i.test(out) || status === null) {
    console.log("⚠ crates: advisories were NOT checked, RustSec's database could not be fetched");
  } else return [`cargo-deny: ${out}`];
  return [];
}

/** Fails for what is in the package. What only builds and tests it is named. */
async function npmAdvisories() {
  const { out } = ask("npm", ["audit", "--json"], "stdout");
  const answer = parsed(out);
  if (!answer?.vulnerabilities) {
    console.log(`⚠ npm: advisories were NOT checked, the registry does not answer (${answer?.message ?? "no answer"})`);
    return [];
  }
  const inside = new Set((await inventory()).filter(({ kind }) => kind === "npm").map(({ name }) => name));
  const found = Object.values(answer.vulnerabilities).map(({ name, severity, range }) => ({
    name,
    text: `${name} ${range}: ${severity}`,
  }));
  const others = found.filter(({ name }) => !inside.has(name));
  for (const { text } of others) console.log(`⚠ npm, for building and testing only: ${text}`);
  console.log(`✔ npm: asked about all packages, ${others.length} advisories outside of the package`);
  return found.filter(({ name }) => inside.has(name)).map(({ text }) => `npm, in the package: ${text}`);
}

function ask(command, args, only) {
  const result = spawnSync(command, args, {
    cwd: root,
    env: environment(),
    encoding: "utf8",
    timeout: PATIENCE_MS,
    maxBuffer: 2 ** 28,
  });
  if (result.error && "code" in result.error && result.error.code === "ENOENT") {
    throw new Error(`${command} is missing: run \`npm run setup\``);
  }
  return { status: result.status, out: only === "stdout" ? result.stdout : `${result.stdout}${result.stderr}`.trim() };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
