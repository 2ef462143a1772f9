/** The small storm; `npm run storm` is the whole. */

import "../client/clock.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { smallPlan } from "./plan.ts";
import { describe, faultsOf } from "./report.ts";
import { storm } from "./run.ts";

test(`nothing is lost, repeated or out of order on two platforms over ${smallPlan.disconnects} disconnects`, async () => {
  const outcome = await storm(smallPlan);
  assert.deepEqual(faultsOf(outcome), [], describe(outcome));
});
