/** The messages of one session or panel, and the short queue of events that a client can be given again. */

import { objectId, timestamp } from "./directory.ts";

export interface Message {
  readonly messageId: string;
  readonly author: string;
  /** Not always a string on the real platform. */
  readonly content: unknown;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly createdAt: string;
  hasRecall: boolean;
}

export interface ConversationEvent {
  readonly seq: number;
  readonly type: string;
  readonly timestamp: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** The server's default replay window; what is older must be read as messages. */
const EVENT_QUEUE_SIZE = 200;

const PAGE_DEFAULT = 50;
const PAGE_MAX = 100;

export class Conversation {
  readonly #messages: Message[] = [];
  #events: ConversationEvent[] = [];
  #seq = 0;

  add(author: string, content: unknown, meta: Readonly<Record<string, unknown>>): Message {
    const createdAt = timestamp();
    const message: Message = { messageId: objectId(), author, content, meta, createdAt, hasRecall: false };
    this.#messages.push(message);
    return message;
  }

  /** Sequence of the newest event. */
  get cursor(): number {
    return this.#seq;
  }

  event(type: string, payload: ConversationEvent["payload"]): ConversationEvent {
    this.#seq += 1;
    const event = { seq: this.#seq, type, timestamp: timestamp(), payload };
    this.#events = [...this.#events, event].slice(-EVENT_QUEUE_SIZE);
    return event;
  }

  /** Events after the cursor that are still queued, oldest first, and the cursor to go on from. */
  eventsAfter(cursor: number, limit = EVENT_QUEUE_SIZE): { cursor: number; events: ConversationEvent[] } {
    const events = this.#events.filter((event) => event.seq > cursor).slice(0, limit);
    return { cursor: events.at(-1)?.seq ?? this.#seq, events };
  }

  /** The server was restarted without its queue: events are numbered anew, messages are all there. */
  forgetEvents(): void {
    this.#events = [];
    this.#seq = 0;
  }

  /** Newest first. */
  page(beforeMessageId: string | undefined, limit = PAGE_DEFAULT): { messages: Message[]; nextCursor: string | null } {
    const newestFirst = this.#messages.toReversed();
    const before = newestFirst.findIndex((message) => message.messageId === beforeMessageId);
    const rest = newestFirst.slice(before + 1);
    const messages = rest.slice(0, Math.min(limit, PAGE_MAX));
    return { messages, nextCursor: rest.length > messages.length ? (messages.at(-1)?.messageId ?? null) : null };
  }

  find(messageId: string): Message | undefined {
    return this.#messages.find((message) => message.messageId === messageId);
  }

  remove(messageId: string): boolean {
    const index = this.#messages.findIndex((message) => message.messageId === messageId);
    if (index >= 0) this.#messages.splice(index, 1);
    return index >= 0;
  }
}
