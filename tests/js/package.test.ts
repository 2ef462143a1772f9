/** What is built, with an operator's eyes: nothing that OpenClaw's own scanner warns about, nothing that surprises. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { failPoints } from "../../js/io/fail-points.ts";

const dist = fileURLToPath(new URL("../../dist", import.meta.url));

interface Scanner {
  scanDirectoryWithSummary(folder: string): Promise<{ scannedFiles: number; findings: object[] }>;
}

/** The scanner has no exported path, and a new name in each release. */
async function loadScanner(): Promise<Scanner> {
  const host = dirname(createRequire(import.meta.url).resolve("openclaw"));
  for (const file of readdirSync(host).filter((name) => /^scanner-.*\.mjs$/.test(name))) {
    const candidate: Partial<Scanner> = await import(join(host, file));
    if (candidate.scanDirectoryWithSummary) return { scanDirectoryWithSummary: candidate.scanDirectoryWithSummary };
  }
  return assert.fail("this OpenClaw has no scanner under its known name");
}

/** All of a bundle's code. */
function bundled(folder: string): string {
  const files = readdirSync(folder).filter((name) => name.endsWith(".js"));
  return files.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
}

test("OpenClaw's scanner finds nothing", async () => {
  const scanner = await loadScanner();
  const { scannedFiles, findings } = await scanner.scanDirectoryWithSummary(dist);
  assert(scannedFiles > 1);
  assert.deepEqual(findings, []);
});

test("the bundle runs no processes, reads no environment and makes no code", () => {
  for (const file of readdirSync(dist).filter((name) => name.endsWith(".js"))) {
    const source = readFileSync(join(dist, file), "utf8");
    assert.doesNotMatch(source, /child_process|process\.env|\beval\(|new Function\(/, file);
  }
});

test("a release can't be told to die, and a build with faults can, at every point there is", () => {
  const released = bundled(dist);
  for (const word of ["failPoint", "FAIL_POINT", "SIGKILL", "diagnostics_channel"])
    assert(!released.includes(word), word);
  const breakable = bundled(join(dist, "../target/faults/dist"));
  const [calls, ofCalls] = [breakable.matchAll(/failPoint\("([\w.]+)"\)/g), ["dequeue.", "post."]];
  const passed = [...calls].map(([, point = ""]) => point);
  const listed = failPoints.filter((point) => !ofCalls.some((kind) => point.startsWith(kind)));
  assert.deepEqual(new Set(passed), new Set<string>(listed));
  assert.equal(passed.length, listed.length);
});

test("the module tells nothing about the machine that built it", () => {
  const module = readFileSync(join(dist, "core.wasm"), "latin1");
  assert.doesNotMatch(module, /\/(?:root|home|Users|tmp)\//);
});

test("the list of what is inside names everything of which there is a licence, with its hash", async () => {
  const { inventory } = (await import(new URL("../../scripts/lib/inventory.mjs", import.meta.url).href)) as {
    inventory: () => Promise<{ name: string; version: string; license: string; hash: { content: string } }[]>;
  };
  const parts = await inventory();
  const licenses = readFileSync(join(dist, "LICENSES.txt"), "utf8");
  const headings = [...licenses.matchAll(/^(\S+) (\d\S+) \(.+\)$/gm)].map(([, name, version]) => `${name} ${version}`);
  assert.deepEqual(parts.map(({ name, version }) => `${name} ${version}`).sort(), headings.sort());
  for (const { name, hash } of parts) assert.match(hash.content, /^([0-9a-f]{64}|[0-9a-f]{128})$/, name);
});

test("the icons are as the host's documentation asks: a square PNG, and a drawing of at most four plain elements", () => {
  const assets = join(dist, "../assets");
  const png = readFileSync(join(assets, "icon.png"));
  assert.equal(png.toString("latin1", 1, 4), "PNG");
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [512, 512]);
  const drawing = readFileSync(join(assets, "activity.svg"), "utf8");
  const elements = [...drawing.matchAll(/<([a-z]+)/g)].map(([, name]) => name);
  assert.deepEqual(elements, ["svg", "path", "path", "circle"]);
  assert.match(drawing, /viewBox="0 0 24 24"/);
  assert.doesNotMatch(drawing, /style|href|on\w+=/);
});

test("the list of what is inside is in the package, and names the package itself", () => {
  const list: unknown = JSON.parse(readFileSync(join(dist, "sbom.cdx.json"), "utf8"));
  const { bomFormat, components, metadata } = Object(list);
  assert.equal(bomFormat, "CycloneDX");
  assert.match(metadata.component.purl, /^pkg:npm\/openclaw-mochat-dmwork@/);
  assert.ok(components.length > 20, `${components.length} components`);
});
