/** `npm start` and `npm test` begin under whatever Node a machine has; theirs is installed by the first thing they do. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** What the README's two commands load under the system's Node. */
const ENTRIES = ["scripts/setup.mjs", "scripts/start.mjs", "scripts/check.mjs"];

/** What Node 18 has of what they use. A name belongs here if https://nodejs.org/docs/latest-v18.x/api has it. */
const OLD = new Set([
  ..."existsSync readFileSync readdirSync accessSync constants".split(" "),
  ..."join dirname delimiter spawn spawnSync createInterface fileURLToPath".split(" "),
]);
/** Packages are not there yet, and these came with Node 21 and 24. */
const NEW = /\bimport\.meta\.(?:main|dirname|filename)\b|\bawait using\b/;

type Imports = { node: string[]; files: string[]; packages: string[] };

function importsOf(file: string): Imports {
  const text = readFileSync(join(root, file), "utf8");
  const found: Imports = { node: [], files: [], packages: [] };
  for (const [, names = "", from = ""] of text.matchAll(/^import \{([^}]*)\} from "([^"]+)"/gm)) {
    if (from.startsWith("node:")) found.node.push(...names.split(",").map((name) => name.trim()));
    else if (from.startsWith(".")) found.files.push(join(dirname(file), from));
    else found.packages.push(from);
  }
  return found;
}

function loadedBy(entry: string): string[] {
  const files = [entry];
  for (const file of files) files.push(...importsOf(file).files.filter((other) => !files.includes(other)));
  return files;
}

for (const entry of ENTRIES) {
  test(`${entry} asks for nothing that an older Node lacks`, () => {
    for (const file of loadedBy(entry)) {
      const { node, packages } = importsOf(file);
      assert.deepEqual(packages, [], `${file} needs packages before they are installed`);
      assert.deepEqual(
        node.filter((name) => name !== "" && !OLD.has(name)),
        [],
        `${file} imports what may not be there`,
      );
      assert.doesNotMatch(readFileSync(join(root, file), "utf8"), NEW, file);
    }
  });
}
