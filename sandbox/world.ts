/** A small world to start from: people, bots and places on both platforms. */

import { panelTypes, type Agent } from "./mochat/directory.ts";
import type { DmworkServer } from "./dmwork.ts";
import type { MochatServer } from "./mochat.ts";

export interface World {
  readonly dmwork: {
    /** By uid: `reviewer_bot` and `helper_bot`, both owned by ann. */
    readonly tokens: { readonly reviewer_bot: string; readonly helper_bot: string };
    /** Ann's key for the user API. */
    readonly ownerKey: string;
    /** Has ann, bob, sales_ann and both bots; reviewer_bot is its bot admin. */
    readonly groupNo: string;
    readonly threadId: string;
    /** The thread's whole channel id. */
    readonly threadChannel: string;
  };
  readonly mochat: {
    readonly agents: { readonly claw: MochatAgent; readonly scout: MochatAgent };
    readonly ownerId: string;
    /** Of the second user, bob. */
    readonly bobId: string;
    /** claw and its owner. */
    readonly ownerSession: string;
    /** claw, its owner and bob. */
    readonly teamSession: string;
    readonly groupId: string;
    readonly panels: { readonly build: string; readonly random: string; readonly folder: string };
  };
}

export interface MochatAgent {
  readonly userId: string;
  readonly token: string;
}

function describe({ userId, token }: Agent): MochatAgent {
  return { userId, token };
}

export function seed(dmwork: DmworkServer, mochat: MochatServer): World {
  return { dmwork: seedDmwork(dmwork), mochat: seedMochat(mochat) };
}

function seedDmwork(server: DmworkServer): World["dmwork"] {
  // The third one looks like a Space prefix followed by a name, and is neither.
  const names = { ann: "Ann Lee", bob: "Bob", sales_ann: "Ann from Sales" };
  for (const [uid, name] of Object.entries(names)) server.addUser(uid, name);
  const reviewer = server.addBot("reviewer_bot", "ann", "Reviewer");
  const helper = server.addBot("helper_bot", "ann", "Helper");
  for (const bot of [reviewer, helper]) bot.friends.add("bob").add("sales_ann");
  const { directory } = server;
  const group = directory.addGroup("release crew", "ann", ["bob", "sales_ann", reviewer.uid, helper.uid]);
  const admin = group.members.get(reviewer.uid);
  if (admin !== undefined) admin.isBotAdmin = true;
  const thread = directory.addThread(group, "flaky tests", "ann");
  return {
    tokens: { reviewer_bot: reviewer.token, helper_bot: helper.token },
    ownerKey: directory.users.get("ann")?.apiKey ?? "",
    groupNo: group.groupNo,
    threadId: thread.shortId,
    threadChannel: directory.threadChannel(group, thread),
  };
}

function seedMochat({ directory }: MochatServer): World["mochat"] {
  const owner = directory.addUser("ann");
  const bob = directory.addUser("bob");
  const [claw, scout] = [directory.addAgent("claw"), directory.addAgent("scout")];
  for (const agent of [claw, scout]) agent.ownerId = owner.userId;
  const team = [owner.userId, bob.userId, claw.userId];
  const group = directory.groups.get(claw.groupId) ?? directory.addGroup("workspace", [claw.userId]);
  for (const id of [...team, scout.userId]) group.members.add(id);
  group.panels.clear();
  const folder = directory.addPanel(group, "channels", panelTypes.folder);
  const build = directory.addPanel(group, "build", panelTypes.text, { parentId: folder.id });
  const random = directory.addPanel(group, "random", panelTypes.text, { parentId: folder.id });
  return {
    agents: { claw: describe(claw), scout: describe(scout) },
    ownerId: owner.userId,
    bobId: bob.userId,
    ownerSession: directory.addSession([owner.userId, claw.userId]).sessionId,
    teamSession: directory.addSession(team).sessionId,
    groupId: group.groupId,
    panels: { build: build.id, random: random.id, folder: folder.id },
  };
}
