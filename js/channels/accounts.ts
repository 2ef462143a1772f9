/** The accounts of a channel as the operator wrote them. What the values mean is the core's business. */
import type { Channel } from "../core/account.ts";
import type { DmworkConfig, MochatConfig } from "../core/protocol.ts";
import { DEFAULT_ACCOUNT_ID, normalizeAccountId, type OpenClawConfig } from "../host/sdk.ts";

/** Where each platform's configuration keeps its token. */
export const TOKEN_KEYS = { mochat: "clawToken", dmwork: "botToken" } as const;

/** Who the bot is: this comes with the token, so an account with a token of its own does not take it over. */
const IDENTITY_KEYS = { mochat: "agentUserId", dmwork: undefined } as const;

/** Keys of a section that mean something to the gateway only; the core would refuse them. */
const GATEWAY_KEYS = new Set(["accounts", "defaultAccount", "healthMonitor"]);

export type Values = Record<string, unknown>;

/** Why an account can't start, and what to do about it. `name` is the key at fault. */
export type Problem = { name: string; message: string; fix: string };

export type Account = {
  accountId: string;
  enabled: boolean;
  /** Whether there is a token at all. */
  configured: boolean;
  name: string | undefined;
  /** What the core is given: the account's keys over the section's. */
  config: Values;
  /** The keys that both platforms share and the gateway reads. */
  access: Pick<DmworkConfig & MochatConfig, "dmPolicy" | "allowFrom" | "groupPolicy" | "groupAllowFrom">;
  /** Why it can't start, where only a look at its siblings tells. */
  problem: Problem | undefined;
};

export function accountIds(cfg: OpenClawConfig, channel: Channel): string[] {
  const section = sectionOf(cfg, channel);
  const ids = Object.keys(asValues(section["accounts"])).map((key) => normalizeAccountId(key));
  if (ids.length > 0) return [...new Set(ids)];
  return hasValue(section[TOKEN_KEYS[channel]]) ? [DEFAULT_ACCOUNT_ID] : [];
}

export function defaultAccountId(cfg: OpenClawConfig, channel: Channel): string {
  const chosen = sectionOf(cfg, channel)["defaultAccount"];
  const ids = accountIds(cfg, channel);
  const id = typeof chosen === "string" ? normalizeAccountId(chosen) : DEFAULT_ACCOUNT_ID;
  return ids.includes(id) ? id : (ids[0] ?? DEFAULT_ACCOUNT_ID);
}

export function resolveAccount(cfg: OpenClawConfig, channel: Channel, requested?: string | null): Account {
  const accountId = requested?.trim() ? normalizeAccountId(requested) : defaultAccountId(cfg, channel);
  const section = sectionOf(cfg, channel);
  const config = mergedConfig(section, channel, accountId);
  return {
    accountId,
    enabled: section["enabled"] !== false && config["enabled"] !== false,
    configured: hasValue(config[TOKEN_KEYS[channel]]),
    name: typeof config["name"] === "string" ? config["name"] : undefined,
    config,
    // The manifest's schema has checked these before any code of ours ran.
    access: config,
    problem: problemOf(section, channel, accountId),
  };
}

/** The key under which an account is written, whatever its case. */
export function accountKey(section: Values, accountId: string): string | undefined {
  return Object.keys(asValues(section["accounts"])).find((key) => normalizeAccountId(key) === accountId);
}

/** All keys under which an account is written: more than one where they differ in case only. */
export function namesakes(section: Values, accountId: string): string[] {
  return Object.keys(asValues(section["accounts"])).filter((key) => normalizeAccountId(key) === accountId);
}

export function sectionOf(cfg: OpenClawConfig, channel: Channel): Values {
  return asValues(asValues(cfg.channels)[channel]);
}

/** The same configuration with another section for this channel. */
export function withSection(cfg: OpenClawConfig, channel: Channel, section: Values): OpenClawConfig {
  return { ...cfg, channels: { ...cfg.channels, [channel]: section } };
}

/** The same section with some keys of an account changed. */
export function withAccount(section: Values, key: string, changes: Values): Values {
  const accounts = asValues(section["accounts"]);
  return { ...section, accounts: { ...accounts, [key]: { ...asValues(accounts[key]), ...changes } } };
}

/** The same configuration with some keys of an account changed, which may be a new one. */
export function withAccountKeys(
  cfg: OpenClawConfig,
  channel: Channel,
  accountId: string,
  changes: Values,
): OpenClawConfig {
  const section = sectionOf(cfg, channel);
  const key = accountKey(section, accountId);
  const alone = Object.keys(asValues(section["accounts"])).length === 0 && hasValue(section[TOKEN_KEYS[channel]]);
  if (alone && accountId === DEFAULT_ACCOUNT_ID) return withSection(cfg, channel, { ...section, ...changes });
  // As soon as there are accounts, the one beside them is none any more unless it is named.
  const named = alone ? withAccount(section, DEFAULT_ACCOUNT_ID, {}) : section;
  return withSection(cfg, channel, withAccount(named, key ?? accountId, changes));
}

/** The same section without an account. */
export function withoutAccount(section: Values, key: string): Values {
  const { [key]: _deleted, ...others } = asValues(section["accounts"]);
  return { ...section, accounts: others };
}

/** Shallow on purpose: an account that has `groups` of its own has only these. */
function mergedConfig(section: Values, channel: Channel, accountId: string): Values {
  const key = accountKey(section, accountId);
  const own = key === undefined ? {} : asValues(asValues(section["accounts"])[key]);
  const kept = hasValue(own[TOKEN_KEYS[channel]]) ? IDENTITY_KEYS[channel] : undefined;
  const inherited = Object.entries(section).filter(([name]) => !GATEWAY_KEYS.has(name) && name !== kept);
  return { ...Object.fromEntries(inherited), ...own };
}

/** In one line, for whoever is refused. */
export function problemSentence({ name, message, fix }: Problem): string {
  return `${name}: ${message} ${fix}`;
}

/** Two connections with one token throw each other out for ever, so only the first of them may start. */
function problemOf(section: Values, channel: Channel, accountId: string): Problem | undefined {
  const keys = Object.keys(asValues(section["accounts"]));
  const same = namesakes(section, accountId);
  if (same.length > 1) {
    return { name: "accounts", message: `${same.join(" and ")} are the same account.`, fix: "Rename one of them." };
  }
  const name = TOKEN_KEYS[channel];
  const token = tokenOf(section, channel, accountId);
  for (const key of keys) {
    const earlier = normalizeAccountId(key);
    if (earlier === accountId) return undefined;
    if (token !== undefined && tokenOf(section, channel, earlier) === token) {
      const message = `accounts ${earlier} and ${accountId} have the same one.`;
      return { name, message, fix: "Give each account its own bot." };
    }
  }
  return undefined;
}

function tokenOf(section: Values, channel: Channel, accountId: string): string | undefined {
  const config = mergedConfig(section, channel, accountId);
  const token = config[TOKEN_KEYS[channel]];
  if (config["enabled"] === false || !hasValue(token)) return undefined;
  return typeof token === "string" ? token.trim() : JSON.stringify(token);
}

function hasValue(value: unknown): boolean {
  return typeof value === "string" ? value.trim() !== "" : value instanceof Object;
}

/** The keys of an object; none of anything else. */
export function asValues(value: unknown): Values {
  return value instanceof Object ? Object.fromEntries(Object.entries(value)) : {};
}
