/** What a run against busy servers does. */

import { planFrom } from "../trial.ts";

export type Plan = {
  /** Replies to be delivered, at least. */
  replies: number;
  /** Messages in a second, over all places. */
  rate: number;
  /** Calls of a hundred that the servers answer with 429. */
  refused: number;
  seed: number;
};

export const fullPlan: Plan = { replies: 2_000, rate: 20, refused: 30, seed: 1 };

/** Short enough for every check. */
export const smallPlan: Plan = { ...fullPlan, replies: 60 };

export function planOf(args: readonly string[]): Plan {
  return planFrom(args, fullPlan);
}
