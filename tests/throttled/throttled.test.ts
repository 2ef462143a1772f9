/** The small run; `npm run throttled` is the whole. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { smallPlan } from "./plan.ts";
import { describe, faultsOf } from "./report.ts";
import { throttle } from "./run.ts";

test("servers that refuse a third of all calls get every reply once, in order", async () => {
  const outcome = await throttle(smallPlan);
  assert.deepEqual(faultsOf(outcome), [], describe(outcome));
});
