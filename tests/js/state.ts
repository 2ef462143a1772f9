/** A state directory of the gateway's for one test. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { filesIn } from "../canary.ts";

/** What either platform's tokens look like. */
const TOKEN = /\b(bf|claw|app|uk)_[0-9a-f]{16,}/;

/** Makes it the gateway's until the test ends, and returns the folder for the stores of DMWork in it. */
export function dmworkStores(t: TestContext): string {
  const state = mkdtempSync(join(tmpdir(), "state-"));
  const before = process.env["OPENCLAW_STATE_DIR"];
  process.env["OPENCLAW_STATE_DIR"] = state;
  t.after(() => {
    if (before === undefined) delete process.env["OPENCLAW_STATE_DIR"];
    else process.env["OPENCLAW_STATE_DIR"] = before;
    const kept = filesIn(state).filter(([, text]) => TOKEN.test(text));
    rmSync(state, { recursive: true });
    assert.deepEqual(
      kept.map(([path]) => path),
      [],
      "no token is on disk",
    );
  });
  return join(state, "plugins-data", "openclaw-mochat-dmwork", "dmwork");
}
