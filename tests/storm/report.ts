/** The ledger of a storm. */

import { tableOf } from "../trial.ts";
import type { Outcome } from "./run.ts";

/** What must not be. */
export function faultsOf({ channels, speaker, audit, accounts, replies, error }: Outcome): string[] {
  const lost = channels.flatMap(({ key }) => {
    const missing = audit.missing(key, speaker.said(key));
    return missing.length === 0 ? [] : [`${missing.length} lost in ${key}: #${missing.slice(0, 10).join(", #")}`];
  });
  const unsaid = unaccounted({ accounts, replies });
  return [
    ...(error === undefined ? [] : [error]),
    ...lost,
    ...audit.faults,
    ...(unsaid === 0 ? [] : [`${unsaid} replies neither arrived nor were they listed as failed`]),
  ];
}

/** Replies of which nobody knows anything. */
function unaccounted({ accounts, replies }: Pick<Outcome, "accounts" | "replies">): number {
  const [written, failed] = [total(accounts, "answered"), failures(accounts)];
  return Math.max(0, written - failed - replies.delivered.size);
}

export function describe(outcome: Outcome): string {
  const { plan, speaker, audit, accounts, replies, ended, seconds, channels } = outcome;
  const proxies = accounts.flatMap(({ wire, http }) => [wire, http]);
  const deeds = proxies.flatMap((proxy) => proxy.deeds);
  const slowest = Math.max(...accounts.map(({ host }) => host.slowestMs));
  const rows: [string, number | string][] = [
    ["said, in places", `${speaker.total} in ${channels.length}`],
    ["heard", audit.total],
    ["lost", speaker.total - audit.total],
    ["duplicated", audit.duplicates],
    ["reordered", audit.disorder],
    ["garbled", audit.garbled],
    ["late (5 s after it could be heard)", total(accounts, "late")],
    ["slowest", `${(slowest / 1_000).toFixed(2)} s`],
    ["replies written", total(accounts, "answered")],
    ["replies delivered", replies.delivered.size],
    ["replies listed as failed", failures(accounts)],
    ["replies delivered more than once", replies.repeated.length],
    ...[...ended]
      .toSorted(([one], [other]) => one.localeCompare(other))
      .map(([how, count]): [string, number] => [`ended: ${how}`, count]),
    ["connections made", accounts.reduce((sum, { wire }) => sum + wire.accepted, 0)],
    ["connections for calls ended", endsOf(accounts)],
    ["disturbances", deeds.filter(({ name }) => / (up|down)$/.test(name) && !name.startsWith("forget")).length],
    ["bytes lost on their way", proxies.reduce((sum, { lost }) => sum + lost, 0)],
    ["seconds", seconds.toFixed(1)],
  ];
  const head = `storm: ${plan.messages} messages, ${plan.disconnects} disconnects, seed ${plan.seed}`;
  return tableOf(head, rows);
}

function endsOf(accounts: Outcome["accounts"]): number {
  const ends = accounts.flatMap(({ http }) => http.deeds.filter(({ name }) => name === "cut" || name === "reset"));
  return ends.reduce((sum, { connections }) => sum + connections.length, 0);
}

function total(accounts: Outcome["accounts"], figure: "answered" | "late"): number {
  return accounts.reduce((sum, { host }) => sum + host[figure], 0);
}

function failures(accounts: Outcome["accounts"]): number {
  return accounts.reduce((sum, { host }) => sum + host.failures.length, 0);
}
