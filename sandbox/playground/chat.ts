/** What stands in the rooms: every message of both platforms as their clients show it, whoever wrote it. */

import type { Sandbox } from "../index.ts";
import { isRecord, parseExact } from "../json.ts";
import type { LedgerEntry } from "../ledger.ts";
import type { Message } from "../mochat/conversation.ts";
import type { Place } from "../mochat/exchange.ts";
import type { StoredMessage } from "../wukong/message.ts";
import { dmworkFile, mochatFile, type Stored } from "./files.ts";
import type { ChatFile, ChatMessage, Quote } from "./protocol.ts";
import type { Rooms } from "./rooms.ts";

/** Messages that are remembered for pages that come later and for quotes; the oldest go first. */
const MOST_MESSAGES = 5_000;

export interface Typing {
  readonly room: string;
  readonly from: string;
}

export class Chat {
  /** Called with each message, and again whenever it has changed. */
  readonly listeners = new Set<(message: ChatMessage) => void>();
  readonly typing = new Set<(typing: Typing) => void>();
  readonly #messages = new Map<string, ChatMessage>();
  readonly #files = new Map<string, Stored>();
  readonly #sandbox: Sandbox;
  readonly #rooms: Rooms;

  constructor(sandbox: Sandbox, rooms: Rooms) {
    this.#sandbox = sandbox;
    this.#rooms = rooms;
    sandbox.mochat.exchange.listeners.add((place, message) => this.#inMochat(place, message));
    sandbox.dmwork.office.listeners.add((message) => this.#inDmwork(message));
    sandbox.ledger.watch((entry) => this.#called(entry));
  }

  get(id: string): ChatMessage | undefined {
    return this.#messages.get(id);
  }

  /** The latest so many, oldest first. */
  latest(count: number): ChatMessage[] {
    return [...this.#messages.values()].slice(-count);
  }

  /** The file of a message, for the page. */
  file(id: string): Stored | undefined {
    return this.#files.get(id);
  }

  /** A client shows it as taken back. */
  recalled(id: string): void {
    this.#change(id, { isRecalled: true });
  }

  #show(message: ChatMessage): void {
    this.#messages.set(message.id, message);
    const [oldest] = this.#messages.keys();
    if (this.#messages.size > MOST_MESSAGES && oldest !== undefined) {
      this.#messages.delete(oldest);
      this.#files.delete(oldest);
    }
    for (const listener of this.listeners) listener(message);
  }

  #change(id: string, change: Partial<ChatMessage>): void {
    const known = this.#messages.get(id);
    if (known !== undefined) this.#show({ ...known, ...change });
  }

  #inMochat({ id: channel }: Place, { messageId: id, author, content, meta, createdAt, hasRecall }: Message): void {
    const room = this.#rooms.inMochat(channel);
    if (room === undefined) return;
    if (hasRecall) {
      this.recalled(id);
      return;
    }
    const from = this.#rooms.idOf("mochat", author);
    const file = this.#keep(id, mochatFile(this.#sandbox, content));
    const text = this.#plain(typeof content === "string" ? content : "");
    const { mentions, reply } = meta;
    const called = Array.isArray(mentions) ? mentions.map((native) => this.#rooms.idOf("mochat", String(native))) : [];
    const quote = isRecord(reply) ? this.#quote(String(reply["_id"])) : null;
    const state = { isRecalled: false, isEdited: false };
    this.#show({ id, room: room.id, from, text, at: Date.parse(createdAt), mentions: called, quote, file, ...state });
  }

  #inDmwork(message: StoredMessage): void {
    const room = this.#rooms.inDmwork(message);
    // Notices such as typing are not stored, and no client shows them as a message.
    if (room === undefined || message.flags.noPersist) return;
    const id = message.messageId.toString();
    const payload = parsed(message.payload.toString("utf8"));
    // News for bots, such as that of a group's rules.
    if (payload["event"] !== undefined) return;
    const from = this.#rooms.idOf("dmwork", message.fromUid);
    const reply = payload["reply"];
    const quote = isRecord(reply) ? this.#quote(String(reply["message_id"])) : null;
    const state = { quote, isRecalled: false, isEdited: false, at: Date.now() };
    const mentions = this.#calledIn(payload["mention"]);
    const file = this.#keep(id, dmworkFile(this.#sandbox, payload));
    this.#show({ id, room: room.id, from, text: textOf(payload), mentions, file, ...state });
  }

  #keep(id: string, file: Stored | undefined): ChatFile | null {
    if (file === undefined) return null;
    this.#files.set(id, file);
    return { name: file.name, type: file.contentType, size: file.bytes.length, url: `api/files/${id}` };
  }

  #calledIn(mention: unknown): string[] {
    if (!isRecord(mention)) return [];
    const uids = Array.isArray(mention["uids"]) ? mention["uids"].map(String) : [];
    const isAll = mention["all"] === 1 || mention["all"] === true;
    return [...uids.map((uid) => this.#rooms.idOf("dmwork", uid)), ...(isAll ? ["all"] : [])];
  }

  #called({ kind, name, who, data }: LedgerEntry): void {
    const { status, request } = data;
    if (kind !== "http" || status !== 200 || !isRecord(request)) return;
    if (name === "POST /v1/bot/typing") {
      const [channelId, channelType] = [asText(request["channel_id"]), Number(request["channel_type"])];
      const room = this.#rooms.inDmwork({ channelId, channelType, fromUid: who });
      const from = this.#rooms.idOf("dmwork", who);
      if (room !== undefined) for (const listener of this.typing) listener({ room: room.id, from });
    }
    if (name === "POST /v1/bot/message/edit") {
      const text = textOf(parsed(asText(request["content_edit"])));
      this.#change(asText(request["message_id"]), { text, isEdited: true });
    }
  }

  #quote(id: string): Quote | null {
    const quoted = this.#messages.get(id);
    return quoted === undefined ? null : { id, from: quoted.from, text: quoted.text };
  }

  /** Mochat's markup as its client shows it. */
  #plain(content: string): string {
    return content
      .replaceAll(/\[at=([^\]]*)\].*?\[\/at\] ?/g, (_all, native: string) => {
        return `@${this.#rooms.nameOf(this.#rooms.idOf("mochat", native))} `;
      })
      .replaceAll(/\[img\b[^\]]*\][^[]*\[\/img\]|\[card type=file[^\]]*\].*?\[\/card\]/g, "")
      .trim();
  }
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value = parseExact(text);
    return isRecord(value) ? value : {};
  } catch (error) {
    // Bytes that are no payload: nobody can read them.
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** The text of a payload; of rich text all its pieces. */
function textOf({ content }: Readonly<Record<string, unknown>>): string {
  if (typeof content === "string") return content;
  const parts = Array.isArray(content) ? content.filter(isRecord) : [];
  return parts.flatMap(({ text }) => (typeof text === "string" ? [text] : [])).join("\n");
}
