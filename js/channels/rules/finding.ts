/** What the doctor and the status find: one form for all rules. docs/DOCTOR.md lists them. */
import type { Channel } from "../../core/account.ts";
import type { OpenClawConfig } from "../../host/sdk.ts";
import { accountKey, sectionOf, type Account } from "../accounts.ts";

export type Finding = {
  rule: Rule;
  /** The setting at fault, as `openclaw config set` takes it. */
  key: string;
  message: string;
  /** What to do. */
  fix: string;
  /** Whether something can't work; else it works in another way than somebody may expect. */
  serious: boolean;
};

/** In the order of docs/DOCTOR.md. */
export const RULES = [
  "unreachable",
  "clear-text",
  "clock",
  "account",
  "secret",
  "switched-off",
  "old-plugin",
  "drops-everything",
  "nobody-allowed",
  "name-in-allowlist",
  "binding",
  "dm-scope",
  "state",
  "retired-key",
  "dead-letters",
] as const;

export type Rule = (typeof RULES)[number];

/** What a rule looks at. */
export type Facts = { channel: Channel; cfg: OpenClawConfig; account: Account };

/** Where a setting of an account stands: in its own part, or in the channel's if it is written only there. */
export function keyOf({ channel, cfg, account }: Facts, name: string): string {
  const section = sectionOf(cfg, channel);
  const key = accountKey(section, account.accountId);
  const accounts: Record<string, unknown> = Object(section["accounts"]);
  const isOwn = key !== undefined && Object.hasOwn(Object(accounts[key]), name);
  if (key === undefined || (!isOwn && Object.hasOwn(section, name))) return `channels.${channel}.${name}`;
  return `channels.${channel}.accounts.${key}.${name}`;
}

/** A command that changes a setting. */
export function set(key: string, value: unknown): string {
  return `openclaw config set ${key} '${JSON.stringify(value)}'`;
}

/** For people, in one line. */
export function sentenceOf({ key, message, fix }: Pick<Finding, "key" | "message" | "fix">): string {
  return `${key}: ${message} ${fix}`;
}
