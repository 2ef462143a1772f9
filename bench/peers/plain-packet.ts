/** RECV and RECVACK of protocol version 5, as somebody would write them who needs nothing else. */

export type PlainRecv = {
  flags: number;
  msgKey: string;
  fromUid: string;
  channelId: string;
  channelType: number;
  clientMsgNo: string;
  messageId: bigint;
  messageSeq: number;
  timestamp: number;
  payload: Buffer;
};

const RECV = 5;
const RECVACK = 6;
/** Bits of the header's flags that a RECVACK repeats: NO_PERSIST and SYNC_ONCE. */
const ECHOED = 0b0101;

export function decodeRecv(frame: Buffer): PlainRecv {
  const header = frame.readUInt8(0);
  if (header >> 4 !== RECV) throw new Error(`packet of type ${header >> 4}`);
  let at = 1;
  let remaining = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = frame.readUInt8(at++);
    remaining |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  if (frame.length !== at + remaining) throw new Error("not one packet");
  const text = (): string => {
    const start = at + 2;
    at = start + frame.readUInt16BE(at);
    return frame.toString("utf8", start, at);
  };
  at += 1; // setting
  const [msgKey, fromUid, channelId] = [text(), text(), text()];
  const channelType = frame.readUInt8(at);
  at += 5; // with expire
  const clientMsgNo = text();
  const messageId = frame.readBigInt64BE(at);
  const messageSeq = frame.readUInt32BE(at + 8);
  const timestamp = frame.readInt32BE(at + 12);
  const payload = frame.subarray(at + 16);
  const flags = header & 0x0f;
  return {
    flags,
    msgKey,
    fromUid,
    channelId,
    channelType,
    clientMsgNo,
    messageId,
    messageSeq,
    timestamp,
    payload,
  };
}

export function encodeRecvack(recv: PlainRecv): Buffer {
  const frame = Buffer.allocUnsafe(14);
  frame.writeUInt8((RECVACK << 4) | (recv.flags & ECHOED), 0);
  frame.writeUInt8(12, 1);
  frame.writeBigInt64BE(recv.messageId, 2);
  frame.writeUInt32BE(recv.messageSeq, 10);
  return frame;
}

/** What a message key covers before the payload. */
export function signedFields(recv: PlainRecv): string {
  const { messageId, messageSeq, clientMsgNo, timestamp, fromUid, channelId, channelType } = recv;
  return `${messageId}${messageSeq}${clientMsgNo}${timestamp}${fromUid}${channelId}${channelType}`;
}
