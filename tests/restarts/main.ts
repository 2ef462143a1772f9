/** `npm run restarts`: prints the ledger of a run, and fails if anything was lost, answered twice or misplaced. */

import { conclude } from "../trial.ts";
import { planOf } from "./plan.ts";
import { describe, faultsOf } from "./report.ts";
import { restarts } from "./run.ts";

const outcome = await restarts(planOf(process.argv.slice(2)), (line) => console.error(line));
conclude(describe(outcome), faultsOf(outcome));
