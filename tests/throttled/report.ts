/** The ledger of a run against busy servers. */

import { tableOf } from "../trial.ts";
import type { Outcome } from "./run.ts";

/** What must not be. */
export function faultsOf({ audit, replies, written, failures, errors }: Outcome): string[] {
  const lost = written - failures.length - replies.delivered.size;
  return [
    ...errors,
    ...audit.faults,
    ...failures.slice(0, 10),
    ...(lost > 0 ? [`${lost} replies were not delivered`] : []),
    ...(replies.repeated.length > 0 ? [`${replies.repeated.length} replies were delivered twice`] : []),
    ...disorder(replies.inOrder),
  ];
}

/** Replies that came before an earlier one of their place. */
function disorder(answers: readonly string[]): string[] {
  const last = new Map<string, number>();
  return answers.flatMap((answer) => {
    const [, key = "", number = ""] = /re (\w+)#(\d+)/.exec(answer) ?? [];
    const before = last.get(key) ?? 0;
    last.set(key, Math.max(before, Number(number)));
    return Number(number) < before ? [`${answer} came after #${before}`] : [];
  });
}

export function describe(outcome: Outcome): string {
  const { plan, audit, replies, written, failures, refusals, calls, seconds } = outcome;
  const refused = refusals.timed + refusals.untimed;
  return tableOf(`throttled: ${plan.replies} replies, ${plan.refused} % of all calls refused, seed ${plan.seed}`, [
    ["messages heard", audit.total],
    ["replies written", written],
    ["delivered", replies.delivered.size],
    ["listed as failed", failures.length],
    ["delivered twice", replies.repeated.length],
    ["out of order in their place", disorder(replies.inOrder).length],
    ["calls", calls],
    ["refused, of these with Retry-After", `${refused}, ${refusals.timed}`],
    ["seconds", seconds.toFixed(1)],
  ]);
}
