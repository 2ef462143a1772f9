// Which tools the project needs, in which versions, and where they are.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/[/\\]$/, "");
export const toolsDir = join(root, ".tools");
/** Where packages lie that were packed as npm would publish them: `release.tgz` and `faults.tgz`. */
export const packed = join(root, ".cache/pack");

/** Installed into `.tools` where the system's Node is too old for OpenClaw. */
export const NODE_VERSION = "24.21.0";
export const WASM_PACK_VERSION = "0.15.1";
export const CARGO_DENY_VERSION = "0.20.2";

/** The command line must be exactly as old as the crate. */
export function wasmBindgenVersion() {
  const lock = readFileSync(join(root, "Cargo.lock"), "utf8");
  const version = /name = "wasm-bindgen"\nversion = "([^"]+)"/.exec(lock)?.[1];
  if (!version) throw new Error("Cargo.lock names no wasm-bindgen");
  return version;
}

/** Where Cargo puts what it builds. */
export const cargoTargetDir = process.env["CARGO_TARGET_DIR"] ?? join(root, "target");

/** OpenClaw's own range: 24.16 up to 25, or from 26.1. Its installer refuses any other. */
export function isSupportedNode(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  return (major === 24 && minor >= 16) || (major === 26 && minor >= 1) || major > 26;
}

/** The folder of the Node that everything runs with. */
export function nodeBinDir() {
  return isSupportedNode(process.version) ? dirname(process.execPath) : join(toolsDir, "node_modules", "node", "bin");
}

/** This process's environment with the project's tools first. */
export function environment() {
  const path = [nodeBinDir(), join(toolsDir, "bin"), join(root, "node_modules", ".bin"), process.env["PATH"] ?? ""];
  return { ...process.env, PATH: path.join(delimiter) };
}

/** What `command --version` prints; nothing if it can't be run. */
export function versionOf(command, args = ["--version"]) {
  const result = spawnSync(command, args, { env: environment(), encoding: "utf8" });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

/** Whether the packages in node_modules are those of package-lock.json, by npm's own record of what it installed. */
export function packagesMatchLock() {
  const installed = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(installed)) return false;
  const found = packagesIn(installed);
  return Object.entries(packagesIn(join(root, "package-lock.json"))).every(
    ([path, wanted]) => path === "" || wanted.optional || found[path]?.version === wanted.version,
  );
}

function packagesIn(lockFile) {
  return JSON.parse(readFileSync(lockFile, "utf8")).packages;
}
