/** What a run does. */

import { parseArgs } from "node:util";
import { wholeNumber } from "../trial.ts";

export type Plan = {
  line: "v2" | "v3";
  messages: number;
  disconnects: number;
  seed: number;
  /** Which part of the messages is said while the client is not connected, or does not know yet that it is not. */
  away: number;
};

export const fullPlan: Plan = { line: "v2", messages: 100_000, disconnects: 200, seed: 1, away: 0.3 };

/** Small enough for every check. */
export const smallPlan: Plan = { ...fullPlan, messages: 3_000, disconnects: 20 };

const TEXT = { type: "string" } as const;

export function planOf(args: readonly string[]): Plan {
  const options = { line: TEXT, messages: TEXT, disconnects: TEXT, seed: TEXT, away: TEXT };
  const { values } = parseArgs({ args: [...args], options });
  const line = values.line ?? fullPlan.line;
  if (line !== "v2" && line !== "v3") throw new Error("--line is v2 or v3");
  return {
    line,
    messages: wholeNumber(values.messages, fullPlan.messages, "--messages"),
    disconnects: wholeNumber(values.disconnects, fullPlan.disconnects, "--disconnects"),
    seed: wholeNumber(values.seed, fullPlan.seed, "--seed"),
    away: Number(values.away ?? fullPlan.away),
  };
}
