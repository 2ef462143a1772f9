/** Takes a message for a session or panel, stores it, queues its event and tells everyone who should know. */

import type { Fields } from "../fields.ts";
import { Conversation, type ConversationEvent, type Message } from "./conversation.ts";
import {
  authorInfo,
  missing,
  panelTypes,
  timestamp,
  type Agent,
  type Directory,
  type Group,
  type Panel,
  type Session,
} from "./directory.ts";
import { panelRoom, sessionRoom, userRoom, type Realtime, type Subscribe } from "./realtime.ts";

/** A conversation's place: `id` is the session or panel id, `converseId` the platform's conversation. */
export interface Place {
  readonly kind: "session" | "panel";
  readonly id: string;
  readonly converseId: string;
  readonly groupId: string | null;
  readonly members: ReadonlySet<string>;
}

export class Exchange {
  /** Members of groups that may not write there, by user id. */
  readonly silenced = new Set<string>();
  /** Called with every message that is posted, and again when it is recalled. */
  readonly listeners = new Set<(place: Place, message: Message) => void>();
  /** Set once the socket server stands; both need each other. */
  realtime: Realtime | undefined;
  readonly directory: Directory;
  readonly #conversations = new Map<string, Conversation>();
  readonly #watchers = new Set<() => void>();
  #isClosed = false;

  constructor(directory: Directory) {
    this.directory = directory;
  }

  conversation(id: string): Conversation {
    const known = this.#conversations.get(id) ?? new Conversation();
    this.#conversations.set(id, known);
    return known;
  }

  post(place: Place, author: string, content: unknown, meta: Readonly<Record<string, unknown>> = {}): Message {
    const conversation = this.conversation(place.id);
    const message = conversation.add(author, content, meta);
    const session = this.directory.sessions.get(place.id);
    if (session !== undefined) session.updatedAt = message.createdAt;
    const info = authorInfo(this.directory.person(author));
    const { messageId } = message;
    const { groupId, converseId } = place;
    this.#queue(place, "message.add", { messageId, author, authorInfo: info, content, meta, groupId, converseId });
    this.#notify(place, "add", document(place, message));
    this.#fillInboxes(place, message);
    for (const listener of this.listeners) listener(place, message);
    return message;
  }

  /** The author takes a message back: the platform sends the whole document again, marked. */
  recall(place: Place, messageId: string): void {
    const message = this.#message(place, messageId);
    message.hasRecall = true;
    this.#notify(place, "update", document(place, message));
    for (const listener of this.listeners) listener(place, message);
  }

  /** An administrator deletes a message: only ids are sent. */
  remove(place: Place, messageId: string): void {
    this.#message(place, messageId);
    this.conversation(place.id).remove(messageId);
    this.#notify(place, "delete", { converseId: place.converseId, messageId });
  }

  /** An event of any type, as the platform has more of them than its clients know. */
  emitEvent(place: Place, type: string, payload: ConversationEvent["payload"]): ConversationEvent {
    return this.#queue(place, type, payload);
  }

  /** Tells people that what they are in has changed; clients look at their lists again. */
  announce(people: Iterable<string>, name: string, payload: object): void {
    this.realtime?.emit([...people].map(userRoom), name, payload);
  }

