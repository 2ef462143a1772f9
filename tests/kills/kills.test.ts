/** A few deaths, others each day; `npm run kills` is the whole. */

import "../client/clock.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { smallPlan } from "./plan.ts";
import { describe, faultsOf } from "./report.ts";
import { kills } from "./run.ts";

test("a process that is killed again and again loses nothing and repeats nothing", async () => {
  const outcome = await kills(smallPlan(new Date()));
  assert.deepEqual(faultsOf(outcome), [], describe(outcome));
});
