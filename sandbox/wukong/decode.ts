/** Bytes of one WuKongIM packet to a Packet. Field presence depends on the negotiated version. */

import { ByteReader, MalformedPacket } from "./bytes.ts";
import {
  packetTypes,
  setting as settingBit,
  type Connack,
  type Connect,
  type Flags,
  type Packet,
  type Recv,
  type Send,
  type Sendack,
} from "./packet.ts";

/** What the fixed header says: type in the high nibble, flags in the low one. */
export interface Header {
  readonly type: number;
  readonly flags: Flags;
  /** The lowest bit means NoPersist on messages and HasServerVersion on CONNACK. */
  readonly lowBit: boolean;
}

export function decodeHeader(byte: number): Header {
  const bit = (mask: number) => (byte & mask) !== 0;
  return {
    type: byte >> 4,
    flags: { noPersist: bit(1), redDot: bit(2), syncOnce: bit(4), dup: bit(8) },
    lowBit: bit(1),
  };
}

export function decodeBody(header: Header, body: Buffer, version: number): Packet {
  const read = new ByteReader(body);
  switch (header.type) {
    case packetTypes.CONNECT:
      return connect(read, header.flags);
    case packetTypes.CONNACK:
      return connack(read, header.lowBit, version);
    case packetTypes.SEND:
      return send(read, header.flags, version);
    case packetTypes.SENDACK:
      return sendack(read, version);
    case packetTypes.RECV:
      return recv(read, header.flags, version);
    case packetTypes.RECVACK:
      return { kind: "RECVACK", flags: header.flags, messageId: read.i64(), messageSeq: messageSeq(read, version) };
    case packetTypes.PING:
      return { kind: "PING" };
    case packetTypes.PONG:
      return { kind: "PONG" };
    case packetTypes.DISCONNECT:
      return { kind: "DISCONNECT", reasonCode: read.u8(), reason: read.text() };
    case packetTypes.SUB:
      return {
        kind: "SUB",
        setting: read.u8(),
        subNo: read.text(),
        channelId: read.text(),
        channelType: read.u8(),
        action: read.u8(),
        param: read.text(),
      };
    case packetTypes.SUBACK:
      return {
        kind: "SUBACK",
        subNo: read.text(),
        channelId: read.text(),
        channelType: read.u8(),
        action: read.u8(),
        reasonCode: read.u8(),
      };
    case packetTypes.EVENT:
      return { kind: "EVENT", id: read.text(), eventType: read.text(), timestamp: read.i64(), data: read.rest() };
    default:
      throw new MalformedPacket(`packet type ${header.type}`);
  }
}

/** Version 6 widened the sequence to 64 bits; a real one stays far below 2^53. */
function messageSeq(read: ByteReader, version: number): number {
  return version >= 6 ? Number(read.u64()) : read.u32();
}

/** Stream fields lived in SEND and RECV from version 2 until version 5 replaced them by EVENT. */
function hasStreamFields(version: number, setting: number): boolean {
  return version >= 2 && version < 5 && (setting & settingBit.stream) !== 0;
}

function connect(read: ByteReader, flags: Flags): Connect {
  return {
    kind: "CONNECT",
    flags,
    protoVersion: read.u8(),
    deviceFlag: read.u8(),
    deviceId: read.text(),
    uid: read.text(),
    token: read.text(),
    clientTimestamp: read.i64(),
    clientKey: read.text(),
  };
}

function connack(read: ByteReader, hasServerVersion: boolean, version: number): Connack {
  const serverVersion = hasServerVersion ? read.u8() : undefined;
  const packet: Connack = {
    kind: "CONNACK",
    timeDiff: read.i64(),
    reasonCode: read.u8(),
    serverKey: read.text(),
    salt: read.text(),
  };
  if (serverVersion !== undefined) packet.serverVersion = serverVersion;
  if ((serverVersion ?? version) >= 4) packet.nodeId = read.u64();
  return packet;
}

function send(read: ByteReader, flags: Flags, version: number): Send {
  const setting = read.u8();
  const clientSeq = read.u32();
  const clientMsgNo = read.text();
  const streamNo = hasStreamFields(version, setting) ? read.text() : undefined;
  const channelId = read.text();
  const channelType = read.u8();
  const expire = version >= 3 ? read.u32() : undefined;
  const msgKey = read.text();
  const topic = (setting & settingBit.topic) !== 0 ? read.text() : undefined;
  return {
    kind: "SEND",
    flags,
    setting,
    clientSeq,
    clientMsgNo,
    ...(streamNo === undefined ? {} : { streamNo }),
    channelId,
    channelType,
    ...(expire === undefined ? {} : { expire }),
    msgKey,
    ...(topic === undefined ? {} : { topic }),
    payload: read.rest(),
  };
}

function sendack(read: ByteReader, version: number): Sendack {
  const packet: Sendack = {
    kind: "SENDACK",
    messageId: read.i64(),
    clientSeq: read.u32(),
    messageSeq: messageSeq(read, version),
    reasonCode: read.u8(),
  };
  if (!read.isEmpty) packet.clientMsgNo = read.text();
  return packet;
}

function recv(read: ByteReader, flags: Flags, version: number): Recv {
  const setting = read.u8();
  const msgKey = read.text();
  const fromUid = read.text();
  const channelId = read.text();
  const channelType = read.u8();
  const expire = version >= 3 ? { expire: read.u32() } : {};
  const clientMsgNo = read.text();
  const stream = hasStreamFields(version, setting)
    ? { streamFlag: read.u8(), streamNo: read.text(), streamId: read.u64() }
    : {};
  const messageId = read.i64();
  const seq = messageSeq(read, version);
  const timestamp = read.i32();
  const topic = (setting & settingBit.topic) !== 0 ? { topic: read.text() } : {};
  const head = { kind: "RECV" as const, flags, setting, msgKey, fromUid, channelId, channelType, ...expire };
  return { ...head, clientMsgNo, ...stream, messageId, messageSeq: seq, timestamp, ...topic, payload: read.rest() };
}
