/** Counts packets while the ledger keeps only what is rare. */

import { BOT } from "../client/client.ts";
import type { EntryKind, Ledger } from "../../sandbox/ledger.ts";

/** Recorded for each message, or nearly; counted, not kept. */
const FREQUENT = new Set(["RECV", "RECVACK", "PING", "PONG", "POST /v1/bot/sendMessage", "POST /v1/bot/messages/sync"]);

export class Traffic {
  resent = 0;
  /** Ids of what people said. */
  readonly #pushed = new Set<unknown>();
  readonly #acked = new Set<unknown>();

  constructor(ledger: Ledger) {
    ledger.keep = (kind, name, data) => this.#see(kind, name, data);
  }

  /** How many different messages of people were sent as a RECV. */
  get pushed(): number {
    return this.#pushed.size;
  }

  /** How many of those were acknowledged. */
  get acknowledged(): number {
    return [...this.#pushed].filter((id) => this.#acked.has(id)).length;
  }

  #see(kind: EntryKind, name: string, data: object): boolean {
    const messageId = "messageId" in data ? data.messageId : undefined;
    if (name === "RECVACK") this.#acked.add(messageId);
    if (name === "RECV" && "resend" in data) this.resent += 1;
    if (name === "RECV" && "fromUid" in data && data.fromUid !== BOT) this.#pushed.add(messageId);
    // Each event of the queue is acknowledged by a call of its own.
    return !FREQUENT.has(name) && !(kind === "http" && name.endsWith("/ack"));
  }
}
