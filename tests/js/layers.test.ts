import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";

const ROOT = join(import.meta.dirname, "..", "..", "js");

/** Which layers a layer may use besides itself. A file right under `js/` that is no folder's namesake is an entry. */
const MAY_USE: Record<string, readonly string[]> = {
  entry: ["channels", "host"],
  channels: ["host", "drive", "io", "core"],
  host: ["drive", "io", "core"],
  drive: ["io", "core"],
  io: ["core"],
  core: [],
};

function layerOf(path: string): string {
  const [first = ""] = relative(ROOT, path).replace(/\.ts$/, "").split("/");
  return first in MAY_USE ? first : "entry";
}

function importsOf(path: string): string[] {
  const source = readFileSync(path, "utf8");
  return [...source.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].flatMap(([, specifier]) => specifier ?? []);
}

const files = globSync("**/*.ts", { cwd: ROOT }).map((path) => join(ROOT, path));

test("imports go down only", () => {
  assert.ok(files.length > 20);
  for (const file of files) {
    for (const specifier of importsOf(file).filter((name) => name.startsWith("."))) {
      const [user, used] = [layerOf(file), layerOf(join(file, "..", specifier))];
      const allowed = user === used || MAY_USE[user]?.includes(used);
      assert.ok(allowed, `${relative(ROOT, file)} (${user}) must not import ${specifier} (${used})`);
    }
  }
});

test("one file knows the gateway's modules", () => {
  const knowing = files.filter((file) => importsOf(file).some((specifier) => specifier.startsWith("openclaw")));
  assert.deepEqual(
    knowing.map((file) => relative(ROOT, file)),
    ["host/sdk.ts"],
  );
});
