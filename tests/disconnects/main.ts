/** `npm run disconnects`: prints the ledger of a run, and fails if anything in it is wrong. */

import { planOf } from "./plan.ts";
import { describe, faultsOf } from "./report.ts";
import { lose } from "./run.ts";

const outcome = await lose(planOf(process.argv.slice(2)), (line) => console.error(line));
console.log(describe(outcome));
const faults = faultsOf(outcome);
for (const fault of faults) console.error(`✘ ${fault}`);
process.exitCode = faults.length === 0 ? 0 : 1;
