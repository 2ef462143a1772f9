/** The bots' event queues: what the server keeps for a bot that polls instead of holding a connection. */

import { isRecord } from "../json.ts";
import type { StoredMessage } from "../wukong/message.ts";
import { channelTypes } from "../wukong/packet.ts";
import type { Bot, Directory } from "./directory.ts";

export interface BotEvent {
  readonly event_id: number;
  readonly message: Record<string, unknown>;
}

interface Queue {
  lastId: number;
  /** By id, in the order of the ids. */
  readonly events: Map<number, BotEvent>;
}

export class EventQueues {
  readonly #queues = new Map<string, Queue>();
  readonly #directory: Directory;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /**
   * Queues the message for each bot that the server considers addressed. Unmentioned group talk is not queued, and neither
   * is what the server does not store.
   */
  offer(message: StoredMessage): void {
    if (message.flags.noPersist) return;
    const payload = readObject(message.payload);
    if (payload === undefined) return;
    for (const uid of this.#directory.receivers(message.channelId, message.channelType, message.fromUid)) {
      const bot = this.#directory.bots.get(uid);
      if (bot === undefined || uid === message.fromUid || !isFor(bot, message, payload)) continue;
      const queue = this.#of(uid);
      queue.lastId += 1;
      queue.events.set(queue.lastId, { event_id: queue.lastId, message: describe(message, payload) });
    }
  }

  /** Strictly after the given id, ascending. */
  after(uid: string, eventId: number, limit: number): BotEvent[] {
    const page: BotEvent[] = [];
    for (const event of this.#of(uid).events.values()) {
      if (page.length >= limit) break;
      if (event.event_id > eventId) page.push(event);
    }
    return page;
  }

  /** Removes exactly this event. */
  ack(uid: string, eventId: number): void {
    this.#of(uid).events.delete(eventId);
  }

  #of(uid: string): Queue {
    const known = this.#queues.get(uid) ?? { lastId: 0, events: new Map() };
    this.#queues.set(uid, known);
    return known;
  }
}

function isFor(bot: Bot, message: StoredMessage, payload: Record<string, unknown>): boolean {
  if (message.channelType === channelTypes.person) return bot.friends.has(message.fromUid);
  if (payload["robot_id"] === bot.uid) return true;
  const mention = payload["mention"];
  if (isRecord(mention)) {
    // Only `uids` counts here: a mention of all, or one made of entities alone, is not queued.
    const uids = mention["uids"];
    return Array.isArray(uids) && uids.includes(bot.uid);
  }
  return typeof payload["content"] === "string" && payload["content"].includes(`@${bot.uid}`);
}

function describe(message: StoredMessage, payload: Record<string, unknown>): Record<string, unknown> {
  const isPerson = message.channelType === channelTypes.person;
  return {
    message_id: message.messageId,
    message_seq: message.messageSeq,
    from_uid: message.fromUid,
    ...(isPerson ? {} : { channel_id: message.channelId, channel_type: message.channelType }),
    timestamp: message.timestamp,
    payload,
  };
}

/** Clients may send anything; only JSON objects are messages to a bot. */
function readObject(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return isRecord(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
