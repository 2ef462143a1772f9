/** What `examples/` shows is what a gateway with the plugin takes. */

import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { OpenClaw } from "../../sandbox/openclaw.ts";
import { tarball } from "./support.ts";

const folder = fileURLToPath(new URL("../../examples", import.meta.url));

/** What `openclaw config validate` says of a configuration in this home. */
async function validate(claw: OpenClaw, config: string): Promise<{ valid: boolean; warnings?: unknown[] }> {
  await writeFile(join(claw.stateDir, "openclaw.json"), config);
  const { out } = await claw.cli("config", "validate", "--json");
  return JSON.parse(out) as { valid: boolean; warnings?: unknown[] };
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
  for (const example of ["one-bot.json5", "mochat-delays.json5"]) {
    const text = await readFile(join(folder, example), "utf8");
    const misspelt = text.replace("allowFrom:", "allowForm:");
    assert.notEqual(misspelt, text, example);
    assert.equal((await validate(claw, misspelt)).valid, false, example);
  }
});
