/** What a run of restarts does. */

import { planFrom } from "../trial.ts";

export type Plan = {
  messages: number;
  /** Half of them polite, half by SIGKILL. */
  restarts: number;
  seed: number;
  /** The run is given up after this, whatever is missing by then. */
  minutes: number;
};

export const fullPlan: Plan = { messages: 2_000, restarts: 20, seed: 1, minutes: 60 };

export function planOf(args: readonly string[]): Plan {
  return planFrom(args, fullPlan);
}
