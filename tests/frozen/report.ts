/** How the bots came back. */

import { tableOf } from "../trial.ts";
import type { Outcome } from "./run.ts";

/** Bound of the delivery promise, in seconds. */
const MOST = 10;

/** What must not be. */
export function faultsOf({ said, replies, returns, failures, errors }: Outcome): string[] {
  const all = [...said.values()].reduce((sum, count) => sum + count, 0);
  const lost = all - replies.delivered.size;
  return [
    ...errors,
    ...failures,
    ...(lost === 0 ? [] : [`${lost} messages were not answered`]),
    ...(replies.repeated.length === 0 ? [] : [`${replies.repeated.join(", ")} came twice`]),
    ...returns.flatMap(({ platform, answersOne }) =>
      answersOne <= MOST ? [] : [`${platform} answered after ${answersOne.toFixed(1)} s, more than ${MOST}`],
    ),
  ];
}

export function describe({ plan, said, replies, returns }: Outcome): string {
  return tableOf(`frozen: ${plan.times} times for ${plan.seconds} s`, [
    ...[...said].map(([platform, count]): [string, number] => [`said to ${platform}`, count]),
    ["answered", replies.delivered.size],
    ["answered twice", replies.repeated.length],
    ...returns.flatMap(({ platform, answersOne, answersAll }): [string, string][] => [
      [`${platform}: the first message was answered after`, `${answersOne.toFixed(2)} s`],
      [`${platform}: everything missed was answered after`, `${answersAll.toFixed(2)} s`],
    ]),
  ]);
}
