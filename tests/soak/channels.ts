/** Where the soak talks: direct chats, groups and threads, with and without the need of a mention. */

import type { Sandbox } from "../../sandbox/index.ts";
import type { DmworkSay } from "../../sandbox/dmwork/say.ts";
import { BOT } from "../client/client.ts";

export type Channel = {
  readonly key: string;
  readonly place: Pick<DmworkSay, "dm" | "group" | "thread">;
  /** Who talks there. */
  readonly people: readonly string[];
  readonly needsMention: boolean;
};

const PEOPLE = ["ann", "bob", "sales_ann"] as const;

/** Groups in which nobody has to mention the bot, and groups in which everybody has to. */
const FREE = ["free1", "free2"];
const STRICT = ["strict1", "strict2"];

export function openChannels({ dmwork: { directory } }: Sandbox): Channel[] {
  const direct = PEOPLE.map((uid) => ({ key: uid, place: { dm: BOT }, people: [uid], needsMention: false }));
  const groups = [...FREE, ...STRICT].flatMap((key) => {
    const group = directory.addGroup(key, "ann", [...PEOPLE, BOT]);
    const thread = directory.threadChannel(group, directory.addThread(group, `thread of ${key}`, "ann"));
    const rest = { people: PEOPLE, needsMention: STRICT.includes(key) };
    return [
      { key, place: { group: group.groupNo }, ...rest },
      { key: `${key}t`, place: { thread }, ...rest },
    ];
  });
  return [...direct, ...groups];
}

/** The rules of those groups; their threads inherit them. */
export function rulesOf({ dmwork: { directory } }: Sandbox): Record<string, { requireMention: boolean }> {
  const free = [...directory.groups.values()].filter(({ name }) => FREE.includes(name));
  return Object.fromEntries(free.map(({ groupNo }) => [groupNo, { requireMention: false }]));
}
