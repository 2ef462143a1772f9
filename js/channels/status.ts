/** What `openclaw channels status` shows of an account, and what it warns of. */
import type { Channel } from "../core/account.ts";
import { runningDrive } from "../host/running.ts";
import { type ChannelAccountSnapshot, type ChannelPlugin } from "../host/sdk.ts";
import { dayOf, type Course } from "../host/status.ts";
import type { Tally } from "../io/tally.ts";
import type { Account } from "./accounts.ts";
import { factsOf } from "./facts.ts";
import type { ProbeReport } from "./probe.ts";
import { accountFindings, channelFindings, speaker } from "./rules.ts";
import type { Facts, Finding } from "./rules/finding.ts";
import { clockSkew, unreachable } from "./rules/server.ts";

type StatusAdapter = NonNullable<ChannelPlugin<Account>["status"]>;
/** What a running account adds to the gateway's own fields. */
type Standing = Partial<Tally> & { since?: number; reconnects?: { today: number; sinceStart: number } };

/** Both platforms give a sign of life every 30 seconds, and a connection is given up after 45. */
const DEAF_MS = 35_000;

/** `probe` and a description of the account come from the channel. */
export function statusAdapter(
  id: Channel,
  describe: (account: Account) => ChannelAccountSnapshot,
  probeAccount: NonNullable<StatusAdapter["probeAccount"]>,
): StatusAdapter {
  return {
    probeAccount,
    formatCapabilitiesProbe: ({ probe }) => {
      const report = reportOf(probe);
      const verdict = `Probe: ${report.ok ? "ok" : `failed (${report.error ?? "no reason"})`}`;
      return [
        { text: verdict, tone: report.ok ? "success" : "error" },
        ...factsOf(report).map((fact) => ({ text: `${fact.charAt(0).toUpperCase()}${fact.slice(1)}` })),
      ];
    },
    buildAccountSnapshot: async ({ account, cfg, runtime, probe }) => {
      const standing = standingOf(id, account, runtime);
      // The gateway prints this field as it is, and no other of ours.
      const mode = [...(standing ? inWords(runtime, standing) : []), ...factsOf(reportOf(probe))];
      return {
        ...describe(account),
        ...runtime,
        ...standing,
        ...(mode.length === 0 ? {} : { mode: mode.join("; ") }),
        ...(probe ? { probe, lastProbeAt: Date.now() } : {}),
        audit: await configIssues({ channel: id, cfg, account }, reportOf(probe)),
      };
    },
    collectStatusIssues: (accounts) =>
      accounts.flatMap((account) => [
        ...(Array.isArray(account.audit)
          ? account.audit.map((issue) => ({ channel: id, accountId: account.accountId, kind: "config", ...issue }))
          : []),
        ...runtimeIssues(id, account).map((issue) => ({
          channel: id,
          accountId: account.accountId,
          kind: "runtime" as const,
          ...issue,
        })),
      ]),
  };
}

/** Only of an account that runs: nobody else has its store open. */
function standingOf(
  channel: Channel,
  { accountId }: Account,
  runtime: (ChannelAccountSnapshot & Partial<Course>) | undefined,
): Standing | undefined {
  const drive = runningDrive({ channel, accountId });
  if (!drive || !runtime) return undefined;
  const { since, reconnects } = runtime;
  return {
    ...(since === undefined ? {} : { since }),
    ...(reconnects === undefined ? {} : { reconnects: asOfNow(reconnects) }),
    ...drive.tally(),
  };
}

function asOfNow({ sinceStart, day, thatDay }: Course["reconnects"]) {
  return { today: day === dayOf(Date.now()) ? thatDay : 0, sinceStart };
}

/** How a running account stands. */
function inWords(runtime: ChannelAccountSnapshot | undefined, standing: Standing): string[] {
  const { since, reconnects, waiting, deadLetters, dropped } = standing;
  const reasons = Object.entries(dropped ?? {});
  const drops = reasons.reduce((sum, [, count]) => sum + count, 0);
  return [
    `${runtime?.lifecycle ?? "starting"}${since === undefined ? "" : ` since ${new Date(since).toISOString()}`}`,
    ...(reconnects ? [`reconnects ${reconnects.today} today and ${reconnects.sinceStart} since the start`] : []),
    ...(waiting ? [`waiting ${waiting.messages}${waiting.deferred ? ` (${waiting.deferred} deferred)` : ""}`] : []),
    ...(deadLetters === undefined ? [] : [`dead letters ${deadLetters}`]),
    `dropped ${drops}${drops ? ` (${reasons.map(([reason, count]) => `${reason} ${count}`).join(", ")})` : ""}`,
  ];
}

type Issue = { message: string; fix?: string };

function runtimeIssues(channel: Channel, account: ChannelAccountSnapshot & Standing): Issue[] {
  const { lifecycle, since, lastError, lastTransportActivityAt: heardAt, deadLetters = 0 } = account;
  const silent = lifecycle === "ready" && heardAt ? Date.now() - heardAt : 0;
  return [
    // Of one that is blocked the gateway itself tells.
    ...(lifecycle === "recovering"
      ? [{ message: `${lastError ?? "not connected"}${since ? ` (since ${new Date(since).toISOString()})` : ""}` }]
      : []),
    ...(silent > DEAF_MS
      ? [{ message: `nothing has come from the server for ${Math.round(silent / 1_000)} s; it is being asked` }]
      : []),
    ...(deadLetters > 0
      ? [{ message: `${deadLetters} messages failed for good`, fix: `openclaw ${channel} dead-letters` }]
      : []),
  ];
}

/** What is wrong with an account that runs or could run. */
async function configIssues(facts: Facts, probe: Partial<ProbeReport>): Promise<Issue[]> {
  const { channel, cfg, account } = facts;
  if (!account.configured || !account.enabled) return [];
  const findings = [
    ...(speaker(channel, cfg) === account.accountId ? await channelFindings(channel, cfg) : []),
    ...(await accountFindings(facts)),
    ...(probe.error === undefined || account.problem ? [] : [unreachable(facts, probe.error)]),
    ...clockSkew(facts, probe.clockSkewMs),
  ];
  return findings.map(issueOf);
}

/** What our own probe answered, or the gateway in its place when it had waited long enough. */
function reportOf(probe: unknown): Partial<ProbeReport> {
  return Object(probe);
}

function issueOf({ key, message, fix }: Finding): Issue {
  return { message: `${key}: ${message}`, fix };
}
