/**
 * `npm run handover`: kills a real gateway while it takes a turn over, at each moment of it and with turns of each kind, and
 * fails if an answer is lost or given twice.
 */

import { parseArgs } from "node:util";
import { conclude } from "../trial.ts";
import { describe, faultsOf } from "./report.ts";
import { handover } from "./run.ts";

parseArgs({ options: {} });
const outcomes = await handover((line) => console.error(line));
conclude(describe(outcomes), faultsOf(outcomes));
