/** `openclaw dmwork doctor`: what is wrong with the accounts of a channel, and what to do about it. */
import { accountIds, resolveAccount, TOKEN_KEYS, withAccountKeys, type Account } from "../channels/accounts.ts";
import { factsOf } from "../channels/facts.ts";
import { probe, type ProbeReport } from "../channels/probe.ts";
import { accountFindings, channelFindings } from "../channels/rules.ts";
import { keyOf, sentenceOf, type Facts, type Finding } from "../channels/rules/finding.ts";
import { clockSkew, unreachable } from "../channels/rules/server.ts";
import { askTool } from "../channels/run.ts";
import type { Channel } from "../core/account.ts";
import { coreHash } from "../core/load.ts";
import { messageOf } from "../core/errors.ts";
import { readSecret, type OpenClawConfig } from "../host/sdk.ts";
import { attend } from "./dead-letters.ts";
import { NothingFound } from "./stores.ts";

export type Checkup = { account: string; ok: boolean; probe?: ProbeReport; findings: Finding[] };

export type Report = {
  channel: Channel;
  ok: boolean;
  /** The first digits of the core's SHA-256. */
  core: string;
  accounts: Checkup[];
  /** Of the channel as a whole. */
  findings: Finding[];
};

/** A server that takes longer is a finding. */
const PATIENCE_MS = 15_000;

export async function examine(channel: Channel, cfg: OpenClawConfig, only?: string): Promise<Report> {
  const all = accountIds(cfg, channel);
  const ids = only === undefined ? all : [resolveAccount(cfg, channel, only).accountId];
  const { known, unread } = await withSecrets(channel, cfg, all);
  const accounts = await Promise.all(
    ids.map((id) => examineAccount({ channel, cfg: known, account: resolveAccount(known, channel, id) }, unread)),
  );
  const findings = [...(await channelFindings(channel, cfg)), ...(await undelivered(channel, cfg, only))];
  const isSerious = findings.some(({ serious }) => serious);
  const ok = ids.length > 0 && !isSerious && accounts.every((account) => account.ok);
  return { channel, ok, core: await coreHash(), accounts, findings };
}

type Secrets = {
  /** The configuration with the secrets themselves. */
  known: OpenClawConfig;
  unread: { account: string; name: string; why: string }[];
};

/** A command is given references to secrets, and asks with the secrets themselves. */
async function withSecrets(channel: Channel, cfg: OpenClawConfig, ids: readonly string[]): Promise<Secrets> {
  const secrets: Secrets = { known: cfg, unread: [] };
  for (const account of ids) {
    const { config } = resolveAccount(cfg, channel, account);
    for (const name of [TOKEN_KEYS[channel], "userApiKey"]) {
      if (!(config[name] instanceof Object)) continue;
      const found = await readSecret(cfg, config[name]);
      if ("problem" in found) secrets.unread.push({ account, name, why: found.problem });
      else secrets.known = withAccountKeys(secrets.known, channel, account, { [name]: found.token });
    }
  }
  return secrets;
}

async function examineAccount(facts: Facts, unread: Secrets["unread"]): Promise<Checkup> {
  const { account } = facts;
  if (!account.enabled) return checkup(account, [switchedOff(facts)]);
  const findings = await accountFindings(facts);
  const missing = unread.filter((secret) => secret.account === account.accountId);
  if (missing.length > 0)
    return checkup(account, [...missing.map((secret) => secretFinding(facts, secret)), ...findings]);
  // Its token is another account's: what the server says to it is no news of this one.
  if (account.problem) return checkup(account, findings);
  const report = await probe(facts.channel, account, PATIENCE_MS);
  const failed = report.ok ? await keyFindings(facts) : [unreachable(facts, report.error ?? "the server says no")];
  return checkup(account, [...failed, ...clockSkew(facts, report.clockSkewMs), ...findings], report);
}

function checkup({ accountId }: Account, findings: Finding[], report?: ProbeReport): Checkup {
  const ok = findings.every(({ serious }) => !serious);
  return { account: accountId, ok, ...(report ? { probe: report } : {}), findings };
}

function switchedOff(facts: Facts): Finding {
  const key = keyOf(facts, "enabled");
  const fix = `Switch it on: openclaw config set ${key} true`;
  return { rule: "switched-off", key, message: "the account is switched off.", fix, serious: false };
}

function secretFinding(facts: Facts, { name, why }: Secrets["unread"][number]): Finding {
  const message = `the SecretRef can't be read: ${why}.`;
  const fix = "Look at the provider under secrets.providers: openclaw secrets audit --check";
  return { rule: "secret", key: keyOf(facts, name), message, fix, serious: true };
}

/** The owner's key is good if it lists the owner's bots. */
async function keyFindings(facts: Facts): Promise<Finding[]> {
  const { channel, account } = facts;
  if (channel !== "dmwork" || !account.config["userApiKey"]) return [];
  try {
    await askTool("dmwork", account, "dmwork_bots", { action: "list" });
    return [];
  } catch (error) {
    const fix = "Ask BotFather for the present key, or remove it: only the agent's work on bots needs it.";
    return [{ rule: "secret", key: keyOf(facts, "userApiKey"), message: messageOf(error), fix, serious: true }];
  }
}

/** Messages that wait for the operator's word, in the stores that there are. */
async function undelivered(channel: Channel, cfg: OpenClawConfig, account?: string): Promise<Finding[]> {
  const find = (message: string): Finding[] => {
    const fix = `Look at them: openclaw ${channel} dead-letters`;
    return [{ rule: "dead-letters", key: `channels.${channel}`, message, fix, serious: false }];
  };
  try {
    const count = (await attend({ channel, cfg, account }, {})).deadLetters.length;
    return count === 0 ? [] : find(`${count === 1 ? "1 message" : `${count} messages`} could not be answered.`);
  } catch (error) {
    // An account that has not run yet has failed at nothing.
    return error instanceof NothingFound ? [] : find(messageOf(error));
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

function linesOf({ channel, core, accounts, findings }: Report): string[] {
  return [
    ...accounts.flatMap((account) => [`${account.account}: ${verdict(account)}.`, ...account.findings.map(lineOf)]),
    ...findings.map(lineOf),
    ...(accounts.length === 0 ? [`There is no account. Make one: openclaw ${channel} setup`] : []),
    `Core ${core}. Whether the gateway is connected, \`openclaw channels status --probe\` tells.`,
  ];
}

function verdict({ ok, probe: report }: Checkup): string {
  if (!report?.ok) return ok ? "not asked" : "does not work";
  const { core: _core, ...shown } = report;
  return ["the server takes the token", ...factsOf(shown)].join("; ");
}

function lineOf(finding: Finding): string {
  return `${finding.serious ? "✘" : "!"} ${sentenceOf(finding)}`;
}
