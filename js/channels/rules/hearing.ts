/** Settings by which messages are dropped, all of them or more than somebody may expect. */
import type { DmworkConfig, MochatConfig } from "../../core/protocol.ts";
import { keyOf, set, type Facts, type Finding } from "./finding.ts";

/** Keys of one platform or the other; what they may hold is checked before. */
type Config = Pick<DmworkConfig & MochatConfig, "groups" | "sessions" | "panels">;

/** Nobody can reach the agent, not even its owner. */
export function dropsEverything(facts: Facts): Finding[] {
  const { access, config } = facts.account;
  const { sessions, panels }: Config = config;
  const noSessions = facts.channel === "mochat" && isEmpty(sessions);
  const noPanels = facts.channel === "mochat" && isEmpty(panels);
  const noDirect = access.dmPolicy === "disabled" || noSessions;
  const noGroups = access.groupPolicy === "disabled" || (noSessions && noPanels);
  if (!noDirect || !noGroups) return [];
  const names = [
    ...(access.dmPolicy === "disabled" ? ["dmPolicy"] : []),
    ...(access.groupPolicy === "disabled" ? ["groupPolicy"] : []),
    ...(noSessions ? ["sessions"] : []),
    ...(noPanels ? ["panels"] : []),
  ];
  const [first = "dmPolicy"] = names;
  const key = keyOf(facts, first);
  const value = first === "dmPolicy" ? "pairing" : first === "groupPolicy" ? "open" : ["*"];
  const message = `${names.join(" and ")} together drop every message.`;
  return [
    {
      rule: "drops-everything",
      key,
      message,
      fix: `Open one of them, for instance: ${set(key, value)}`,
      serious: true,
    },
  ];
}

/** A policy that asks a list which names nobody, or not everybody although the policy says so. */
export function nobodyAllowed(facts: Facts): Finding[] {
  const { dmPolicy, allowFrom = [], groupPolicy, groupAllowFrom = [] } = facts.account.access;
  const find = (name: string, message: string, fix: string): Finding => {
    return { rule: "nobody-allowed", key: keyOf(facts, name), message, fix, serious: false };
  };
  const findings: Finding[] = [];
  if (dmPolicy === "open" && !has(allowFrom, "*")) {
    const who = allowFrom.length === 0 ? "the bot's owner" : "the bot's owner and those it lists";
    const fix = `For everybody: ${set(keyOf(facts, "allowFrom"), ["*"])}`;
    findings.push(find("allowFrom", `dmPolicy is "open", but without "*" here only ${who} can write directly.`, fix));
  }
  if (dmPolicy === "allowlist" && allowFrom.length === 0) {
    const fix = `List user ids, or let people ask for a code: ${set(keyOf(facts, "dmPolicy"), "pairing")}`;
    findings.push(find("allowFrom", "it is empty, so only the bot's owner can write directly.", fix));
  }
  if (groupPolicy === "allowlist" && groupAllowFrom.length === 0) {
    const fix = `List user ids, or listen to all members: ${set(keyOf(facts, "groupPolicy"), "open")}`;
    findings.push(find("groupAllowFrom", "it is empty, so nobody is heard in groups.", fix));
  }
  const { groups = {} }: Config = facts.account.config;
  for (const [id, { allowFrom: here }] of Object.entries(groups)) {
    if (!isEmpty(here)) continue;
    const name = `groups.${id}.allowFrom`;
    const key = `${keyOf(facts, "groups")}.${id}.allowFrom`;
    const fix = `List user ids, or remove it: openclaw config unset ${key}`;
    findings.push({ ...find(name, "it is empty, so nobody is heard in that group.", fix), key });
  }
  return findings;
}

function isEmpty(list: readonly unknown[] | undefined): boolean {
  return list !== undefined && list.length === 0;
}

function has(list: readonly string[], entry: string): boolean {
  return list.some((one) => one.trim() === entry);
}
