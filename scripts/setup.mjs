// Makes a fresh checkout ready: Node for OpenClaw, Rust's wasm target, wasm-pack, wasm-bindgen, cargo-deny, npm packages.
// Needs rustup's cargo, and npm with any Node from 18. Does only what is missing; quick when nothing is.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { run, stopwatch } from "./lib/run.mjs";
import {
  CARGO_DENY_VERSION,
  NODE_VERSION,
  WASM_PACK_VERSION,
  isSupportedNode,
  nodeBinDir,
  packagesMatchLock,
  toolsDir,
  versionOf,
  wasmBindgenVersion,
} from "./lib/toolchain.mjs";

const elapsed = stopwatch();

async function node() {
  if (isSupportedNode(process.version)) return `Node ${process.version}`;
  const binary = join(nodeBinDir(), "node");
  if (versionOf(binary) !== `v${NODE_VERSION}`) {
    // Before anything else from npm: OpenClaw's installer aborts under an older Node.
    const args = ["install", "--prefix", toolsDir, "--no-audit", "--no-fund", `node@${NODE_VERSION}`];
    await run(`Node ${NODE_VERSION} into .tools (this system has ${process.version})`, "npm", args);
  }
  if (versionOf(binary) !== `v${NODE_VERSION}`) {
    throw new Error(
      `npm installed node@${NODE_VERSION} without its binary, as it does when install scripts are off. ` +
        "Allow them (`npm config set ignore-scripts false`), or put a Node >= 24.16 first on PATH, and run this again.",
    );
  }
  return `Node v${NODE_VERSION} in .tools`;
}

async function rust() {
  const sysroot = versionOf("rustc", ["--print", "sysroot"]);
  if (!sysroot) throw new Error("rustc is missing. Install Rust from https://rustup.rs and run this again.");
  if (!existsSync(join(sysroot, "lib", "rustlib", "wasm32-unknown-unknown"))) {
    await run("Rust target wasm32-unknown-unknown", "rustup", ["target", "add", "wasm32-unknown-unknown"]);
  }
  const missing = [
    ["rustfmt", "rustfmt"],
    ["clippy", "cargo-clippy"],
  ].filter(([, binary]) => !existsSync(join(sysroot, "bin", binary)));
  if (missing.length > 0) {
    const components = missing.map(([component]) => component);
    await run(`Rust components ${components.join(", ")}`, "rustup", ["component", "add", ...components]);
  }
  return versionOf("rustc");
}

/** Built in debug mode: they run for a moment, and compile in half the time. */
async function crate(binary, name, version, flags) {
  const installed = versionOf(join(toolsDir, "bin", binary));
  if (installed !== `${binary} ${version}`) {
    const args = ["install", name, "--version", version, "--debug", "--force", "--root", toolsDir, ...flags];
    await run(`${name} ${version} into .tools (a minute or two, once)`, "cargo", args);
  }
  return `${binary} ${version}`;
}

async function packages() {
  if (!packagesMatchLock()) await run("npm packages", "npm", ["ci", "--no-audit", "--no-fund"]);
  return "npm packages as in package-lock.json";
}

try {
  const ready = [
    await node(),
    await rust(),
    await crate("wasm-pack", "wasm-pack", WASM_PACK_VERSION, ["--locked"]),
    // Without TLS, which only its downloads need, and not locked: its lock file asks for a version that not every
    // index has.
    await crate("wasm-bindgen", "wasm-bindgen-cli", wasmBindgenVersion(), ["--no-default-features"]),
    await crate("cargo-deny", "cargo-deny", CARGO_DENY_VERSION, ["--locked"]),
    await packages(),
  ];
  console.log(`✔ setup (${elapsed()}): ${ready.join(", ")}`);
} catch (error) {
  console.error(`\n✘ setup: ${error.message}`);
  process.exitCode = 1;
}
