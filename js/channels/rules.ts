/** Every rule of the doctor and the status that needs no server; docs/DOCTOR.md says what each means. */
import type { Channel } from "../core/account.ts";
import type { OpenClawConfig } from "../host/sdk.ts";
import { accountIds, resolveAccount } from "./accounts.ts";
import { dmScope, strayBindings, unbound } from "./rules/agents.ts";
import { namesInAllowlists } from "./rules/allowlists.ts";
import { keyOf, type Facts, type Finding } from "./rules/finding.ts";
import { dropsEverything, nobodyAllowed } from "./rules/hearing.ts";
import { oldPlugins } from "./rules/plugins.ts";
import { keysWithoutEffect } from "./rules/retired.ts";
import { clearText } from "./rules/server.ts";
import { unwritableState } from "./rules/state.ts";

const OF_CHANNELS = [dmScope, strayBindings];
const OF_ACCOUNTS = [refused, clearText, dropsEverything, nobodyAllowed, namesInAllowlists, unbound, keysWithoutEffect];

/** What is wrong with a channel as a whole. */
export async function channelFindings(channel: Channel, cfg: OpenClawConfig): Promise<Finding[]> {
  return [...(await oldPlugins({ channel, cfg })), ...OF_CHANNELS.flatMap((rule) => rule({ channel, cfg }))];
}

/** What is wrong with an account that runs or could run. */
export async function accountFindings(facts: Facts): Promise<Finding[]> {
  return [...OF_ACCOUNTS.flatMap((rule) => rule(facts)), ...(await unwritableState(facts))];
}

/** The account that speaks for its channel where only accounts are shown. */
export function speaker(channel: Channel, cfg: OpenClawConfig): string | undefined {
  return accountIds(cfg, channel).find((id) => {
    const { configured, enabled } = resolveAccount(cfg, channel, id);
    return configured && enabled;
  });
}

/** What keeps an account from being started at all: its name or its token is another account's. */
function refused(facts: Facts): Finding[] {
  const { problem } = facts.account;
  if (!problem) return [];
  const { name, message, fix } = problem;
  const key = name === "accounts" ? `channels.${facts.channel}.accounts` : keyOf(facts, name);
  return [{ rule: "account", key, message, fix, serious: true }];
}
