/** Faults for a whole run, drawn from a seed: the same seed makes the same run. */

import type { Disturbance, Ending } from "./fault-proxy.ts";
import type { Random } from "./random.ts";

/** One end of a connection, and what goes wrong on it before. */
export interface Trouble {
  readonly disturbances: readonly Disturbance[];
  readonly ending: Ending;
  /** Which of the places where it can strike; the run decides what they are. */
  readonly target: number;
}

/** Every way in which a connection ends. */
export const endings: readonly Ending[] = [
  { kind: "cut" },
  { kind: "reset" },
  { kind: "forget", directions: ["up", "down"] },
  { kind: "forget", directions: ["up"] },
  { kind: "forget", directions: ["down"] },
];

/** Disturbances before an end, at most. */
const MOST_DISTURBANCES = 3;

/** So many troubles: each ending at each of the targets in turn, in an order of its own for each seed. */
export function scriptOf(random: Random, count: number, targets: number): Trouble[] {
  const troubles = Array.from({ length: count }, (_, index): Trouble => {
    const ending = endings[Math.floor(index / targets) % endings.length] ?? { kind: "reset" };
    const disturbances = Array.from({ length: random.below(MOST_DISTURBANCES + 1) }, () => disturbanceOf(random));
    return { disturbances, ending, target: index % targets };
  });
  return shuffled(troubles, random);
}

function disturbanceOf(random: Random): Disturbance {
  const direction = random.below(2) === 0 ? "up" : "down";
  switch (random.below(4)) {
    case 0:
      return { kind: "delay", direction, ms: 1 + random.below(50), chunks: 1 + random.below(5) };
    case 1:
      return { kind: "split", direction, bytes: 1 + random.below(2_000) };
    case 2:
      return {
        kind: "throttle",
        direction,
        bytesPerSecond: 10_000 + random.below(90_000),
        bytes: 1 + random.below(5_000),
      };
    default:
      return { kind: "repeat", direction };
  }
}

/** In an order of the seed. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const keyed = items.map((item) => ({ item, key: random.next() }));
  return keyed.toSorted((one, other) => one.key - other.key).map(({ item }) => item);
}
