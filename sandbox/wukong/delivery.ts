/** The RECV that a receiver gets of a message: addressed to it, encrypted for its connection, and sometimes damaged. */

import type { SessionCipher } from "./cipher.ts";
import { channelIdFor, type PersonChannel, type StoredMessage } from "./message.ts";
import type { Recv } from "./packet.ts";

/** What happens to a RECV on its way: its msgKey is wrong, or its payload is no ciphertext. */
export type Damage = "key" | "payload";

/** In the clear. */
export function recvFor(receiver: string, message: StoredMessage, personChannel: PersonChannel): Recv {
  const { topic, stream } = message;
  return {
    kind: "RECV",
    flags: message.flags,
    setting: message.setting,
    msgKey: "",
    fromUid: message.fromUid,
    channelId: channelIdFor(receiver, message, personChannel),
    channelType: message.channelType,
    clientMsgNo: message.clientMsgNo,
    ...(stream === undefined ? {} : { streamFlag: stream.flag, streamNo: stream.no, streamId: stream.id }),
    messageId: message.messageId,
    messageSeq: message.messageSeq,
    timestamp: message.timestamp,
    ...(topic === undefined ? {} : { topic }),
    payload: message.payload,
  };
}

/** Encrypted and signed. */
export function sealed(packet: Recv, cipher: SessionCipher): Recv {
  return signed({ ...packet, payload: cipher.encrypt(packet.payload) }, cipher);
}

export function damaged(packet: Recv, damage: Damage, cipher: SessionCipher | undefined): Recv {
  if (damage === "payload") return signed({ ...packet, payload: Buffer.from("no ciphertext") }, cipher);
  return { ...packet, msgKey: packet.msgKey.replace(/^./, (digit) => (digit === "0" ? "1" : "0")) };
}

function signed(packet: Recv, cipher: SessionCipher | undefined): Recv {
  return { ...packet, msgKey: cipher?.recvKey(packet) ?? "" };
}
