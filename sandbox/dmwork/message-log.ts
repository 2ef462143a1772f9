/** Every stored message by channel, with the sequence that each channel counts. */

import { channelKey, messageIds, type StoredMessage } from "../wukong/message.ts";
import { noFlags, type Flags } from "../wukong/packet.ts";

export interface Draft {
  readonly fromUid: string;
  readonly channelId: string;
  readonly channelType: number;
  readonly payload: Buffer;
  readonly clientMsgNo?: string | undefined;
  readonly flags?: Partial<Flags> | undefined;
  readonly setting?: number | undefined;
  readonly topic?: string | undefined;
  readonly stream?: StoredMessage["stream"];
}

export interface Page {
  readonly start: number;
  readonly end: number;
  readonly limit: number;
  /** 0 goes to older messages, 1 to newer ones. */
  readonly pullMode: number;
}

export class MessageLog {
  readonly #channels = new Map<string, StoredMessage[]>();
  /** Command messages count for themselves, so that they leave no gaps in the channel's own sequence. */
  readonly #commandSeqs = new Map<string, number>();
  readonly #byId = new Map<bigint, StoredMessage>();
  readonly #edits = new Map<bigint, string>();
  readonly #nextId = messageIds();

  store(draft: Draft): StoredMessage {
    const key = channelKey(draft.channelType, draft.channelId, draft.fromUid);
    const flags = { ...noFlags, redDot: true, ...draft.flags };
    const messageId = this.#nextId();
    const message: StoredMessage = {
      messageId,
      messageSeq: this.#seq(key, flags),
      clientMsgNo: draft.clientMsgNo ?? messageId.toString(16),
      fromUid: draft.fromUid,
      channelId: draft.channelId,
      channelType: draft.channelType,
      timestamp: Math.floor(Date.now() / 1000),
      flags,
      setting: draft.setting ?? 0,
      topic: draft.topic,
      stream: draft.stream,
      payload: draft.payload,
    };
    this.#byId.set(messageId, message);
    if (!flags.noPersist && !flags.syncOnce) this.#channel(key).push(message);
    return message;
  }

  /** Clients show this instead from now on; the log itself keeps what was sent first. `false` if it is nothing new. */
  edit(messageId: bigint, content: string): boolean {
    if (this.#edits.get(messageId) === content) return false;
    this.#edits.set(messageId, content);
    return true;
  }

  /** What clients show of a message that was edited. */
  editOf(messageId: bigint): string | undefined {
    return this.#edits.get(messageId);
  }

  find(messageId: bigint): StoredMessage | undefined {
    return this.#byId.get(messageId);
  }

  /** Ascending by sequence. `start` is inclusive, `end` exclusive, and 0 means open; with both open, the latest page. */
  page(channelType: number, channelId: string, uid: string, { start, end, limit, pullMode }: Page): StoredMessage[] {
    const all = this.#channel(channelKey(channelType, channelId, uid));
    if (start === 0 && end === 0) return all.slice(-limit);
    // Sequences count from 1 without gaps, so a message with sequence n stands at n - 1.
    if (pullMode === 1) return all.slice(Math.max(start - 1, 0), end === 0 ? undefined : end - 1).slice(0, limit);
    return all.slice(end, start === 0 ? undefined : start).slice(-limit);
  }

  count(channelType: number, channelId: string): number {
    return this.#channel(channelKey(channelType, channelId, "")).length;
  }

  #channel(key: string): StoredMessage[] {
    const known = this.#channels.get(key);
    if (known !== undefined) return known;
    const fresh: StoredMessage[] = [];
    this.#channels.set(key, fresh);
    return fresh;
  }

  #seq(key: string, flags: Flags): number {
    if (flags.noPersist) return 0;
    if (!flags.syncOnce) return this.#channel(key).length + 1;
    const seq = (this.#commandSeqs.get(key) ?? 0) + 1;
    this.#commandSeqs.set(key, seq);
    return seq;
  }
}
