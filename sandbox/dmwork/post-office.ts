/** Takes a message from anyone, stores it, pushes it to the connected receivers and queues it for the bots. */

import type { Ledger } from "../ledger.ts";
import type { Connection } from "../wukong/connection.ts";
import { Hub, type HubOptions } from "../wukong/hub.ts";
import type { StoredMessage } from "../wukong/message.ts";
import { reasons, type Send } from "../wukong/packet.ts";
import { Directory } from "./directory.ts";
import { EventQueues } from "./event-queue.ts";
import { MessageLog, type Draft } from "./message-log.ts";

/** Payload type of a command: clients act on it and never show it. */
const COMMAND = 99;

export class PostOffice {
  readonly directory = new Directory();
  readonly log = new MessageLog();
  readonly events = new EventQueues(this.directory);
  readonly hub: Hub;
  /** Called with every message that is posted, commands included. */
  readonly listeners = new Set<(message: StoredMessage) => void>();

  constructor(ledger: Ledger, options: HubOptions) {
    this.hub = new Hub(ledger, (connection, packet, payload) => this.#acceptSend(connection, packet, payload), options);
  }

  post(draft: Draft, except?: Connection): StoredMessage {
    const message = this.log.store(draft);
    this.events.offer(message);
    const { channelId, channelType, fromUid } = message;
    this.hub.deliver(message, this.directory.receivers(channelId, channelType, fromUid), except);
    for (const listener of this.listeners) listener(message);
    return message;
  }

  /** A fleeting notice for the clients in a channel, such as typing. It is not stored and counts in no sequence. */
  command(fromUid: string, channelId: string, channelType: number, cmd: string, param: object): void {
    const payload = Buffer.from(JSON.stringify({ type: COMMAND, cmd, param }));
    const flags = { noPersist: true, syncOnce: true, redDot: false };
    this.post({ fromUid, channelId, channelType, payload, flags });
  }

  #acceptSend(connection: Connection, packet: Send, payload: Buffer): ReturnType<Hub["accept"]> {
    const { channelId, channelType, clientMsgNo, flags, setting, topic } = packet;
    const fromUid = connection.uid;
    if (this.directory.refusal(fromUid, channelId, channelType) !== undefined) {
      return { messageId: 0n, messageSeq: 0, reasonCode: reasons.subscriberNotExist };
    }
    const draft: Draft = { fromUid, channelId, channelType, payload, clientMsgNo, flags, setting, topic };
    const { messageId, messageSeq } = this.post(draft, connection);
    return { messageId, messageSeq, reasonCode: reasons.success };
  }
}