  /** What a socket may subscribe to. */
  readonly subscriptions: Readonly<Record<string, Subscribe>> = {
    "com.claw.im.subscribeSessions": (agent, socket, body) => {
      const sessions = body.texts("sessionIds").map((id) => this.directory.session(id, agent.userId));
      for (const { sessionId } of sessions) void socket.join(sessionRoom(sessionId));
      return { sessions: sessions.map(({ sessionId }) => this.#catchUp(sessionId, body)) };
    },
    "com.claw.im.subscribePanels": (agent, socket, body) => {
      const named = body.texts("panelIds");
      const panelIds = named.length > 0 ? named : this.#textPanels(agent);
      for (const id of panelIds) {
        this.directory.panel(id, agent.userId);
        void socket.join(panelRoom(id));
      }
      return { panelIds, groupId: agent.groupId };
    },
  };

  /** Resolves when the session has events after the cursor, or when the time is over. */
  watch(sessionId: string, cursor: number, timeoutMs: number): Promise<void> {
    if (this.conversation(sessionId).cursor > cursor) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const finish = () => {
      clearTimeout(timer);
      this.#watchers.delete(check);
      resolve();
    };
    const check = () => {
      if (this.#isClosed || this.conversation(sessionId).cursor > cursor) finish();
    };
    const timer = setTimeout(finish, timeoutMs);
    this.#watchers.add(check);
    return promise;
  }

  close(): void {
    this.#isClosed = true;
    for (const wake of this.#watchers) wake();
  }

  #message(place: Place, messageId: string): Message {
    const message = this.conversation(place.id).find(messageId);
    if (message === undefined) throw missing("message");
    return message;
  }

  #catchUp(sessionId: string, body: Fields) {
    const cursor = body.maybeObject("cursors")?.numberOr(sessionId, 0) ?? 0;
    return { sessionId, ...this.conversation(sessionId).eventsAfter(cursor, body.maybeNumber("limit")) };
  }

  /** An empty list subscribes to every text panel of the agent's groups. */
  #textPanels(agent: Agent): string[] {
    const mine = [...this.directory.groups.values()].filter((group) => group.members.has(agent.userId));
    const panels = mine.flatMap((group) => [...group.panels.values()]);
    return panels.filter((panel) => panel.type === panelTypes.text).map((panel) => panel.id);
  }

  #queue(place: Place, type: string, payload: ConversationEvent["payload"]): ConversationEvent {
    const event = this.conversation(place.id).event(type, payload);
    const room = place.kind === "session" ? sessionRoom(place.id) : panelRoom(place.id);
    const sessionId = place.id;
    // Both kinds name their place `sessionId`; in panel events it holds the panel's id.
    this.realtime?.emit([room], `claw.${place.kind}.events`, {
      sessionId,
      cursor: event.seq,
      events: [{ ...event, sessionId }],
    });
    for (const wake of this.#watchers) wake();
    return event;
  }

  #notify(place: Place, what: "add" | "update" | "delete", payload: object): void {
    this.realtime?.emit([...place.members].map(userRoom), `notify:chat.message.${what}`, payload);
  }

  /** In a panel only mentioned members get an inbox item; in a session all the others do. */
  #fillInboxes(place: Place, message: Message): void {
    const mentions: unknown = message.meta["mentions"];
    const addressed =
      place.kind === "session" ? [...place.members] : Array.isArray(mentions) ? mentions.map(String) : [];
    for (const userId of addressed) {
      if (userId === message.author) continue;
      this.realtime?.emit([userRoom(userId)], "notify:chat.inbox.append", inboxItem(place, message, userId));
    }
  }
}

export function sessionPlace({ sessionId, converseId, participants }: Session): Place {
  return { kind: "session", id: sessionId, converseId, groupId: null, members: participants };
}

export function panelPlace(group: Group, panel: Panel): Place {
  return { kind: "panel", id: panel.id, converseId: panel.id, groupId: group.groupId, members: group.members };
}

function document(place: Place, message: Message): object {
  const { messageId, content, author, hasRecall, meta, createdAt } = message;
  const group = place.groupId === null ? {} : { groupId: place.groupId };
  const dates = { createdAt, updatedAt: timestamp() };
  return {
    _id: messageId,
    content,
    author,
    ...group,
    converseId: place.converseId,
    hasRecall,
    reactions: [],
    meta,
    ...dates,
  };
}

function inboxItem(place: Place, message: Message, userId: string): object {
  const plain = String(message.content).replaceAll(/\[at=[^\]]*\](.*?)\[\/at\]/g, "@$1");
  const { createdAt } = message;
  return {
    _id: `${message.messageId.slice(0, -6)}${userId.slice(-6)}`,
    userId,
    type: "message",
    readed: false,
    createdAt,
    updatedAt: createdAt,
    payload: {
      groupId: place.groupId,
      converseId: place.converseId,
      messageId: message.messageId,
      messageAuthor: message.author,
      messageSnippet: message.content,
      messagePlainContent: plain,
    },
  };
}
