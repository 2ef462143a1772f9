/** Documents that name tests as evidence name tests that there are. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Where tests are written. */
const FOLDERS = ["src", "tests"];
const DOCUMENTS = ["docs/RELIABILITY.md", "docs/DELIVERY.md"];
/** Pages whose last columns hold nothing but names of tests and vectors. */
const PROTOCOLS = ["docs/protocol/DMWORK.md", "docs/protocol/MOCHAT.md"];
/** A test of Rust, and one of JavaScript's by its sentence; both are longer than any other name in a table. */
const RUST = /^[a-z0-9]+(?:_[a-z0-9]+){2,}$/;
const SENTENCE = /^[a-zA-Z0-9'’,;:.\- ]+ [a-zA-Z0-9'’,;:.\-… ]+$/;

function sources(): string {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.(rs|ts)$/.test(file))
      .map((file) => join(root, folder, file)),
  );
  return files.map((file) => readFileSync(file, "utf8")).join("\n");
}

/** What stands in the last column of a document's tables. */
function named(document: string): string[] {
  const rows = readFileSync(join(root, document), "utf8").split("\n");
  const last = rows.filter((row) => row.startsWith("| ")).map((row) => row.split("|").at(-2) ?? "");
  return last.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name));
}

/** What stands in the last columns that are called "shown by". */
function evidence(document: string): string[] {
  const tables = readFileSync(join(root, document), "utf8").split("\n\n");
  const rows = tables
    .filter((table) => /^\|.*\| shown by +\|$/m.test(table))
    .flatMap((table) => table.split("\n").slice(2));
  return rows.flatMap((row) => [...(row.split("|").at(-2) ?? "").matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name));
}

/** A sentence may be cut short by an ellipsis, or go on with what it is told of. */
function spellings(sentence: string): string[] {
  const isCut = sentence.endsWith("…");
  const start = sentence.replace(/,? ?…$/, "");
  return isCut ? [`"${start}`, `\`${start}`] : [`"${start}"`, `\`${start}\``, `\`${start} (`];
}

/** Those of these names under which there is no test. */
function missing(names: readonly string[]): string[] {
  const code = sources();
  const exists = (name: string) =>
    RUST.test(name) ? code.includes(`fn ${name}(`) : spellings(name).some((as) => code.includes(as));
  return names.filter((name) => !exists(name));
}

for (const document of DOCUMENTS) {
  test(`every test that ${document} names exists`, () => {
    const names = named(document).filter((name) => RUST.test(name) || SENTENCE.test(name));
    assert.ok(names.length > 20, `${names.length} names were found`);
    assert.deepEqual(missing(names), []);
  });
}

const vectors = (
  JSON.parse(readFileSync(join(root, "tests/vectors/wukongim.json"), "utf8")) as { vectors: { name: string }[] }
).vectors.map(({ name }) => name);

for (const document of PROTOCOLS) {
  test(`every test and vector that ${document} names exists`, () => {
    const names = evidence(document);
    assert.ok(names.length > 40, `${names.length} names were found`);
    assert.deepEqual(missing(names.filter((name) => !vectors.includes(name))), []);
  });
}

test("every vector is told of", () => {
  const told = new Set(evidence("docs/protocol/DMWORK.md"));
  assert.deepEqual(
    vectors.filter((name) => !told.has(name)),
    [],
  );
});
