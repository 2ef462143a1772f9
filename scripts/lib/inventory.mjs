// What is inside the package and was not written here, by what the bundler and the linker took.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "./bundle.mjs";
import { crates, npmPackages } from "./licenses.mjs";
import { root } from "./toolchain.mjs";

/** @typedef {{ kind: "npm" | "cargo", name: string, version: string, license: string, hash: { alg: string, content: string } }} Part */

/** @returns {Promise<Part[]>} In the order of their names. The core has to be built. */
export async function inventory() {
  const out = mkdtempSync(join(tmpdir(), "inventory-"));
  try {
    const metafile = await bundle({ out, faults: false, glue: join(root, "js/core/glue.js") });
    const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
    const cargoLock = readFileSync(join(root, "Cargo.lock"), "utf8");
    const packages = npmPackages(metafile).map(({ folder, ...part }) => ({
      ...entry("npm", part),
      // Wherever node_modules is linked to.
      hash: integrity(lock[folder.slice(folder.indexOf("node_modules/"))]?.integrity ?? ""),
    }));
    const linked = crates().map((part) => ({ ...entry("cargo", part), hash: checksum(cargoLock, part) }));
    return [...packages, ...linked].sort((a, b) => `${a.name}@${a.version}`.localeCompare(`${b.name}@${b.version}`));
  } finally {
    rmSync(out, { recursive: true });
  }
}

function entry(kind, { name, version, license }) {
  return { kind, name, version, license };
}

/** npm writes `sha512-<base64>`. */
function integrity(text) {
  const [, content = ""] = text.split("sha512-");
  return { alg: "SHA-512", content: Buffer.from(content, "base64").toString("hex") };
}

function checksum(lock, { name, version }) {
  const found = lock.split("[[package]]").find((part) => part.includes(`name = "${name}"\nversion = "${version}"`));
  return { alg: "SHA-256", content: /checksum = "([0-9a-f]+)"/.exec(found ?? "")?.[1] ?? "" };
}
