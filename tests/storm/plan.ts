/** What a storm does. */

import { parseArgs } from "node:util";

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

const TEXT = { type: "string" } as const;

export function planOf(args: readonly string[]): Plan {
  const options = { messages: TEXT, disconnects: TEXT, seed: TEXT, minutes: TEXT };
  const { values } = parseArgs({ args: [...args], options });
  const count = (name: keyof Plan): number => {
    const value = values[name] === undefined ? fullPlan[name] : Number(values[name]);
    if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} is a number from 1`);
    return value;
  };
  return {
    messages: count("messages"),
    disconnects: count("disconnects"),
    seed: count("seed"),
    minutes: count("minutes"),
  };
}
