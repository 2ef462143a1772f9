// Writes what the package contains as CycloneDX 1.6 into target/sbom.cdx.json: npm packages in the bundle, crates in the
// wasm module. Needs a build.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inventory } from "./lib/inventory.mjs";
import { root } from "./lib/toolchain.mjs";

const { name, version, license, description } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const self = `pkg:npm/${name}@${version}`;
const components = (await inventory()).map(component);

const sbom = {
  $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  version: 1,
  metadata: {
    component: {
      type: "library",
      "bom-ref": self,
      name,
      version,
      description,
      licenses: [{ expression: license }],
      purl: self,
    },
  },
  components,
  // All of it is in the package itself; it installs nothing.
  dependencies: [{ ref: self, dependsOn: components.map((part) => part["bom-ref"]) }],
};

mkdirSync(join(root, "target"), { recursive: true });
writeFileSync(join(root, "target", "sbom.cdx.json"), `${JSON.stringify(sbom, null, 2)}\n`);
console.log(`✔ target/sbom.cdx.json: ${components.length} components`);

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
