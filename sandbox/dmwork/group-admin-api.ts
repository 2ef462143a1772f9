/** The bot API calls that change groups: creation, info, members, and the life of threads. */

import type { Call, Routes } from "../http-api.ts";
import { Refusal } from "../refusal.ts";
import { businessError } from "./dialect.ts";
import type { Bot, Group } from "./directory.ts";
import { memberGroup, threadOf } from "./group-api.ts";
import type { PostOffice } from "./post-office.ts";

/** Longer group names are cut, not refused. */
const NAME_MAX = 20;
const MEMBERS_MAX = 200;
const SPACE_MEMBERS_DEFAULT = 50;
const SPACE_MEMBERS_MAX = 200;

export function groupAdminRoutes({ directory }: PostOffice): Routes<Bot> {
  /** The people among these; bots are left out by the server. */
  const people = (uids: readonly string[]) => uids.filter((uid) => directory.users.has(uid));

  const adminGroup = (bot: Bot, call: Call): Group => {
    const group = memberGroup(directory, bot, call, 403);
    if (!group.members.get(bot.uid)?.isBotAdmin) throw new Refusal(403, "not an admin of this group");
    return group;
  };

  const createGroup = (bot: Bot, { body }: Call) => {
    const members = body.texts("members");
    const humans = people(members);
    const creator = body.maybeText("creator") ?? humans[0];
    if (members.length > MEMBERS_MAX) throw businessError("too many members");
    if (creator === undefined || !directory.users.has(creator)) throw businessError("creator must be a person");
    const name = cut(body.textOr("name", "group"));
    const group = directory.addGroup(name, creator, [...humans, bot.uid]);
    const admin = group.members.get(bot.uid);
    if (admin !== undefined) admin.isBotAdmin = true;
    const skipped = members.filter((uid) => !humans.includes(uid));
    return { group_no: group.groupNo, name, ...(skipped.length === 0 ? {} : { skipped_members: skipped }) };
  };

  const changeInfo = (bot: Bot, call: Call) => {
    const group = adminGroup(bot, call);
    const { body } = call;
    if (!body.has("name") && !body.has("notice")) throw businessError("nothing to change");
    group.name = cut(body.textOr("name", group.name));
    group.notice = body.textOr("notice", group.notice);
    return { ok: true };
  };

  const addMembers = (bot: Bot, call: Call) => {
    const group = memberGroup(directory, bot, call, 403);
    const members = call.body.texts("members");
    const added = people(members).filter((uid) => !group.members.has(uid));
    for (const uid of added) directory.addMember(group, uid);
    const skipped = members.filter((uid) => directory.bots.has(uid));
    return { ok: true, added: added.length, ...(skipped.length === 0 ? {} : { skipped_bots: skipped }) };
  };

  const removeMembers = (bot: Bot, call: Call) => {
    const group = adminGroup(bot, call);
    const removed = call.body.texts("members").filter((uid) => uid !== bot.uid && group.members.delete(uid));
    return { ok: true, removed: removed.length };
  };

  const deleteThread = (bot: Bot, call: Call) => {
    const group = memberGroup(directory, bot, call);
    const thread = threadOf(group, call);
    const isAdmin = group.members.get(bot.uid)?.isBotAdmin === true;
    if (thread.creatorUid !== bot.uid && !isAdmin) throw businessError("not the creator of this thread");
    group.threads.delete(thread.shortId);
  };

  const threadMembers = (bot: Bot, call: Call) => {
    const group = memberGroup(directory, bot, call);
    const { creatorUid } = threadOf(group, call);
    return [...group.members].map(([uid, { since }]) => {
      return { uid, name: directory.nameOf(uid) ?? uid, role: uid === creatorUid ? 1 : 0, created_at: since };
    });
  };

  /** Every member of the group is in its threads here, so these only check that the thread is there. */
  const joinOrLeave = (bot: Bot, call: Call) => void threadOf(memberGroup(directory, bot, call), call);

  return {
    "POST /v1/bot/createGroup": createGroup,
    "PUT /v1/bot/groups/:no/info": changeInfo,
    "POST /v1/bot/groups/:no/members/add": addMembers,
    "POST /v1/bot/groups/:no/members/remove": removeMembers,
    "DELETE /v1/bot/groups/:no/threads/:sid": deleteThread,
    "GET /v1/bot/groups/:no/threads/:sid/members": threadMembers,
    "POST /v1/bot/groups/:no/threads/:sid/join": joinOrLeave,
    "POST /v1/bot/groups/:no/threads/:sid/leave": joinOrLeave,
    "POST /v1/bot/setCommands": (_bot, { body }) => void body.objects("commands"),
    "GET /v1/bot/space/members": (_bot, { query }) => {
      const keyword = query.get("keyword") ?? "";
      const limit = Math.min(Number(query.get("limit") ?? SPACE_MEMBERS_DEFAULT), SPACE_MEMBERS_MAX);
      const all = [...directory.users.values(), ...directory.bots.values()];
      const found = all.filter(({ uid, name }) => uid.includes(keyword) || name.includes(keyword)).slice(0, limit);
      return found.map(({ uid, name }) => ({ uid, name, robot: directory.bots.has(uid) ? 1 : 0 }));
    },
  };
}

function cut(name: string): string {
  return Array.from(name).slice(0, NAME_MAX).join("");
}
