/** Which agent has an account, and what a setup changes in the configuration. */
import type { Channel } from "../core/account.ts";
import { normalizeAccountId, type OpenClawConfig } from "../host/sdk.ts";
import { withAccountKeys } from "./accounts.ts";
import type { Changes } from "./set-up.ts";

/** The agent with a binding for this very account and all of it. */
export function boundAgent(cfg: OpenClawConfig, channel: Channel, accountId: string): string | undefined {
  return cfg.bindings?.find(({ match }) => {
    if (match.channel !== channel || match.peer !== undefined) return false;
    return match.accountId !== undefined && normalizeAccountId(match.accountId) === accountId;
  })?.agentId;
}

/** The same configuration after a setup. */
export function withSetUp(
  cfg: OpenClawConfig,
  channel: Channel,
  accountId: string,
  { keys, dmScope, agent }: Changes,
): OpenClawConfig {
  const changed = Object.keys(keys).length > 0 ? withAccountKeys(cfg, channel, accountId, keys) : cfg;
  const scoped = isDmScope(dmScope) ? { ...changed, session: { ...changed.session, dmScope } } : changed;
  if (agent === undefined) return scoped;
  const binding = { agentId: agent, match: { channel, accountId } };
  // The gateway's type of an ordinary binding is empty for a compiler as strict as ours.
  return Object.assign({}, scoped, { bindings: [...(scoped.bindings ?? []), binding] });
}

type DmScope = NonNullable<NonNullable<OpenClawConfig["session"]>["dmScope"]>;

/** The core knows one value only, which the gateway's types name. */
function isDmScope(scope: string | undefined): scope is DmScope {
  return scope === "per-account-channel-peer";
}
