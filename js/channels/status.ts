/** What `openclaw channels status` shows of an account, and what it warns of. */
import type { Channel } from "../core/account.ts";
import { runningDrive } from "../host/running.ts";
import { type ChannelAccountSnapshot, type ChannelPlugin, type OpenClawConfig } from "../host/sdk.ts";
import { joinedSessions } from "../host/session.ts";
import { dayOf, type Course } from "../host/status.ts";
import type { Tally } from "../io/tally.ts";
import type { Account } from "./accounts.ts";
import { keysWithoutEffect } from "./retired.ts";

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
    buildAccountSnapshot: ({ account, cfg, runtime, probe }) => {
      const standing = standingOf(id, account, runtime);
      return {
        ...describe(account),
        ...runtime,
        ...standing,
        ...(standing === undefined ? {} : { mode: inWords(runtime, standing) }),
        ...(probe ? { probe, lastProbeAt: Date.now() } : {}),
        audit: configIssues(id, cfg, account),
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

/** The one field of a running account that the gateway prints as it is. */
function inWords(runtime: ChannelAccountSnapshot | undefined, standing: Standing): string {
  const { since, reconnects, waiting, deadLetters, dropped } = standing;
  const reasons = Object.entries(dropped ?? {});
  const drops = reasons.reduce((sum, [, count]) => sum + count, 0);
  const words = [
    `${runtime?.lifecycle ?? "starting"}${since === undefined ? "" : ` since ${new Date(since).toISOString()}`}`,
    ...(reconnects ? [`reconnects ${reconnects.today} today and ${reconnects.sinceStart} since the start`] : []),
    ...(waiting ? [`waiting ${waiting.messages}${waiting.deferred ? ` (${waiting.deferred} deferred)` : ""}`] : []),
    ...(deadLetters === undefined ? [] : [`dead letters ${deadLetters}`]),
    `dropped ${drops}${drops ? ` (${reasons.map(([reason, count]) => `${reason} ${count}`).join(", ")})` : ""}`,
  ];
  return words.join("; ");
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

/** What is wrong with the configuration of an account that runs or could run. */
function configIssues(channel: Channel, cfg: OpenClawConfig, account: Account): Issue[] {
  const { configured, enabled, problem } = account;
  if (!configured || !enabled) return [];
  const scope = joinedSessions(cfg);
  return [
    ...(problem === undefined ? [] : [{ message: problem }]),
    ...keysWithoutEffect(channel, account),
    ...(scope ? [scope] : []),
  ];
}
