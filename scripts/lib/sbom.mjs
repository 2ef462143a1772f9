// What the package contains, as CycloneDX 1.6: npm packages in the bundle, crates in the wasm module.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inventory } from "./inventory.mjs";
import { root } from "./toolchain.mjs";

/** Needs a built core. No date and no serial number: the same sources make the same file. */
export async function sbom() {
  const { name, version, license, description } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const self = `pkg:npm/${name}@${version}`;
  const components = (await inventory()).map(component);
  const licenses = [{ expression: license }];
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: { type: "library", "bom-ref": self, name, version, description, licenses, purl: self },
    },
    components,
    // All of it is in the package itself; it installs nothing.
    dependencies: [{ ref: self, dependsOn: components.map((part) => part["bom-ref"]) }],
  };
}

function component(part) {
  // A scope is a part of the name in npm, and stands encoded in front of it in a purl.
  const purl = `pkg:${part.kind}/${part.name.replace("@", "%40")}@${part.version}`;
  return {
    type: "library",
    "bom-ref": purl,
    name: part.name,
    version: part.version,
    // Cargo's older form of a choice.
    licenses: [{ expression: part.license.replaceAll("/", " OR ") }],
    purl,
    hashes: [part.hash],
  };
}
