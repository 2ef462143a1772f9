/** The bot API: registration, messages, presence and events. */

import type { Routes } from "../http-api.ts";
import { stringifyExact } from "../json.ts";
import { Refusal } from "../refusal.ts";
import type { Fields } from "../fields.ts";
import { channelIdFor, type StoredMessage } from "../wukong/message.ts";
import { channelTypes } from "../wukong/packet.ts";
import { businessError } from "./dialect.ts";
import type { Bot } from "./directory.ts";
import type { PostOffice } from "./post-office.ts";

/** Bots connect as the app device, alone on it. */
export const BOT_DEVICE = 0;

const SYNC_DEFAULT = 50;
const SYNC_MAX = 200;
const EVENTS_DEFAULT = 20;
const EVENTS_MAX = 100;
const READ_RECEIPT_MAX = 100;

/** Where this server says that it can be reached; known only after it listens. */
export interface Addresses {
  readonly apiUrl: string;
  readonly wsUrl: string;
}

export function botRoutes(office: PostOffice, addresses: () => Addresses): Routes<Bot> {
  const { directory, events, hub, log } = office;
  const typing = new TypingWindows();

  const channelOf = (bot: Bot, body: Fields) => {
    const channelId = body.text("channel_id");
    const channelType = body.number("channel_type");
    const refusal = directory.refusal(bot.uid, channelId, channelType);
    if (refusal !== undefined) throw businessError(refusal);
    return { channelId, channelType };
  };

  return {
    "POST /v1/bot/register": (bot) => {
      // Nothing is refreshed: the same token is announced again, and that throws out the live connection.
      hub.setToken(bot.uid, BOT_DEVICE, bot.token, "master");
      const { apiUrl, wsUrl } = addresses();
      const owner = { owner_uid: bot.ownerUid, owner_channel_id: bot.ownerUid };
      return { robot_id: bot.uid, name: bot.name, im_token: bot.token, ws_url: wsUrl, api_url: apiUrl, ...owner };
    },
    "POST /v1/bot/sendMessage": (bot, { body, request }) => {
      const channel = channelOf(bot, body);
      const payload = { ...body.object("payload").raw };
      if (Object.keys(payload).length === 0) throw businessError("payload must not be empty");
      if (channel.channelType === channelTypes.person) {
        // The Space of a direct message is the server's word, never the sender's.
        const asked = String(request.headers["x-space-id"] ?? "");
        const space = bot.laterSpaces.has(asked) ? asked : bot.spaceId;
        if (space === undefined) delete payload["space_id"];
        else payload["space_id"] = space;
      }
      typing.posted(bot.uid, channel.channelId);
      const message = office.post({ fromUid: bot.uid, ...channel, payload: Buffer.from(stringifyExact(payload)) });
      const { messageId, clientMsgNo, messageSeq } = message;
      return { message_id: messageId, client_msg_no: clientMsgNo, message_seq: messageSeq };
    },
    "POST /v1/bot/typing": (bot, { body }) => {
      const { channelId, channelType } = channelOf(bot, body);
      if (!typing.isForwarded(bot.uid, channelId)) return;
      const param = { from_uid: bot.uid, from_name: bot.name, channel_id: channelId, channel_type: channelType };
      office.command(bot.uid, channelId, channelType, "typing", param);
    },
    "POST /v1/bot/heartbeat": () => undefined,
    "POST /v1/bot/readReceipt": (bot, { body }) => {
      const { channelId, channelType } = {
        channelId: body.text("channel_id"),
        channelType: body.numberOr("channel_type", 1),
      };
      if (directory.refusal(bot.uid, channelId, channelType) !== undefined) throw businessError("no such channel");
      if (body.texts("message_ids").length > READ_RECEIPT_MAX) throw businessError("too many message_ids");
    },
    "POST /v1/bot/message/edit": (bot, { body }) => {
      const { channelId, channelType } = channelOf(bot, body);
      const message = log.find(messageIdOf(body.text("message_id")));
      if (message === undefined) throw businessError("message not found");
      if (message.fromUid !== bot.uid) throw businessError("only the sender may edit a message");
      const content = body.text("content_edit");
      if (!isPayload(content)) throw businessError("content_edit must be a payload");
      // The same words again are no news.
      if (!log.edit(message.messageId, content)) return undefined;
      const param = { channel_id: channelId, channel_type: channelType };
      office.command(bot.uid, channelId, channelType, "syncMessageExtra", param);
      return undefined;
    },
    "POST /v1/bot/events": (bot, { body }) => {
      const limit = Math.min(body.numberOr("limit", 0) || EVENTS_DEFAULT, EVENTS_MAX);
      // This status is the endpoint's own: 1 is good, and even its failures are HTTP 200.
      return { status: 1, results: events.after(bot.uid, body.numberOr("event_id", 0), limit) };
    },
    "POST /v1/bot/events/:id/ack": (bot, { params }) => events.ack(bot.uid, Number(params["id"])),
    "POST /v1/bot/messages/sync": (bot, { body }) => {
      const { channelId, channelType } = channelOf(bot, body);
      const start = body.numberOr("start_message_seq", 0);
      const end = body.numberOr("end_message_seq", 0);
      const pullMode = body.numberOr("pull_mode", 0);
      const limit = Math.min(body.numberOr("limit", 0) || SYNC_DEFAULT, SYNC_MAX);
      const messages = log.page(channelType, channelId, bot.uid, { start, end, limit, pullMode });
      return {
        start_message_seq: start,
        end_message_seq: end,
        pull_mode: pullMode,
        messages: messages.map((message) => logEntry(bot.uid, message)),
      };
    },
    "GET /v1/bot/user/info": (_bot, { query }) => {
      // A Space prefix in front of a uid is not part of it.
      const uid = (query.get("uid") ?? "").replace(/^s\d+_/, "");
      const name = directory.nameOf(uid);
      if (name === undefined) throw new Refusal(404, "user not found");
      return { uid, name, avatar: `users/${uid}/avatar` };
    },
  };
}

/** How long the server passes typing on; then it answers as before, and nobody sees it. */
const TYPING_WINDOW_MS = 90_000;

/** Since when a bot types in a channel. A message of its own begins a new window. */
class TypingWindows {
  readonly #since = new Map<string, number>();

  posted(uid: string, channelId: string): void {
    this.#since.delete(`${uid} ${channelId}`);
  }

  isForwarded(uid: string, channelId: string): boolean {
    const key = `${uid} ${channelId}`;
    const since = this.#since.get(key) ?? Date.now();
    this.#since.set(key, since);
    return Date.now() - since < TYPING_WINDOW_MS;
  }
}

function isPayload(text: string): boolean {
  try {
    const payload: unknown = JSON.parse(text);
    return typeof payload === "object" && payload !== null && "type" in payload;
  } catch {
    return false;
  }
}

function messageIdOf(text: string): bigint {
  if (!/^\d+$/.test(text)) throw businessError("message_id must be a decimal string");
  return BigInt(text);
}

function logEntry(uid: string, message: StoredMessage): Record<string, unknown> {
  return {
    message_id: message.messageId,
    client_msg_no: message.clientMsgNo,
    message_seq: message.messageSeq,
    from_uid: message.fromUid,
    channel_id: channelIdFor(uid, message),
    channel_type: message.channelType,
    timestamp: message.timestamp,
    payload: message.payload.toString("base64"),
  };
}
