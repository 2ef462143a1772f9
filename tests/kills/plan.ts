/** What a run of kills does. */

import { failPoints, type FailPoint } from "../../js/io/fail-points.ts";
import { shuffled } from "../../sandbox/fault-script.ts";
import { Random } from "../../sandbox/random.ts";
import { planFrom } from "../trial.ts";

export type Plan = {
  /** At moments that only the seed knows. */
  kills: number;
  /** At so many of the named moments, which the seed chooses. */
  points: number;
  seed: number;
  /** How many of a hundred interrupted turns the gateway takes up again after a death. */
  remembers: number;
  /** The run is given up after this, whatever is missing by then. */
  minutes: number;
};

export const fullPlan: Plan = { kills: 50, points: failPoints.length, seed: 1, remembers: 100, minutes: 15 };

/** For every check: other points and moments each day, and the same all day. */
export function smallPlan(now: Date): Plan {
  const seed = Math.floor(now.getTime() / 86_400_000);
  return { ...fullPlan, kills: 6, points: 8, seed, minutes: 3 };
}

export function planOf(args: readonly string[]): Plan {
  return planFrom(args, fullPlan);
}

/** One death: so long after the process was started or its accounts were connected, or at a point passed for the n-th time. */
export type Death = { afterMs: number; since: "start" | "ready" } | { point: FailPoint; times: number };

const LONGEST_LIFE_MS = 1_500;
/** The first frame of a connection is its login. */
const MOST_TIMES = 4;

export function deathsOf({ kills, points, seed }: Plan): Death[] {
  const random = new Random(seed);
  const byChance = Array.from({ length: kills }, (_, index): Death => ({
    afterMs: random.below(LONGEST_LIFE_MS),
    since: index % 3 === 0 ? "start" : "ready",
  }));
  const chosen = shuffled(failPoints, random).slice(0, points);
  const named = chosen.map((point): Death => {
    const times = 2 + random.below(MOST_TIMES);
    // What is in the queue at the start of a life may be little.
    return { point, times: point.startsWith("dequeue.") ? 1 : times };
  });
  return shuffled([...byChance, ...named], random);
}
