/** The bot API's group half: groups, members, rules and threads. */

import type { Call, Routes } from "../http-api.ts";
import { Refusal } from "../refusal.ts";
import { channelTypes } from "../wukong/packet.ts";
import { businessError } from "./dialect.ts";
import { timestamp, type Bot, type Directory, type Group, type Rules, type Thread } from "./directory.ts";
import type { PostOffice } from "./post-office.ts";

/** Bytes of GROUP.md and THREAD.md. */
const RULES_MAX = 10_240;
const THREAD_NAME_MAX = 100;
const THREADS_MAX = 100;

export function groupRoutes(office: PostOffice): Routes<Bot> {
  const { directory } = office;

  const groupOf = (bot: Bot, call: Call, strangerStatus = 400) => memberGroup(directory, bot, call, strangerStatus);

  const bots = (group: Group) => [...group.members.keys()].filter((uid) => directory.bots.has(uid));

  /** Rules change by a message to the group itself, written by the bot and mentioning every bot in it. */
  const announce = (bot: Bot, group: Group, channelId: string, channelType: number, event: object) => {
    const payload = { type: 1, content: "rules updated", event, mention: { uids: bots(group) } };
    office.post({ fromUid: bot.uid, channelId, channelType, payload: Buffer.from(JSON.stringify(payload)) });
  };

  const putGroupRules = (bot: Bot, call: Call) => {
    const group = groupOf(bot, call, 403);
    if (!group.members.get(bot.uid)?.isBotAdmin) throw new Refusal(403, "not an admin of this group");
    write(group.rules, call.body.textOr("content", ""), bot);
    const { version } = group.rules;
    const event = { type: "group_md_updated", version, updated_by: bot.uid, group_no: group.groupNo };
    announce(bot, group, group.groupNo, channelTypes.group, event);
    return { version };
  };

  const putThreadRules = (bot: Bot, call: Call) => {
    const group = groupOf(bot, call, 403);
    const thread = threadOf(group, call);
    if (call.body.textOr("content", "").trim() === "") throw businessError("content must not be empty");
    write(thread.rules, call.body.text("content"), bot);
    const { version } = thread.rules;
    const place = { group_no: group.groupNo, short_id: thread.shortId };
    const event = { type: "thread_md_updated", version, updated_by: bot.uid, ...place };
    announce(bot, group, directory.threadChannel(group, thread), channelTypes.thread, event);
    return { version };
  };

  const describeThread = (group: Group, thread: Thread) => {
    const channelId = directory.threadChannel(group, thread);
    return {
      short_id: thread.shortId,
      group_no: group.groupNo,
      group_name: group.name,
      channel_id: channelId,
      channel_type: channelTypes.thread,
      name: thread.name,
      creator_uid: thread.creatorUid,
      ...(thread.sourceMessageId === undefined ? {} : { source_message_id: thread.sourceMessageId }),
      status: 1,
      member_count: group.members.size,
      message_count: office.log.count(channelTypes.thread, channelId),
      has_thread_md: thread.rules.version > 0,
      thread_md_version: thread.rules.version,
    };
  };

  const listThreads = (bot: Bot, call: Call) => {
    const group = groupOf(bot, call);
    const all = [...group.threads.values()].map((thread) => describeThread(group, thread));
    const size = Number(call.query.get("page_size") ?? 0);
    if (size === 0) return all.slice(0, THREADS_MAX);
    const first = (Number(call.query.get("page_index") ?? 1) - 1) * size;
    return { count: all.length, list: all.slice(first, first + size) };
  };

  const createThread = (bot: Bot, call: Call) => {
    const group = groupOf(bot, call);
    const name = call.body.text("name");
    if (name.length > THREAD_NAME_MAX) throw businessError("name is too long");
    const source = call.body.raw["source_message_id"];
    const isId = typeof source === "bigint" || typeof source === "number";
    return describeThread(group, directory.addThread(group, name, bot.uid, isId ? BigInt(source) : undefined));
  };

  return {
    "GET /v1/bot/groups": (bot) => {
      const mine = [...directory.groups.values()].filter((group) => group.members.has(bot.uid));
      // A Go server writes an empty list that was never filled as null.
      return mine.length === 0 ? null : mine.map(({ groupNo, name }) => ({ group_no: groupNo, name }));
    },
    "GET /v1/bot/groups/:no": (bot, call) => {
      const { groupNo, name, notice, creator, createdAt } = groupOf(bot, call);
      return { group_no: groupNo, name, notice, creator, status: 1, created_at: createdAt };
    },
    "GET /v1/bot/groups/:no/members": (bot, call) =>
      [...groupOf(bot, call).members].map(([uid, { role, since }]) => {
        const owner = directory.bots.get(uid)?.ownerUid;
        const owned = owner === undefined ? {} : { owner_uid: owner, owner_name: directory.nameOf(owner) ?? owner };
        const robot = owner === undefined ? 0 : 1;
        return { uid, name: directory.nameOf(uid) ?? uid, role, robot, created_at: since, ...owned };
      }),
    "GET /v1/bot/groups/:no/md": (bot, call) => read(groupOf(bot, call, 403).rules),
    "PUT /v1/bot/groups/:no/md": putGroupRules,
    "GET /v1/bot/groups/:no/threads": listThreads,
    "POST /v1/bot/groups/:no/threads": createThread,
    "GET /v1/bot/groups/:no/threads/:sid": (bot, call) => {
      const group = groupOf(bot, call);
      return describeThread(group, threadOf(group, call));
    },
    "GET /v1/bot/groups/:no/threads/:sid/md": (bot, call) => read(threadOf(groupOf(bot, call, 403), call).rules),
    "PUT /v1/bot/groups/:no/threads/:sid/md": putThreadRules,
  };
}

/** The group of this path, for a member; everyone else is told with this status. */
export function memberGroup(directory: Directory, bot: Bot, { params }: Call, strangerStatus = 400): Group {
  const groupNo = params["no"] ?? "";
  if (!/^[0-9a-f]{32}$/.test(groupNo)) throw businessError("invalid group_no");
  const group = directory.groups.get(groupNo);
  if (group === undefined) throw businessError("group not found");
  if (!group.members.has(bot.uid)) throw new Refusal(strangerStatus, "not a member of this group");
  return group;
}

export function threadOf(group: Group, { params }: Call): Thread {
  const shortId = params["sid"] ?? "";
  if (!/^\d{15,20}$/.test(shortId)) throw businessError("invalid short_id");
  const thread = group.threads.get(shortId);
  if (thread === undefined) throw businessError("thread not found");
  return thread;
}

function read({ content, version, updatedAt, updatedBy }: Rules) {
  return { content, version, updated_at: updatedAt, updated_by: updatedBy };
}

function write(rules: Rules, content: string, bot: Bot): void {
  if (Buffer.byteLength(content) > RULES_MAX) throw businessError("content is too long");
  rules.content = content;
  rules.version += 1;
  rules.updatedAt = timestamp();
  rules.updatedBy = bot.uid;
}
