/** Which agent has the account, and who shares a session with whom. */
import { normalizeAccountId, type OpenClawConfig } from "../../host/sdk.ts";
import { joinedSessions } from "../../host/session.ts";
import { accountIds } from "../accounts.ts";
import type { Facts, Finding } from "./finding.ts";

/** With several agents, an account that is bound to none is the default agent's. */
export function unbound({ channel, cfg, account }: Facts): Finding[] {
  const agents = agentsOf(cfg);
  if (agents.length < 2 || bindingsOf(cfg, channel).some(({ account: id }) => covers(id, account.accountId))) return [];
  const message = `no binding names the account ${account.accountId}, so the default agent answers for it.`;
  const fix = `Bind it: openclaw agents bind --agent <${agents.join("|")}> --bind ${channel}:${account.accountId}`;
  return [{ rule: "binding", key: "bindings", message, fix, serious: false }];
}

/** Bindings that can never match: of accounts or to agents that there are not. */
export function strayBindings({ channel, cfg }: Omit<Facts, "account">): Finding[] {
  const [agents, accounts] = [agentsOf(cfg), accountIds(cfg, channel)];
  return bindingsOf(cfg, channel).flatMap(({ at, agent, account }): Finding[] => {
    const find = (key: string, what: string, known: string[]): Finding => {
      const fix = `Change it or remove the binding; there is ${known.join(", ")}.`;
      return { rule: "binding", key: `bindings[${at}].${key}`, message: `there is no ${what}.`, fix, serious: false };
    };
    const isKnown = account === undefined || account === "*" || accounts.includes(normalizeAccountId(account));
    return [
      ...(isKnown ? [] : [find("match.accountId", `${channel} account ${account}`, accounts)]),
      ...(agents.length === 0 || agents.includes(agent) ? [] : [find("agentId", `agent ${agent}`, agents)]),
    ];
  });
}

export function dmScope({ cfg }: Omit<Facts, "account">): Finding[] {
  const scope = joinedSessions(cfg);
  return scope ? [{ rule: "dm-scope", key: "session.dmScope", ...scope, serious: false }] : [];
}

/** Those for a channel as a whole or for accounts of it. */
function bindingsOf(cfg: OpenClawConfig, channel: string) {
  return (cfg.bindings ?? []).flatMap(({ agentId, match }, at) => {
    return match.channel === channel ? [{ at, agent: agentId, account: match.accountId }] : [];
  });
}

/** The gateway reads a binding without an account as one for the default account. */
function covers(bound: string | undefined, accountId: string): boolean {
  return bound === "*" || normalizeAccountId(bound) === accountId;
}

/** None where nobody wrote down any: then there is one, made by the gateway. */
function agentsOf({ agents }: OpenClawConfig): string[] {
  return [...new Set([...Object.keys(agents?.entries ?? {}), ...(agents?.list ?? []).map(({ id }) => id)])];
}
