/** The ledger of a run. */

import type { Ledger } from "../../sandbox/ledger.ts";
import type { Channel } from "../talk/channels.ts";
import { endings, type Ending } from "./endings.ts";
import type { AuditHost } from "../talk/audit-host.ts";
import type { Plan } from "./plan.ts";
import type { Speaker } from "../talk/speaker.ts";
import type { Traffic } from "./traffic.ts";

export type Outcome = {
  plan: Plan;
  channels: readonly Channel[];
  speaker: Speaker;
  host: AuditHost;
  ledger: Ledger;
  traffic: Traffic;
  ended: ReadonlyMap<Ending, number>;
  /** Logins that the client made. */
  logins: number;
  seconds: number;
  /** What ended the run before its time. */
  error?: string;
};

/** What must not be. */
export function faultsOf({ channels, speaker, host, ledger, error }: Outcome): string[] {
  const { audit } = host;
  const lost = channels.flatMap(({ key }) => {
    const missing = audit.missing(key, speaker.said(key));
    return missing.length === 0 ? [] : [`${missing.length} lost in ${key}: #${missing.slice(0, 10).join(", #")}`];
  });
  const violations = ledger.count("received", "violation") + ledger.count("received", "malformed");
  return [
    ...(error === undefined ? [] : [error]),
    ...lost,
    ...audit.faults,
    ...(audit.turns === speaker.turnsExpected ? [] : [`${audit.turns} turns instead of ${speaker.turnsExpected}`]),
    ...(violations === 0 ? [] : [`${violations} violations of the protocol`]),
    ...host.failures.slice(0, 10),
  ];
}

export function describe(outcome: Outcome): string {
  const { plan, speaker, host, ledger, traffic, ended, logins, seconds } = outcome;
  const { audit } = host;
  const lost = speaker.total - audit.total;
  const calls = (name: string) => ledger.count("http", `POST /v1/bot/${name}`);
  const groups = ledger.count("http", "GET /v1/bot/groups");
  const rows: [string, number | string][] = [
    ["said", speaker.total],
    ["heard, as turns", audit.turns],
    ["heard, as context of a turn", audit.context],
    ["lost", lost],
    ["duplicated", audit.duplicates],
    ["out of order", audit.disorder],
    ["garbled", audit.garbled],
    ["replies", `${host.answered}, ${host.failures.length} failed`],
    ...endings.map((how): [string, number] => [`ended by ${how}`, ended.get(how) ?? 0]),
    ["reconnects", logins - 1],
    ["RECVs sent", ledger.count("sent", "RECV") - traffic.resent],
    ["RECVs sent again", traffic.resent],
    ["RECVACKs", ledger.count("received", "RECVACK")],
    ["never pushed, so heard by catching up", audit.total - traffic.pushed],
    ["pushed and not acknowledged", traffic.pushed - traffic.acknowledged],
    ["calls of groups, events, messages/sync", [groups, calls("events"), calls("messages/sync")].join(", ")],
    ["seconds", seconds.toFixed(1)],
  ];
  const head = `disconnects ${plan.line}: ${plan.messages} messages, ${plan.disconnects} disconnects, seed ${plan.seed}`;
  return [head, ...rows.map(([name, value]) => `  ${name.padEnd(46)}${String(value).padStart(10)}`)].join("\n");
}
