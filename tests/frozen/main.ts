/** `npm run frozen`: prints the times of a run, and fails if a message was lost or answered twice, or if the bots came back late. */

import { planOf } from "./plan.ts";
import { describe, faultsOf } from "./report.ts";
import { freeze } from "./run.ts";

const outcome = await freeze(planOf(process.argv.slice(2)), (line) => console.error(line));
console.log(describe(outcome));
const faults = faultsOf(outcome);
for (const fault of faults) console.error(`✘ ${fault}`);
process.exitCode = faults.length === 0 ? 0 : 1;
