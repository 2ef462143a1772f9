/** What stops a release, and what only stops its publication. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

type Problem = { text: string; isFor: "all" | "publishing" };
type State = { pkg: object; cargo: string; changelog: string; changes: string; env: Record<string, string> };

const { NEEDED, packageProblems, releaseProblems } = (await import(
  new URL("../../scripts/lib/release.mjs", import.meta.url).href
)) as {
  NEEDED: string[];
  packageProblems: (files: string[]) => string[];
  releaseProblems: (state: State) => Problem[];
};

function read(file: string): string {
  return readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
}

function state(changes: Partial<State> = {}): State {
  return {
    pkg: Object(JSON.parse(read("package.json"))),
    cargo: read("Cargo.toml"),
    changelog: read("CHANGELOG.md"),
    changes: "",
    env: {},
    ...changes,
  };
}

/** What stops even a dry run. */
function stops(changes: Partial<State>): string[] {
  return releaseProblems(state(changes)).flatMap(({ text, isFor }) => (isFor === "all" ? [text] : []));
}

test("this version could be rehearsed", () => {
  assert.deepEqual(stops({}), []);
});

test("versions that differ, an unnoted one and a dirty tree stop a release", () => {
  const { pkg } = state();
  assert.match(
    stops({ pkg: { ...pkg, version: "0.2.0" } }).join("\n"),
    /Cargo\.toml has .*\nCHANGELOG\.md begins with/,
  );
  assert.match(stops({ changelog: "# Changelog\n\n## 0.0.9\n" }).join(), /^CHANGELOG\.md begins with 0\.0\.9/);
  assert.match(stops({ changes: " M js/index.ts\n" }).join(), /js\/index\.ts/);
  assert.match(stops({ pkg: { ...pkg, version: "next" } }).join(), /next is no version/);
});

test("the oldest host is the same in all its places", () => {
  const { pkg } = state();
  const stopped = stops({ pkg: { ...pkg, peerDependencies: { openclaw: ">=2026.10.1" } } });
  assert.equal(stopped.length, 3);
  assert.match(stopped[0] ?? "", /minHostVersion is >=2026\.9\.6, peerDependencies\.openclaw >=2026\.10\.1$/);
});

test("only a CI publishes, and only a version that is noted as released and leads to its sources", () => {
  const texts = (changes: Partial<State>) => releaseProblems(state(changes)).map(({ text }) => text);
  const { pkg } = state();
  const changelog = read("CHANGELOG.md").replace(" (unreleased)", "");
  assert.match(texts({ env: {} }).join("\n"), /this is no CI/);
  const repository = { type: "git", url: "git+https://example.com/plugin.git" };
  assert.deepEqual(texts({ pkg: { ...pkg, repository }, changelog, env: { CI: "true" } }), []);
});

test("a package has what it promises and nothing else", () => {
  const skill = ["skills/mochat/SKILL.md", "dist/chunk-2E3YC37L.js"];
  assert.deepEqual(packageProblems([...NEEDED, ...skill]), []);
  assert.deepEqual(packageProblems(NEEDED.filter((file) => file !== "dist/core.wasm")), [
    "the package has no dist/core.wasm",
  ]);
  assert.deepEqual(packageProblems([...NEEDED, ".env"]), ["the package has .env, which nobody expects"]);
});
