/** `npm run soak`: prints the ledger of a run, and fails if anything was lost or repeated, or if the process grows. */

import { conclude } from "../trial.ts";
import { planOf } from "./plan.ts";
import { describe, faultsOf } from "./report.ts";
import { soak } from "./run.ts";

const outcome = await soak(planOf(process.argv.slice(2)), (line) => console.error(line));
conclude(describe(outcome), faultsOf(outcome));
