/** One account as the gateway started it. */
import type { Channel } from "../core/account.ts";
import type { DmPolicy, GroupPolicy } from "../core/protocol.ts";
import type { ChannelGatewayContext, ChannelRuntime, OpenClawConfig } from "./sdk.ts";

/** Who may speak to an account, as configured. */
export type AccessRules = {
  dmPolicy: DmPolicy;
  allowFrom: string[];
  groupPolicy: GroupPolicy;
  groupAllowFrom: string[];
};

export type GatewayAccount = {
  channel: Channel;
  accountId: string;
  cfg: OpenClawConfig;
  rules: AccessRules;
  runtime: ChannelRuntime;
  /** Writes a renewed token down; resolves with why not. */
  keepToken: (token: string | undefined) => Promise<string | undefined>;
  abortSignal: AbortSignal;
  setStatus: ChannelGatewayContext["setStatus"];
  log: NonNullable<ChannelGatewayContext["log"]>;
};
