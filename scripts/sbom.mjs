// Writes what the package contains into target/sbom.cdx.json; dist/ has the same file. Needs a build.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sbom } from "./lib/sbom.mjs";
import { root } from "./lib/toolchain.mjs";

const list = await sbom();
mkdirSync(join(root, "target"), { recursive: true });
writeFileSync(join(root, "target", "sbom.cdx.json"), `${JSON.stringify(list, null, 2)}\n`);
console.log(`✔ target/sbom.cdx.json: ${list.components.length} components`);
