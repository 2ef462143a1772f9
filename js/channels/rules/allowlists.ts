/** Allowlists hold ids. A name can be changed by whoever bears it, so it is no key to anything, and matches nobody. */
import type { Channel } from "../../core/account.ts";
import type { DmworkConfig, MochatConfig } from "../../core/protocol.ts";
import { userId } from "../../host/access.ts";
import { keyOf, type Facts, type Finding } from "./finding.ts";

/** What user ids look like: Mochat's are those of its database, DMWork's are letters, digits and `_`. */
const IDS: Record<Channel, RegExp> = { mochat: /^[0-9a-f]{24}$/, dmwork: /^[\w.-]+$/ };
/** `Ann`: how people write a name, and no server a uid. */
const GIVEN_NAME = /^\p{Lu}\p{Ll}+$/u;
/** Everybody, and the gateway's own groups of people. */
const SYMBOL = /^(?:\*|accessGroup:\S+)$/;

export function namesInAllowlists(facts: Facts): Finding[] {
  const { access, config } = facts.account;
  const { groups = {} }: Pick<DmworkConfig & MochatConfig, "groups"> = config;
  const lists: [key: string, entries: readonly string[]][] = [
    [keyOf(facts, "allowFrom"), access.allowFrom ?? []],
    [keyOf(facts, "groupAllowFrom"), access.groupAllowFrom ?? []],
    ...Object.entries(groups).map(([id, { allowFrom = [] }]): [string, string[]] => {
      return [`${keyOf(facts, "groups")}.${id}.allowFrom`, allowFrom];
    }),
  ];
  return lists.flatMap(([key, entries]) => {
    const names = entries.filter((entry) => isName(facts.channel, entry));
    if (names.length === 0) return [];
    const quoted = names.map((name) => JSON.stringify(name)).join(", ");
    const message = `${quoted} looks like a name, which lets nobody in: only user ids count.`;
    const fix = "Write the person's id instead; the pairing code that the bot gives a stranger comes with it.";
    return [{ rule: "name-in-allowlist", key, message, fix, serious: false }];
  });
}

function isName(channel: Channel, entry: string): boolean {
  const id = userId(entry);
  return !SYMBOL.test(id) && (!IDS[channel].test(id) || GIVEN_NAME.test(id));
}
