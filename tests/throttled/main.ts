/** `npm run throttled`: prints the ledger of a run, and fails if a reply was lost, repeated or out of order. */

import { conclude } from "../trial.ts";
import { planOf } from "./plan.ts";
import { describe, faultsOf } from "./report.ts";
import { throttle } from "./run.ts";

const outcome = await throttle(planOf(process.argv.slice(2)), (line) => console.error(line));
conclude(describe(outcome), faultsOf(outcome));
