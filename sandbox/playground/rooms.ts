/** Who can be played, where they can talk, and how the platforms call all of it. */

import { accounts } from "../channels.ts";
import type { Sandbox } from "../index.ts";
import { channelTypes } from "../wukong/packet.ts";
import type { StoredMessage } from "../wukong/message.ts";
import type { Bot, Person, Platform, Room } from "./protocol.ts";

/** A room and the way into it. */
export interface Spot extends Room {
  readonly at: At;
  /** The id of its Mochat session or panel, its DMWork group or thread; the uid of its bot. */
  readonly channel: string;
}

export type At =
  | { readonly session: string }
  | { readonly panel: string }
  | { readonly dm: string }
  | { readonly group: string }
  | { readonly thread: string };

export type BotIdentity = Omit<Bot, "isConnected">;

/** In DMWork ids are uids, in Mochat nicknames. The third one is nobody's owner and writes in another script. */
export const people: readonly Person[] = [
  { id: "ann", name: "Ann Lee", isOwner: true },
  { id: "bob", name: "Bob", isOwner: false },
  { id: "chen", name: "陈晨", isOwner: false },
];
const everybody = people.map(({ id }) => id);

export class Rooms {
  readonly bots: readonly BotIdentity[];
  readonly spots: readonly Spot[];
  /** By platform and the platform's id. */
  readonly #ids = new Map<string, string>();
  readonly #native = new Map<string, string>();

  /** Brings the third person into the sandbox's world, and gives everybody direct chats. */
  constructor({ dmwork, mochat, world }: Sandbox) {
    const { claw, scout } = world.mochat.agents;
    this.bots = [
      { id: "claw", name: "claw", platform: "mochat", userId: claw.userId },
      { id: "scout", name: "scout", platform: "mochat", userId: scout.userId },
      { id: "reviewer", name: "Reviewer", platform: "dmwork", userId: "reviewer_bot" },
      { id: "helper", name: "Helper", platform: "dmwork", userId: "helper_bot" },
    ];
    const newcomer = people.find(({ id }) => !dmwork.directory.users.has(id));
    if (newcomer !== undefined) {
      dmwork.addUser(newcomer.id, newcomer.name);
      for (const bot of dmwork.directory.bots.values()) bot.friends.add(newcomer.id);
      for (const group of dmwork.directory.groups.values()) dmwork.directory.addMember(group, newcomer.id);
      const { userId } = mochat.directory.addUser(newcomer.id);
      mochat.directory.groups.get(world.mochat.groupId)?.members.add(userId);
      mochat.directory.sessions.get(world.mochat.teamSession)?.participants.add(userId);
    }
    for (const { id } of people) {
      this.#know("dmwork", id, id);
      this.#know("mochat", id, mochat.directory.person(id).userId);
    }
    for (const { id, platform, userId } of this.bots) this.#know(platform, id, userId);
    const sessionOf = (person: string) =>
      person === "ann"
        ? world.mochat.ownerSession
        : mochat.directory.addSession([mochat.directory.person(person).userId, claw.userId]).sessionId;
    const direct = (person: string, bot: BotIdentity): Spot => {
      const session = bot.platform === "mochat" ? sessionOf(person) : undefined;
      const at = session === undefined ? { dm: bot.userId } : { session };
      const room = {
        id: `${bot.platform}-${bot.id}-${person}`,
        platform: bot.platform,
        kind: "direct",
        title: bot.name,
      } as const;
      return { ...room, ...closed, people: [person], bots: [bot.id], at, channel: session ?? bot.userId };
    };
    const [first, , ...others] = this.bots;
    const { panels, teamSession } = world.mochat;
    const { groupNo, threadChannel } = world.dmwork;
    const mochatRoom = { ...closed, platform: "mochat", people: everybody } as const;
    const dmworkRoom = { platform: "dmwork", people: everybody, hasRules: true, canCallAll: true } as const;
    const both = accounts.mochat;
    this.spots = [
      ...everybody.map((person) => (first === undefined ? [] : [direct(person, first)])).flat(),
      {
        ...mochatRoom,
        id: "mochat-team",
        kind: "session",
        title: "team",
        bots: ["claw"],
        at: { session: teamSession },
        channel: teamSession,
      },
      {
        ...mochatRoom,
        id: "mochat-build",
        kind: "panel",
        title: "#build",
        bots: both,
        at: { panel: panels.build },
        channel: panels.build,
      },
      {
        ...mochatRoom,
        id: "mochat-random",
        kind: "panel",
        title: "#random",
        bots: both,
        at: { panel: panels.random },
        channel: panels.random,
      },
      ...everybody.flatMap((person) => others.map((bot) => direct(person, bot))),
      {
        ...dmworkRoom,
        id: "dmwork-group",
        kind: "group",
        title: "release crew",
        bots: accounts.dmwork,
        at: { group: groupNo },
        channel: groupNo,
      },
      {
        ...dmworkRoom,
        id: "dmwork-thread",
        kind: "thread",
        title: "flaky tests",
        bots: accounts.dmwork,
        at: { thread: threadChannel },
        channel: threadChannel,
      },
    ];
  }

  #know(platform: Platform, id: string, native: string): void {
    this.#ids.set(`${platform} ${native}`, id);
    this.#native.set(`${platform} ${id}`, native);
  }

  /** A room without its addresses, for the page. */
  get shown(): Room[] {
    return this.spots.map(({ at: _at, channel: _channel, ...room }) => room);
  }

  get(id: string): Spot | undefined {
    return this.spots.find((spot) => spot.id === id);
  }

  bot(id: string): BotIdentity | undefined {
    return this.bots.find((bot) => bot.id === id);
  }

  /** The playground's id of a person or bot; whoever is no part of it keeps the platform's. */
  idOf(platform: Platform, native: string): string {
    return this.#ids.get(`${platform} ${native}`) ?? native;
  }

  /** The platform's id of a person or bot. */
  nativeOf(platform: Platform, id: string): string {
    return this.#native.get(`${platform} ${id}`) ?? id;
  }

  nameOf(id: string): string {
    return [...people, ...this.bots].find((somebody) => somebody.id === id)?.name ?? id;
  }

  inMochat(channel: string): Spot | undefined {
    return this.spots.find((spot) => spot.platform === "mochat" && spot.channel === channel);
  }

  inDmwork({
    channelId,
    channelType,
    fromUid,
  }: Pick<StoredMessage, "channelId" | "channelType" | "fromUid">): Spot | undefined {
    return this.spots.find(({ platform, kind, channel, people: [person = ""] }) => {
      if (platform !== "dmwork") return false;
      if (channelType !== channelTypes.person) return channel === channelId;
      const pair = [channelId, fromUid];
      return kind === "direct" && pair.includes(channel) && pair.includes(person);
    });
  }
}

/** What Mochat and direct chats lack. */
const closed = { hasRules: false, canCallAll: false } as const;
