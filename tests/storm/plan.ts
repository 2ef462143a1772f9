/** What a storm does. */

import { planFrom } from "../trial.ts";

export type Plan = {
  messages: number;
  disconnects: number;
  seed: number;
  /** The run is given up after this, whatever is missing by then. */
  minutes: number;
};

export const fullPlan: Plan = { messages: 100_000, disconnects: 200, seed: 1, minutes: 30 };

/** Small enough for every check: each ending once on each platform. */
export const smallPlan: Plan = { messages: 2_000, disconnects: 10, seed: 1, minutes: 3 };

export function planOf(args: readonly string[]): Plan {
  return planFrom(args, fullPlan);
}
