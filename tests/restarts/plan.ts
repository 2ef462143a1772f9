/** What a run of restarts does. */

import { parseArgs } from "node:util";

export type Plan = {
  messages: number;
  /** Half of them polite, half by SIGKILL. */
  restarts: number;
  seed: number;
  /** The run is given up after this, whatever is missing by then. */
  minutes: number;
};

export const fullPlan: Plan = { messages: 2_000, restarts: 20, seed: 1, minutes: 60 };

const TEXT = { type: "string" } as const;

export function planOf(args: readonly string[]): Plan {
  const options = { messages: TEXT, restarts: TEXT, seed: TEXT, minutes: TEXT };
  const { values } = parseArgs({ args: [...args], options });
  const count = (name: keyof Plan): number => {
    const value = values[name] === undefined ? fullPlan[name] : Number(values[name]);
    if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} is a number from 1`);
    return value;
  };
  return {
    messages: count("messages"),
    restarts: count("restarts"),
    seed: count("seed"),
    minutes: count("minutes"),
  };
}
