/** The ledger of a run of restarts. */

import { tableOf } from "../trial.ts";
import { inSeconds } from "./audit.ts";
import type { Outcome } from "./run.ts";

/** What must not be. */
export function faultsOf({ audit, error }: Outcome): string[] {
  return [
    ...(error === undefined ? [] : [error]),
    ...audit.unanswered.map((what) => `lost: ${what}`),
    ...audit.twice.map((what) => `twice: ${what}`),
    ...audit.stray.map((what) => `in the wrong place: ${what}`),
  ];
}

export function describe({ plan, audit, said, restarts, seconds }: Outcome): string {
  const waits = audit.waits.toSorted((one, other) => one - other);
  const at = (share: number) => inSeconds(waits[Math.floor(waits.length * share)] ?? 0);
  const rows: [string, number | string][] = [
    ["questions", said],
    ["answers asked for", audit.asked],
    ["lost", audit.unanswered.length],
    ["written by the agent, withheld by the gateway", audit.withheld.length],
    ["excuses of the gateway itself", audit.excuses.length],
    ["twice", audit.twice.length],
    ["by the wrong bot or in the wrong place", audit.stray.length],
    ...[...restarts].map(([signal, count]): [string, number] => [`restarts by ${signal}`, count]),
    ["median wait for an answer", at(0.5)],
    ["longest wait, a restart included", at(0.9999)],
    ["seconds", seconds.toFixed(0)],
  ];
  const head = `restarts: ${plan.messages} messages, ${plan.restarts} restarts, seed ${plan.seed}`;
  const missing = [
    ...audit.withheld.map((what) => `withheld: ${what}`),
    ...audit.excused.map((what) => `excused: ${what}`),
  ];
  return [tableOf(head, rows), ...missing].join("\n");
}
