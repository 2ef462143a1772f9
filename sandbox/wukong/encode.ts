/** A Packet to the bytes of one WuKongIM packet, in the layout of the negotiated version. */

import { ByteWriter } from "./bytes.ts";
import {
  noFlags,
  packetTypes,
  setting as settingBit,
  type Connack,
  type Connect,
  type Flags,
  type Packet,
  type Recv,
  type Send,
} from "./packet.ts";

/** Every known decoder refuses a longer body. */
export const MAX_REMAINING_LENGTH = 1 << 20;

export function encodePacket(packet: Packet, version: number): Buffer {
  const header = packetTypes[packet.kind] << 4;
  // PING and PONG are one byte: they alone carry no length.
  if (packet.kind === "PING" || packet.kind === "PONG") return Buffer.of(header);
  const body = encodeBody(packet, version);
  return Buffer.concat([Buffer.of(header | lowNibble(packet)), encodeLength(body.length), body]);
}

function lowNibble(packet: Packet): number {
  if (packet.kind === "CONNACK") return packet.serverVersion === undefined ? 0 : 1;
  return "flags" in packet ? flagBits(packet.flags) : flagBits(noFlags);
}

function flagBits(flags: Flags): number {
  return (
    Number(flags.noPersist) | (Number(flags.redDot) << 1) | (Number(flags.syncOnce) << 2) | (Number(flags.dup) << 3)
  );
}

/** Seven bits a byte, low first. */
function encodeLength(length: number): Buffer {
  const bytes: number[] = [];
  for (let left = length; left > 0; left >>= 7) bytes.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
  return Buffer.from(bytes);
}

// oxlint-disable-next-line typescript/consistent-return -- every kind returns, and the compiler checks it
function encodeBody(packet: Exclude<Packet, { kind: "PING" | "PONG" }>, version: number): Buffer {
  const write = new ByteWriter();
  switch (packet.kind) {
    case "CONNECT":
      return connect(write, packet);
    case "CONNACK":
      return connack(write, packet);
    case "SEND":
      return send(write, packet, version);
    case "SENDACK":
      messageSeq(write.i64(packet.messageId).u32(packet.clientSeq), packet.messageSeq, version).u8(packet.reasonCode);
      if (packet.clientMsgNo !== undefined) write.text(packet.clientMsgNo);
      return write.finish();
    case "RECV":
      return recv(write, packet, version);
    case "RECVACK":
      return messageSeq(write.i64(packet.messageId), packet.messageSeq, version).finish();
    case "DISCONNECT":
      return write.u8(packet.reasonCode).text(packet.reason).finish();
    case "SUB":
      write.u8(packet.setting).text(packet.subNo).text(packet.channelId).u8(packet.channelType);
      return write.u8(packet.action).text(packet.param).finish();
    case "SUBACK":
      write.text(packet.subNo).text(packet.channelId).u8(packet.channelType);
      return write.u8(packet.action).u8(packet.reasonCode).finish();
    case "EVENT":
      return write.text(packet.id).text(packet.eventType).i64(packet.timestamp).raw(packet.data).finish();
  }
}

function messageSeq(write: ByteWriter, seq: number, version: number): ByteWriter {
  return version >= 6 ? write.u64(BigInt(seq)) : write.u32(seq);
}

function hasStreamFields(version: number, setting: number): boolean {
  return version >= 2 && version < 5 && (setting & settingBit.stream) !== 0;
}

function connect(write: ByteWriter, packet: Connect): Buffer {
  write.u8(packet.protoVersion).u8(packet.deviceFlag).text(packet.deviceId).text(packet.uid).text(packet.token);
  return write.i64(packet.clientTimestamp).text(packet.clientKey).finish();
}

function connack(write: ByteWriter, packet: Connack): Buffer {
  if (packet.serverVersion !== undefined) write.u8(packet.serverVersion);
  write.i64(packet.timeDiff).u8(packet.reasonCode).text(packet.serverKey).text(packet.salt);
  if (packet.nodeId !== undefined) write.u64(packet.nodeId);
  return write.finish();
}

function send(write: ByteWriter, packet: Send, version: number): Buffer {
  write.u8(packet.setting).u32(packet.clientSeq).text(packet.clientMsgNo);
  if (hasStreamFields(version, packet.setting)) write.text(packet.streamNo ?? "");
  write.text(packet.channelId).u8(packet.channelType);
  if (version >= 3) write.u32(packet.expire ?? 0);
  write.text(packet.msgKey);
  if ((packet.setting & settingBit.topic) !== 0) write.text(packet.topic ?? "");
  return write.raw(packet.payload).finish();
}

function recv(write: ByteWriter, packet: Recv, version: number): Buffer {
  write.u8(packet.setting).text(packet.msgKey).text(packet.fromUid).text(packet.channelId).u8(packet.channelType);
  if (version >= 3) write.u32(packet.expire ?? 0);
  write.text(packet.clientMsgNo);
  if (hasStreamFields(version, packet.setting)) {
    write
      .u8(packet.streamFlag ?? 0)
      .text(packet.streamNo ?? "")
      .u64(packet.streamId ?? 0n);
  }
  messageSeq(write.i64(packet.messageId), packet.messageSeq, version).i32(packet.timestamp);
  if ((packet.setting & settingBit.topic) !== 0) write.text(packet.topic ?? "");
  return write.raw(packet.payload).finish();
}
