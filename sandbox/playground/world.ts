/** Who can be played, and where they can talk: the sandbox's world, with a third person and a direct chat for everybody. */

import { accounts } from "../channels.ts";
import type { Sandbox } from "../index.ts";
import type { Bot, Person, Room } from "./protocol.ts";

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

export type BotIdentity = Omit<Bot, "isConnected" | "firstConnectedAt">;

/** In DMWork ids are uids, in Mochat nicknames. The third one is nobody's owner and has a name in another script. */
export const people: readonly Person[] = [
  { id: "ann", name: "Ann Lee", isOwner: true },
  { id: "bob", name: "Bob", isOwner: false },
  { id: "chen", name: "陈晨", isOwner: false },
];
const everybody = people.map(({ id }) => id);

/** What Mochat and direct chats lack. */
const plain = { hasRules: false, canCallAll: false } as const;

export function botsOf({ world }: Sandbox): BotIdentity[] {
  const { claw, scout } = world.mochat.agents;
  return [
    { id: "claw", name: "claw", platform: "mochat", userId: claw.userId },
    { id: "scout", name: "scout", platform: "mochat", userId: scout.userId },
    { id: "reviewer", name: "Reviewer", platform: "dmwork", userId: "reviewer_bot" },
    { id: "helper", name: "Helper", platform: "dmwork", userId: "helper_bot" },
  ];
}

/** Brings whoever the sandbox does not know into all its shared places. */
export function admit({ dmwork, mochat, world }: Sandbox): void {
  for (const { id, name } of people.filter((person) => !dmwork.directory.users.has(person.id))) {
    dmwork.addUser(id, name);
    for (const bot of dmwork.directory.bots.values()) bot.friends.add(id);
    for (const group of dmwork.directory.groups.values()) dmwork.directory.addMember(group, id);
    const { userId } = mochat.directory.addUser(id);
    mochat.directory.groups.get(world.mochat.groupId)?.members.add(userId);
    mochat.directory.sessions.get(world.mochat.teamSession)?.participants.add(userId);
  }
}

/** All rooms of people who were admitted; Mochat's first. */
export function spotsOf(sandbox: Sandbox, bots: readonly BotIdentity[]): Spot[] {
  const [claw] = bots;
  const inDmwork = bots.filter(({ platform }) => platform === "dmwork");
  return [
    ...everybody.flatMap((person) => (claw === undefined ? [] : [chatWith(claw, person, sessionOf(sandbox, person))])),
    ...sharedInMochat(sandbox),
    ...everybody.flatMap((person) => inDmwork.map((bot) => chatWith(bot, person))),
    ...sharedInDmwork(sandbox),
  ];
}

/** A direct chat: in Mochat a session of two. */
function chatWith({ id: bot, platform, name: title, userId }: BotIdentity, person: string, session?: string): Spot {
  const id = `${platform}-${bot}-${person}`;
  const at = session === undefined ? { dm: userId } : { session };
  return {
    ...plain,
    id,
    platform,
    kind: "direct",
    title,
    people: [person],
    bots: [bot],
    at,
    channel: session ?? userId,
  };
}

/** The owner has one already. */
function sessionOf({ mochat, world }: Sandbox, person: string): string {
  const { userId } = mochat.directory.person(person);
  const { agents, ownerId, ownerSession } = world.mochat;
  return userId === ownerId ? ownerSession : mochat.directory.addSession([userId, agents.claw.userId]).sessionId;
}

function sharedInMochat({ world }: Sandbox): Spot[] {
  const { panels, teamSession: session } = world.mochat;
  const room = { ...plain, platform: "mochat", people: everybody } as const;
  const panel = (name: string, channel: string): Spot => {
    const called = { id: `mochat-${name}`, title: `#${name}` };
    return { ...room, ...called, kind: "panel", bots: accounts.mochat, at: { panel: channel }, channel };
  };
  return [
    { ...room, id: "mochat-team", kind: "session", title: "team", bots: ["claw"], at: { session }, channel: session },
    panel("build", panels.build),
    panel("random", panels.random),
  ];
}

function sharedInDmwork({ world }: Sandbox): Spot[] {
  const { groupNo: group, threadChannel: thread } = world.dmwork;
  const shared = { people: everybody, bots: accounts.dmwork, hasRules: true, canCallAll: true } as const;
  const room = { ...shared, platform: "dmwork" } as const;
  return [
    { ...room, id: "dmwork-group", kind: "group", title: "release crew", at: { group }, channel: group },
    { ...room, id: "dmwork-thread", kind: "thread", title: "flaky tests", at: { thread }, channel: thread },
  ];
}
