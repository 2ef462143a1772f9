/** `npm run frozen`: prints the times of a run, and fails if a message was lost or answered twice, or if the bots came back late. */

import { conclude } from "../trial.ts";
import { planOf } from "./plan.ts";
import { describe, faultsOf } from "./report.ts";
import { freeze } from "./run.ts";

const outcome = await freeze(planOf(process.argv.slice(2)), (line) => console.error(line));
conclude(describe(outcome), faultsOf(outcome));
