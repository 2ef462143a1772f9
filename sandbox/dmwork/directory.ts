/** Who exists on the DMWork server, and who may see whom. */

import { randomBytes } from "node:crypto";
import { channelTypes } from "../wukong/packet.ts";

export interface Bot {
  readonly uid: string;
  name: string;
  /** One credential for the HTTP API and for the realtime connection. */
  token: string;
  readonly ownerUid: string;
  description: string;
  readonly friends: Set<string>;
  /** The bot's Space; stamped into the payload of its direct messages. */
  spaceId?: string | undefined;
  /** Spaces that it joined later. */
  readonly laterSpaces: Set<string>;
}

export interface User {
  readonly uid: string;
  name: string;
  readonly token: string;
  /** Makes and changes this person's bots. */
  readonly apiKey: string;
}

/** GROUP.md or THREAD.md. */
export interface Rules {
  content: string;
  version: number;
  updatedAt: string | null;
  updatedBy: string;
}

export interface Thread {
  readonly shortId: string;
  name: string;
  readonly creatorUid: string;
  readonly sourceMessageId?: bigint | undefined;
  readonly rules: Rules;
}

export interface Member {
  /** 0 member, 1 creator. */
  role: number;
  /** A bot needs this to change the group's rules. */
  isBotAdmin: boolean;
  readonly since: string;
}

export interface Group {
  readonly groupNo: string;
  name: string;
  notice: string;
  readonly creator: string;
  readonly createdAt: string;
  readonly members: Map<string, Member>;
  readonly threads: Map<string, Thread>;
  readonly rules: Rules;
}

/** The wire id of a thread is its group and its own id around four underscores. */
const THREAD_SEPARATOR = "____";

/** The server's date format. */
export function timestamp(): string {
  return new Date().toISOString().replace("T", " ").slice(0, 19);
}

function secret(): string {
  return randomBytes(16).toString("hex");
}

function noRules(): Rules {
  return { content: "", version: 0, updatedAt: null, updatedBy: "" };
}

export class Directory {
  readonly bots = new Map<string, Bot>();
  readonly users = new Map<string, User>();
  readonly groups = new Map<string, Group>();
  #threadIds = 0;

  addBot(uid: string, ownerUid: string, name = uid): Bot {
    const token = `bf_${secret()}`;
    const bot: Bot = {
      uid,
      name,
      token,
      ownerUid,
      description: "",
      friends: new Set([ownerUid]),
      laterSpaces: new Set(),
    };
    this.bots.set(uid, bot);
    return bot;
  }

  addUser(uid: string, name = uid): User {
    const [token, apiKey] = [`ut_${secret()}`, `uk_${secret()}`];
    const user = { uid, name, token, apiKey };
    this.users.set(uid, user);
    return user;
  }

  addGroup(name: string, creator: string, members: readonly string[]): Group {
    const group: Group = {
      groupNo: randomBytes(16).toString("hex"),
      name,
      notice: "",
      creator,
      createdAt: timestamp(),
      members: new Map(),
      threads: new Map(),
      rules: noRules(),
    };
    for (const uid of new Set([creator, ...members])) this.addMember(group, uid);
    this.groups.set(group.groupNo, group);
    return group;
  }

  addMember(group: Group, uid: string): void {
    group.members.set(uid, { role: uid === group.creator ? 1 : 0, isBotAdmin: false, since: timestamp() });
  }

  addThread(group: Group, name: string, creatorUid: string, sourceMessageId?: bigint): Thread {
    this.#threadIds += 1;
    // 18 digits, as the server's own generator makes them.
    const shortId = String(400_000_000_000_000_000n + BigInt(Date.now()) * 1000n + BigInt(this.#threadIds));
    const thread: Thread = { shortId, name, creatorUid, sourceMessageId, rules: noRules() };
    group.threads.set(shortId, thread);
    return thread;
  }

  threadChannel(group: Group, thread: Thread): string {
    return `${group.groupNo}${THREAD_SEPARATOR}${thread.shortId}`;
  }

  botByToken(token: string): Bot | undefined {
    return [...this.bots.values()].find((bot) => bot.token === token);
  }

  nameOf(uid: string): string | undefined {
    return this.users.get(uid)?.name ?? this.bots.get(uid)?.name;
  }

  /** The group behind a group channel, or behind a thread channel that exists. */
  groupOf(channelId: string, channelType: number): Group | undefined {
    if (channelType === channelTypes.group) return this.groups.get(channelId);
    if (channelType !== channelTypes.thread) return undefined;
    const [groupNo = "", shortId = ""] = channelId.split(THREAD_SEPARATOR);
    const group = this.groups.get(groupNo);
    return group?.threads.has(shortId) ? group : undefined;
  }

  /** Everyone who gets a message of this channel, the sender's other devices included. */
  receivers(channelId: string, channelType: number, fromUid: string): string[] {
    if (channelType === channelTypes.person) return [channelId, fromUid];
    return [...(this.groupOf(channelId, channelType)?.members.keys() ?? [])];
  }

  /** Why this sender may not write there, or nothing. The server words every one of these as a plain 400. */
  refusal(fromUid: string, channelId: string, channelType: number): string | undefined {
    if (channelType === channelTypes.person) {
      const bot = this.bots.get(fromUid);
      if (this.nameOf(channelId) === undefined) return "user not found";
      return bot === undefined || bot.friends.has(channelId) ? undefined : "not a friend of this bot";
    }
    const group = this.groupOf(channelId, channelType);
    if (group === undefined) return "group not found";
    return group.members.has(fromUid) ? undefined : "not a member of this group";
  }
}
