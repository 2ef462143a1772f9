/** `npm run kills`: prints the ledger of a run, and fails if anything was lost, repeated or out of order. */

import { conclude } from "../trial.ts";
import { planOf } from "./plan.ts";
import { describe, faultsOf } from "./report.ts";
import { kills } from "./run.ts";

const outcome = await kills(planOf(process.argv.slice(2)), (line) => console.error(line));
conclude(describe(outcome), faultsOf(outcome));
