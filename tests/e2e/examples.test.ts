/** What `examples/` and the pages show is what a gateway with the plugin takes. */

import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { OpenClaw } from "../../sandbox/openclaw.ts";
import { tarball } from "./support.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = join(root, "examples");
/** Pages with whole configurations. */
const PAGES = ["README.md", "README.zh-CN.md", "docs/ACCOUNTS.md"];

/** What `openclaw config validate` says of a configuration in this home. */
async function validate(claw: OpenClaw, config: string): Promise<{ valid: boolean; warnings?: unknown[] }> {
  await writeFile(join(claw.stateDir, "openclaw.json"), config);
  const { out } = await claw.cli("config", "validate", "--json");
  return JSON.parse(out) as { valid: boolean; warnings?: unknown[] };
}

/** The configurations of a page, without their comments, which differ from one language to the other. */
async function shown(page: string): Promise<string[]> {
  const text = await readFile(join(root, page), "utf8");
  const blocks = [...text.matchAll(/^```json5\n([^]*?)^```$/gm)].map(([, block = ""]) => block);
  return blocks.map((block) => block.replace(/ +\/\/ .*$/gm, ""));
}

test("a gateway takes every example as it stands, and refuses one with a misspelt key", async () => {
  await using claw = await OpenClaw.install(tarball());
  const examples = await readdir(folder);
  assert.ok(examples.length >= 6, examples.join());
  for (const example of examples) {
    const text = await readFile(join(folder, example), "utf8");
    const { valid, warnings } = await validate(claw, text);
    assert.deepEqual({ valid, warnings }, { valid: true, warnings: [] }, example);
  }
  const configs = new Set((await Promise.all(PAGES.map(shown))).flat());
  assert.equal(configs.size, 3, "both READMEs show the same two");
  for (const config of configs) {
    assert.deepEqual((await validate(claw, config)).warnings, [], config);
  }
  for (const example of ["one-bot.json5", "mochat-delays.json5"]) {
    const text = await readFile(join(folder, example), "utf8");
    const misspelt = text.replace("allowFrom:", "allowForm:");
    assert.notEqual(misspelt, text, example);
    assert.equal((await validate(claw, misspelt)).valid, false, example);
  }
});
