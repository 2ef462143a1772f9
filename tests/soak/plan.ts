/** What a soak does. */

import { planFrom } from "../trial.ts";

export type Plan = {
  /** Of talk, without the pauses. */
  seconds: number;
  /** Parts of the talk; after each the process is measured while nothing happens. */
  parts: number;
  /** Messages in a second, over all places. */
  rate: number;
  /** Seconds between two ends of a connection, of one platform and the other in turn. */
  troubleEvery: number;
  seed: number;
};

/** Two hours. */
export const fullPlan: Plan = { seconds: 7_200, parts: 24, rate: 20, troubleEvery: 60, seed: 1 };

/** Short enough for every check. */
export const smallPlan: Plan = { seconds: 40, parts: 2, rate: 20, troubleEvery: 8, seed: 4 };

export function planOf(args: readonly string[]): Plan {
  return planFrom(args, fullPlan);
}
