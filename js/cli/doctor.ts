/** `openclaw dmwork doctor`: what is wrong with the accounts of a channel, and what to do about it. */
import { accountIds, resolveAccount, TOKEN_KEYS, type Account } from "../channels/accounts.ts";
import { keysWithoutEffect } from "../channels/retired.ts";
import { askTool, probeAccount } from "../channels/run.ts";
import type { Channel } from "../core/account.ts";
import { messageOf } from "../core/errors.ts";
import { joinedSessions } from "../host/session.ts";
import { readSecret, type OpenClawConfig } from "../host/sdk.ts";
import { attend } from "./dead-letters.ts";
import { NothingFound } from "./stores.ts";

export type Finding = { account: string; ok: boolean; problems: string[] };

export type Report = { channel: Channel; ok: boolean; accounts: Finding[]; advice: string[] };

/** A server that takes longer is a finding. */
const PATIENCE_MS = 15_000;

export async function examine(channel: Channel, cfg: OpenClawConfig, only?: string): Promise<Report> {
  const ids = only === undefined ? accountIds(cfg, channel) : [resolveAccount(cfg, channel, only).accountId];
  const configured = ids.map((id) => resolveAccount(cfg, channel, id));
  const accounts = await Promise.all(configured.map((account) => examineAccount(channel, cfg, account)));
  const scope = joinedSessions(cfg);
  const advice = scope ? [`${scope.message} ${scope.fix}`] : [];
  for (const account of configured) {
    const keys = keysWithoutEffect(channel, account);
    advice.push(...keys.map(({ message, fix }) => `${account.accountId}: ${message} ${fix}`));
  }
  advice.push(...(await undelivered(channel, cfg, only)));
  if (ids.length === 0) advice.push(`There is no account. Make one: openclaw ${channel} setup`);
  return { channel, ok: ids.length > 0 && accounts.every(({ ok }) => ok), accounts, advice };
}

/** Messages that wait for the operator's word, in the stores that there are. */
async function undelivered(channel: Channel, cfg: OpenClawConfig, account?: string): Promise<string[]> {
  try {
    const { deadLetters } = await attend({ channel, cfg, account }, {});
    const count = deadLetters.length;
    if (count === 0) return [];
    const said = count === 1 ? "1 message could" : `${count} messages could`;
    return [`${said} not be answered. Look at them: openclaw ${channel} dead-letters`];
  } catch (error) {
    // An account that has not run yet has failed at nothing.
    return error instanceof NothingFound ? [] : [messageOf(error)];
  }
}

async function examineAccount(channel: Channel, cfg: OpenClawConfig, account: Account): Promise<Finding> {
  const problems = account.enabled ? await problemsOf(channel, cfg, account) : ["It is switched off (`enabled`)."];
  return { account: account.accountId, ok: problems.length === 0, problems };
}

async function problemsOf(channel: Channel, cfg: OpenClawConfig, account: Account): Promise<string[]> {
  if (account.problem !== undefined) return [account.problem];
  const config = { ...account.config };
  // A command is given references to secrets, and asks with the secrets themselves.
  for (const key of [TOKEN_KEYS[channel], "userApiKey"]) {
    if (!(config[key] instanceof Object)) continue;
    const found = await readSecret(cfg, config[key]);
    if ("problem" in found) return [`${key}: the SecretRef can't be read: ${found.problem}`];
    config[key] = found.token;
  }
  const { ok, error } = await probeAccount(channel, { ...account, config }, PATIENCE_MS);
  if (!ok) return [error ?? "The server does not take the token."];
  return channel === "dmwork" && config["userApiKey"] ? await keyProblems({ ...account, config }) : [];
}

/** The owner's key is good if it lists the owner's bots. */
async function keyProblems(account: Account): Promise<string[]> {
  try {
    await askTool("dmwork", account, "dmwork_bots", { action: "list" });
    return [];
  } catch (error) {
    return [`userApiKey: ${messageOf(error)}`];
  }
}

/** Runs the command, and answers with its exit code. */
export async function doctor(
  channel: Channel,
  cfg: OpenClawConfig,
  { account, json }: { account?: string; json?: boolean },
): Promise<number> {
  const report = await examine(channel, cfg, account);
  if (json) console.log(JSON.stringify(report, null, 2));
  else for (const line of linesOf(report)) console.log(line);
  return report.ok ? 0 : 1;
}

function linesOf({ accounts, advice }: Report): string[] {
  const lines = accounts.flatMap(({ account, ok, problems }) =>
    ok ? [`${account}: the server takes the token.`] : problems.map((problem) => `${account}: ${problem}`),
  );
  return [...lines, ...advice, "Whether the gateway is connected, `openclaw channels status --probe` tells."];
}
