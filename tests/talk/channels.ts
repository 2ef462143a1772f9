/** Where people talk: direct chats, groups and threads, with and without the need of a mention. */

import type { DmworkSay } from "../../sandbox/dmwork/say.ts";
import type { Sandbox } from "../../sandbox/index.ts";
import { BOT } from "./bot.ts";

export type Channel = {
  readonly key: string;
  /** Somebody writes there. */
  readonly say: (from: string, text: string, mentionsBot: boolean) => void;
  /** Who talks there. */
  readonly people: readonly string[];
  readonly needsMention: boolean;
};

const PEOPLE = ["ann", "bob", "sales_ann"] as const;

/** Groups in which nobody has to mention the bot, and groups in which everybody has to. */
const FREE = ["free1", "free2"];
const STRICT = ["strict1", "strict2"];

export function openChannels({ dmwork }: Sandbox): Channel[] {
  const { directory } = dmwork;
  const channel = (
    key: string,
    place: Pick<DmworkSay, "dm" | "group" | "thread">,
    people: readonly string[],
  ): Channel => ({
    key,
    say: (from, text, mentionsBot) =>
      void dmwork.say({ from, ...place, text, ...(mentionsBot ? { mention: [BOT] } : {}) }),
    people,
    needsMention: STRICT.some((group) => key === group || key === `${group}t`),
  });
  const direct = PEOPLE.map((uid) => channel(uid, { dm: BOT }, [uid]));
  const groups = [...FREE, ...STRICT].flatMap((key) => {
    const group = directory.addGroup(key, "ann", [...PEOPLE, BOT]);
    const thread = directory.threadChannel(group, directory.addThread(group, `thread of ${key}`, "ann"));
    return [channel(key, { group: group.groupNo }, PEOPLE), channel(`${key}t`, { thread }, PEOPLE)];
  });
  return [...direct, ...groups];
}

/** The rules of those groups; their threads inherit them. */
export function rulesOf({ dmwork: { directory } }: Sandbox): Record<string, { requireMention: boolean }> {
  const free = [...directory.groups.values()].filter(({ name }) => FREE.includes(name));
  return Object.fromEntries(free.map(({ groupNo }) => [groupNo, { requireMention: false }]));
}
