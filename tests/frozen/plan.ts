/** What a run with frozen bots does. */

import { planFrom } from "../trial.ts";

export type Plan = {
  /** How long the process of the bots stands still. */
  seconds: number;
  /** How often. */
  times: number;
};

export const fullPlan: Plan = { seconds: 180, times: 1 };

/** Short enough for every check: no server gives up so soon. */
export const smallPlan: Plan = { ...fullPlan, seconds: 3 };

export function planOf(args: readonly string[]): Plan {
  return planFrom(args, fullPlan);
}
