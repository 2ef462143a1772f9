/** The small run; `npm run frozen` is the whole. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { smallPlan } from "./plan.ts";
import { describe, faultsOf } from "./report.ts";
import { freeze } from "./run.ts";

test("bots whose process stood still answer everything once", async () => {
  const outcome = await freeze(smallPlan);
  assert.deepEqual(faultsOf(outcome), [], describe(outcome));
});
