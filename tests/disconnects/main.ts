/** `npm run disconnects`: prints the ledger of a run, and fails if anything in it is wrong. */

import { conclude } from "../trial.ts";
import { planOf } from "./plan.ts";
import { describe, faultsOf } from "./report.ts";
import { lose } from "./run.ts";

const outcome = await lose(planOf(process.argv.slice(2)), (line) => console.error(line));
conclude(describe(outcome), faultsOf(outcome));
