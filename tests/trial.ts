/** What the trials share: the parameters that change a plan, and the table of a report. */

import { parseArgs } from "node:util";

/** The plan with what `--<key> <number>` changes of it; each is a whole number from 1. */
export function planFrom<Plan extends Record<string, number>>(args: readonly string[], usual: Plan): Plan {
  const options = Object.fromEntries(Object.keys(usual).map((key) => [key, { type: "string" } as const]));
  const { values } = parseArgs({ args: [...args], options });
  const changed = Object.entries(usual).map(([key, number]) => [key, wholeNumber(values[key], number, `--${key}`)]);
  return { ...usual, ...Object.fromEntries(changed) };
}

export function wholeNumber(text: string | undefined, usual: number, name: string): number {
  const value = text === undefined ? usual : Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${name} is a number from 1`);
  return value;
}

/** A line for each figure below the head. */
export function tableOf(head: string, rows: readonly (readonly [name: string, value: number | string])[]): string {
  return [head, ...rows.map(([name, value]) => `  ${name.padEnd(46)}${String(value).padStart(12)}`)].join("\n");
}

/** How long a trial that is over may take to let go of its sockets. */
const LETTING_GO_MS = 10_000;

/** Prints how a trial ended, and fails the process if anything was wrong. What then still holds the process is named. */
export function conclude(report: string, faults: readonly string[]): void {
  console.log(report);
  for (const fault of faults) console.error(`✘ ${fault}`);
  process.exitCode = faults.length === 0 ? 0 : 1;
  setTimeout(() => {
    console.error(`not let go: ${process.getActiveResourcesInfo().join(", ")}`);
    process.exit();
  }, LETTING_GO_MS).unref();
}
