/** A state directory of the gateway's for one test. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** Makes it the gateway's until the test ends, and returns the folder for the stores of DMWork in it. */
export function dmworkStores(t: TestContext): string {
  const state = mkdtempSync(join(tmpdir(), "state-"));
  const before = process.env["OPENCLAW_STATE_DIR"];
  process.env["OPENCLAW_STATE_DIR"] = state;
  t.after(() => {
    if (before === undefined) delete process.env["OPENCLAW_STATE_DIR"];
    else process.env["OPENCLAW_STATE_DIR"] = before;
    rmSync(state, { recursive: true });
  });
  return join(state, "plugins-data", "openclaw-mochat-dmwork", "dmwork");
}
