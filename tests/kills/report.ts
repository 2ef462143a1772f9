/** The ledger of a run of kills. */

import { tableOf } from "../trial.ts";
import type { Outcome } from "./run.ts";

/** How many of a kind are named. */
const SHOWN = 10;

/** What must not be. */
export function faultsOf({ audit, replies, errors }: Outcome): string[] {
  return [
    ...errors,
    ...named("lost", audit.lost),
    ...named("heard twice", audit.twice),
    ...named("out of order", audit.disorder),
    ...named("reply lost", audit.unanswered(replies.delivered)),
    ...named(
      "reply not told of",
      audit.open.map(({ asked, turn }) => `${turn} (${asked.join(" ")})`),
    ),
    ...named("reply failed", audit.failed),
    ...named("replied twice", repeated({ audit, replies }, false)),
    ...named("replied twice by the gateway's recovery", repeated({ audit, replies }, true)),
  ];
}

export function describe(outcome: Outcome): string {
  const { plan, places, audit, replies, deaths, seconds } = outcome;
  const rows: [string, number | string][] = [
    ["said, in places", `${audit.said.size} in ${places.length}`],
    ["killed at a random moment", deaths.byChance],
    ["killed at a named point", deaths.named.length],
    ["heard", audit.heard],
    ["lost", audit.lost.length],
    ["duplicated", audit.twice.length],
    ["duplicated between the gateway's note and ours", audit.twiceBetweenNotes.length],
    ["reordered", audit.disorder.length],
    ["reordered after the wait for older ones", audit.tardy.length],
    ["context told with an earlier question", audit.early.length],
    ["late (20 s after it could be heard)", audit.late.length],
    ["slowest", `${(audit.slowestMs / 1_000).toFixed(2)} s`],
    ["turns", audit.turns],
    ["turns that the gateway took up again", audit.resumed],
    ["turns that the gateway forgot", audit.forgotten],
    ["messages answered", replies.delivered.size],
    ["replies lost", audit.unanswered(replies.delivered).length],
    ["replies listed as failed", audit.failed.length],
    ["replied twice", repeated(outcome, false).length],
    ["replied twice by the gateway's recovery", repeated(outcome, true).length],
    ["seconds", seconds.toFixed(1)],
  ];
  return tableOf(`kills: ${plan.kills} at random, ${plan.points} at named points, seed ${plan.seed}`, rows);
}

/** Messages that were answered more than once, by the gateway's recovery or not. */
function repeated({ audit, replies }: Pick<Outcome, "audit" | "replies">, byGateway: boolean): string[] {
  const names = replies.repeated.map((answer) => answer.replace("told:", ""));
  return names.filter((name) => audit.isRepeatedByGateway(name) === byGateway);
}

function named(what: string, items: readonly string[]): string[] {
  const more = items.length > SHOWN ? [`${what}: ${items.length - SHOWN} more`] : [];
  return [...items.slice(0, SHOWN).map((item) => `${what}: ${item}`), ...more];
}
