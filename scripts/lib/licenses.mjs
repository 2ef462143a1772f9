// The licence texts of whatever is inside the package: npm packages in the bundle, crates in the wasm module.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { environment, root } from "./toolchain.mjs";

/** A text file with every distinct licence once, under the names of those that it covers. */
export function licenses(metafile) {
  const parts = [...npmPackages(metafile), ...crates()].sort((a, b) => a.name.localeCompare(b.name));
  const byText = new Map();
  for (const part of parts) byText.set(part.text, [...(byText.get(part.text) ?? []), part]);
  const sections = [...byText].map(([text, covered]) => {
    const heading = covered.map(({ name, version, license }) => `${name} ${version} (${license})`).join("\n");
    return `${heading}\n\n${text}`;
  });
  return `This package contains the following software.\n\n${sections.join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}

/** The npm packages that esbuild took something of. */
export function npmPackages(metafile) {
  const files = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
  const folders = files.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]);
  return [...new Set(folders.filter(Boolean))].map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    return { name, version, license, folder, text: licenseText(join(root, folder)) };
  });
}

/** All crates that the module is linked from: normal dependencies, without those that only run at compile time. */
export function crates() {
  const args = ["metadata", "--format-version", "1", "--locked", "--filter-platform", "wasm32-unknown-unknown"];
  const result = spawnSync("cargo", args, { cwd: root, env: environment(), encoding: "utf8", maxBuffer: 2 ** 28 });
  if (result.status !== 0) throw new Error(`cargo metadata failed: ${result.stderr}`);
  const { packages, resolve } = JSON.parse(result.stdout);
  const packageOf = new Map(packages.map((entry) => [entry.id, entry]));
  const nodeOf = new Map(resolve.nodes.map((node) => [node.id, node]));
  const linked = new Set();
  const visit = (id) => {
    const isMacro = packageOf.get(id).targets.some(({ kind }) => kind.includes("proc-macro"));
    if (linked.has(id) || isMacro) return;
    linked.add(id);
    const dependencies = nodeOf.get(id).deps.filter(({ dep_kinds }) => dep_kinds.some(({ kind }) => kind === null));
    for (const { pkg } of dependencies) visit(pkg);
  };
  visit(resolve.root);
  linked.delete(resolve.root);
  return [...linked].map((id) => {
    const { name, version, license, manifest_path: manifest } = packageOf.get(id);
    return { name, version, license, text: licenseText(dirname(manifest)) };
  });
}

/** The MIT text where there is a choice, since it is the shortest; else whatever the package brings. */
function licenseText(folder) {
  const files = existsSync(folder)
    ? readdirSync(folder).filter((file) => /^(licen[cs]e|copying|unlicense)/i.test(file))
    : [];
  const file = files.find((name) => /mit/i.test(name)) ?? files.sort()[0];
  return file ? readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trim() : "(brings no licence text)";
}
