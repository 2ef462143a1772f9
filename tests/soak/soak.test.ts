/** The small soak; `npm run soak` is the whole. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { smallPlan } from "./plan.ts";
import { describe, faultsOf } from "./report.ts";
import { soak } from "./run.ts";

test("bots that lose their connections again and again hold as much afterwards as before", async () => {
  const outcome = await soak(smallPlan);
  assert.deepEqual(faultsOf(outcome), [], describe(outcome));
  assert.ok(outcome.connections > 2, "connections were lost");
});
