/** The small form; `npm run disconnects` is the whole. */

import "../client/clock.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { smallPlan } from "./plan.ts";
import { describe, faultsOf } from "./report.ts";
import { lose } from "./run.ts";

for (const line of ["v2", "v3"] as const) {
  test(`nothing is lost, repeated or out of order over ${smallPlan.disconnects} disconnects (${line})`, async () => {
    const outcome = await lose({ ...smallPlan, line });
    assert.deepEqual(faultsOf(outcome), [], describe(outcome));
    assert.equal(outcome.logins - 1, smallPlan.disconnects);
  });
}
